package dev.culebra.emulator.memory;

/** The device has no room left for an allocation. */
public final class OutOfDeviceMemoryException extends RuntimeException {
  private static final long serialVersionUID = 1;

  OutOfDeviceMemoryException(String message) {
    super(message);
  }
}
