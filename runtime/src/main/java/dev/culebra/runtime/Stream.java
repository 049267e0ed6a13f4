package dev.culebra.runtime;

/** A queue of device work, executed in order. */
public interface Stream {
  /** Marks the point after all work enqueued so far. */
  Event record();

  /** Work enqueued from now on waits for the event. */
  void await(Event event);

  /**
   * Blocks the host until all work enqueued so far is done.
   *
   * @throws IllegalStateException during capture
   */
  void synchronize();
}
