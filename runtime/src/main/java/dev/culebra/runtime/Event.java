package dev.culebra.runtime;

/** A point in a stream's order, see {@link Stream#record()}. */
public interface Event extends AutoCloseable {
  /** Blocks the host until all work before the event is done. Refused during capture. */
  void synchronize();

  @Override
  void close();
}
