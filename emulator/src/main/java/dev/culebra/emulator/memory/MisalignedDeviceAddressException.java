package dev.culebra.emulator.memory;

/** An address that whoever uses it needs to be a multiple of some number of bytes, and is not. */
public final class MisalignedDeviceAddressException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public MisalignedDeviceAddressException(String message) {
    super(message);
  }
}
