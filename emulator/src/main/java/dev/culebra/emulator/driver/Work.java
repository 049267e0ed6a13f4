package dev.culebra.emulator.driver;

/** A command in a stream's queue. */
final class Work {
  final Stream stream;

  /** When it became part of the stream, seen from every stream. */
  final Clock clock;

  /** Position in its stream, from 1. */
  final int position;

  /** Where it was enqueued, for reports; null where nobody checks. */
  final CallSite site;

  private Command command;

  /** Work of other streams that has to be done first; null when done. */
  private Work[] predecessors;

  /** Whether a thread does it now. */
  private boolean running;

  private boolean done;
  private long finishedNanos;

  Work(
      Stream stream,
      Command command,
      Work[] predecessors,
      Clock clock,
      int position,
      CallSite site) {
    this.stream = stream;
    this.command = command;
    this.predecessors = predecessors;
    this.clock = clock;
    this.position = position;
    this.site = site;
  }

  Command command() {
    return command;
  }

  /** Work of another stream that has to be done before this; null when there is none left. */
  Work blocker() {
    if (predecessors != null) {
      for (Work predecessor : predecessors) {
        if (!predecessor.done) {
          return predecessor;
        }
      }
      predecessors = null;
    }
    return null;
  }

  boolean running() {
    return running;
  }

  void start() {
    running = true;
  }

  boolean done() {
    return done;
  }

  /** When it was done, as {@link System#nanoTime} counts. */
  long finishedNanos() {
    return finishedNanos;
  }

  void finish() {
    done = true;
    finishedNanos = System.nanoTime();
    predecessors = null;
    command = null;
  }
}
