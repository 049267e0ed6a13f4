package dev.culebra.emulator.memory;

/** Bytes that no allocation and no registered host memory holds. */
public final class IllegalDeviceAddressException extends RuntimeException {
  private static final long serialVersionUID = 1;

  IllegalDeviceAddressException(String message) {
    super(message);
  }
}
