package dev.culebra.emulator.driver;

import dev.culebra.emulator.memory.Allocation;

/** Checks of addresses that a call names. */
final class DeviceRange {
  private DeviceRange() {}

  /** All bytes have to lie in one allocation, or in registered memory of the host. */
  static Allocation require(Context context, long address, long bytes, String what) {
    Allocation allocation = context.driver.memory().find(address);
    if (allocation == null || !allocation.contains(address, bytes)) {
      long wrong = allocation == null ? address : allocation.address() + allocation.bytes();
      throw context.driver.misuse(
          Status.INVALID_VALUE,
          what
              + " of "
              + bytes
              + " bytes at 0x"
              + Long.toHexString(address)
              + ": "
              + context.driver.memory().describe(wrong));
    }
    return allocation;
  }
}
