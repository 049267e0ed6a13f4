package dev.culebra.emulator.driver;

/** Ends a driver function with a status. */
final class DriverException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final Status status;

  DriverException(Status status, String reason) {
    super(reason, null, false, false);
    this.status = status;
  }

  Status status() {
    return status;
  }
}
