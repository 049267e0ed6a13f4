package dev.culebra.emulator.driver;

import java.util.ArrayDeque;

/** A queue of work, done in order, when something makes it run. */
final class Stream implements HandleTable.Resource {
  /** {@code CU_STREAM_LEGACY}. */
  static final long LEGACY = 1;

  /** {@code CU_STREAM_PER_THREAD}. */
  static final long PER_THREAD = 2;

  final Context context;
  final long handle;
  final long id;
  final int priority;
  final StreamAttributes attributes = new StreamAttributes();

  /** Null while nothing is captured. */
  CapturedStream captured;

  private final boolean blocking;
  private final int index;
  private final CallSite site;
  private final ArrayDeque<Work> queue = new ArrayDeque<>();

  /** The last that was enqueued, done or not; null before the first. */
  private Work last;

  private boolean destroyed;

  private Stream(Context context, long special, boolean blocking, int priority, CallSite site) {
    this.context = context;
    this.blocking = blocking;
    this.priority = priority;
    this.site = site;
    id = context.driver.newId();
    index = context.driver.timeline.newStream();
    handle = special == 0 ? context.driver.handles.add(this) : special;
    context.streams.add(this);
  }

  /** Creates one as cuStreamCreate does. */
  static Stream create(Context context, boolean blocking, int priority) {
    return new Stream(context, 0, blocking, priority, CallSite.current());
  }

  /** One of the streams that every context has. */
  static Stream ofContext(Context context, long special, boolean blocking) {
    return new Stream(context, special, blocking, 0, null);
  }

  @Override
  public String what() {
    return "stream";
  }

  /** Whether it waits for the legacy stream, and that for it. */
  boolean blocking() {
    return blocking;
  }

  boolean legacy() {
    return handle == LEGACY;
  }

  /** Whether it belongs to its context rather than to whoever created it. */
  boolean special() {
    return handle == LEGACY || handle == PER_THREAD;
  }

  boolean destroyed() {
    return destroyed;
  }

  /** Its number among all streams of the driver. */
  int index() {
    return index;
  }

  /** Where it was created. */
  CallSite site() {
    return site;
  }

  Work last() {
    return last;
  }

  /** Enqueues a command, or makes it a node of the graph that the stream is captured into. */
  void submit(Command command) {
    Driver driver = context.driver;
    context.requireUsable();
    driver.captures.requireValid(this);
    if (captured != null) {
      captured.node(command);
    } else {
      driver.captures.refuseImplicit(this);
      driver.timeline.enqueue(this, command);
    }
  }

  void enqueue(Work work) {
    queue.add(work);
    last = work;
  }

  /** The first that is not done; null when all is. */
  Work head() {
    while (!queue.isEmpty() && queue.peek().done()) {
      queue.remove();
    }
    return queue.peek();
  }

  /** Drops what is queued: its context has failed. */
  void abandon() {
    for (Work work : queue) {
      work.finish();
    }
    queue.clear();
  }

  /** Ends it; what is queued is still done. */
  void release() {
    destroyed = true;
    if (!special()) {
      context.driver.handles.free(handle);
    }
    if (head() == null) {
      context.streams.remove(this);
    }
  }
}
