package dev.culebra.emulator.driver;

import java.util.List;

/** A point in a stream's work. */
final class Event implements HandleTable.Resource, Context.ContextResource {
  final Context context;
  final long handle;
  final boolean timed;
  private final CallSite site;

  /** What was last recorded; null before the first time. */
  private Work record;

  /** The capture that it was last recorded in; null when it was last recorded outside. */
  private Capture capture;

  private List<GraphNode> capturedAt;
  private long nanos;

  Event(Context context, boolean timed) {
    this.context = context;
    this.timed = timed;
    site = CallSite.current();
    handle = context.driver.handles.add(this);
    context.own(this);
  }

  @Override
  public String what() {
    return "event";
  }

  /** It now stands for the end of that work. */
  void record(Work work) {
    record = work;
    capture = null;
    capturedAt = null;
  }

  /** It now stands for those nodes of a graph that is being captured. */
  void record(Capture session, List<GraphNode> nodes) {
    capture = session;
    capturedAt = nodes;
  }

  Work record() {
    return record;
  }

  /** The capture that it was last recorded in, ended or not; null for none. */
  Capture capture() {
    return capture;
  }

  List<GraphNode> capturedAt() {
    return capturedAt;
  }

  /** Notes when the work before it was done. */
  void reached() {
    nanos = System.nanoTime();
  }

  long nanos() {
    return nanos;
  }

  @Override
  public String leak() {
    return "an event, created at " + site;
  }

  @Override
  public void release() {
    context.disown(this);
    context.driver.handles.free(handle);
  }
}
