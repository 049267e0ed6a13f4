package dev.culebra.emulator.driver;

/** The device failed: the context can't be used any more. */
final class DeviceFault extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final Status status;

  DeviceFault(Status status, String message) {
    super(message, null, false, false);
    this.status = status;
  }

  Status status() {
    return status;
  }
}
