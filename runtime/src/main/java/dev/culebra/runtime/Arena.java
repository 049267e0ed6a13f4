package dev.culebra.runtime;

/**
 * One contiguous piece of device memory from which tensors are cut, 256-byte aligned, one after the
 * other. Closing it ends the life of all of them: work enqueued before is waited for; operations on
 * them, and launches of graphs that use one, are refused from then on.
 */
public interface Arena extends Allocator, AutoCloseable {
  /** What the memory is for, as error messages and memory reports call it. */
  String name();

  /** Where the memory lies. */
  Device device();

  /** Whether its tensors may be used: false from {@link #close} on. */
  boolean isOpen();

  /** Bytes in all. */
  long size();

  /** Bytes handed out so far, alignment gaps included. */
  long used();

  @Override
  void close();
}
