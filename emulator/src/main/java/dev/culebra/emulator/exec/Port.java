package dev.culebra.emulator.exec;

/** One of the two addresses of a copy. */
final class Port extends MemoryOperation {
  /** Multiple that addresses and sizes of bulk copies have to be. */
  static final int BULK_ALIGNMENT = 16;

  private final MemoryOrder order;

  Port(AddressOperand address, Kind kind, int bytes, MemoryOrder order, Site site) {
    super(address, kind, bytes, site);
    this.order = order;
  }

  @Override
  MemoryOrder order() {
    return order;
  }

  @Override
  void execute(Warp warp, int active) {
    throw new IllegalStateException("a port is a part of a copy");
  }

  /** Where what a bulk copy of a lane touches really is. */
  long bulk(Warp warp, int lane, int length) {
    if (length < 0 || length % BULK_ALIGNMENT != 0) {
      throw warp.fault(
          KernelFault.ILLEGAL_INSTRUCTION,
          site,
          lane,
          "a bulk copy of " + length + " bytes, which is no multiple of " + BULK_ALIGNMENT);
    }
    return stretch(warp, lane, length, BULK_ALIGNMENT);
  }

  /** Where a stretch of a lane's really is, at a multiple of {@code alignment}. */
  long stretch(Warp warp, int lane, int length, int alignment) {
    long address = address(warp, lane);
    if (address % alignment != 0) {
      throw warp.fault(
          KernelFault.MISALIGNED_ADDRESS,
          site,
          lane,
          kind
              + " of "
              + length
              + " bytes at 0x"
              + Long.toHexString(address)
              + ", which is no multiple of "
              + alignment);
    }
    long place = Places.stretch(warp, lane, space, address, length, kind, site);
    warp.addresses[lane] = address;
    warp.natives[lane] = place;
    if (warp.block.monitor != null && length > 0) {
      warp.block.monitor.stretch(warp, this, lane, address, length);
    }
    return place;
  }
}
