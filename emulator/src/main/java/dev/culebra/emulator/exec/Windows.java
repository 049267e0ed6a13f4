package dev.culebra.emulator.exec;

/**
 * Where the state spaces lie among generic addresses (PTX ISA 6.4.1.1), above all addresses of the
 * device's memory. Global and constant memory have the device's addresses.
 */
final class Windows {
  /** Bytes of each. */
  static final long SIZE = 1L << 32;

  static final long SHARED = 1L << 48;
  static final long LOCAL = SHARED + SIZE;
  static final long PARAM = LOCAL + SIZE;

  /** Functions have addresses, but nothing can be read there. */
  static final long FUNCTIONS = PARAM + SIZE;

  /** Distance between functions' addresses. */
  static final long FUNCTION_BYTES = 16;

  private Windows() {}

  static boolean isShared(long address) {
    return address - SHARED >= 0 && address - SHARED < SIZE;
  }

  static boolean isLocal(long address) {
    return address - LOCAL >= 0 && address - LOCAL < SIZE;
  }

  static boolean isParam(long address) {
    return address - PARAM >= 0 && address - PARAM < SIZE;
  }
}
