package dev.culebra.runtime;

/** A device's memory. */
public interface Memory {
  /**
   * Allocates {@code bytes}, zeroed. Not in capture.
   *
   * @param name what it is for, in words that help who runs out of memory
   * @throws OutOfDeviceMemoryException when the device can't give so much; the message says what
   *     was asked for, for what, and who holds the rest
   */
  Arena arena(String name, long bytes);

  /** Bytes in open arenas and in weights in the device's own form. */
  long used();

  /** The most that {@link #used()} has been. */
  long peak();

  /** Bytes that could still be allocated, as far as the device can tell. */
  long free();
}
