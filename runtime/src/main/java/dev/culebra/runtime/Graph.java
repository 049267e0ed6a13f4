package dev.culebra.runtime;

/**
 * Work captured once by {@link Device#capture} and replayed with the same tensors. What shall
 * differ from launch to launch must lie in those tensors.
 */
public interface Graph extends AutoCloseable {
  /**
   * Enqueues the whole captured work on the device's stream. Allocates nothing. Not in capture.
   *
   * @throws IllegalStateException if the graph is closed, or an arena or weight that it uses
   */
  void launch();

  /** Waits for launches enqueued before and releases what only this graph kept. */
  @Override
  void close();
}
