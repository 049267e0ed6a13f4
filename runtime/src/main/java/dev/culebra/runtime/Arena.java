package dev.culebra.runtime;

/**
 * One contiguous piece of device memory from which tensors are cut, 256-byte aligned, one after the
 * other. Closing it ends the life of all of them: work enqueued before is waited for, and no graph
 * that uses one may be launched again.
 */
public interface Arena extends Allocator, AutoCloseable {
  /** What the memory is for, as error messages and memory reports call it. */
  String name();

  /** Bytes in all. */
  long size();

  /** Bytes handed out so far, alignment gaps included. */
  long used();

  @Override
  void close();
}
