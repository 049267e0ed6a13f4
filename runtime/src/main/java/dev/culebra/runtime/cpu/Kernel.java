package dev.culebra.runtime.cpu;

/** Work that all workers of the pool do together, each calling {@link #run} once. */
@FunctionalInterface
interface Kernel {
  /**
   * Does the worker's share. Which worker does what may depend only on the number of workers, or be
   * claimed through {@link Worker#nextTask} where the tasks' results don't depend on who does them:
   * the same thread count must give the same bits.
   */
  void run(Worker worker);
}
