package dev.culebra.emulator.exec;

/** {@code discard}: what a line of memory holds is not needed any more (PTX ISA 9.7.9.17). */
final class DiscardOperation extends MemoryOperation {
  static final int BYTES = 128;

  DiscardOperation(AddressOperand address, Site site) {
    super(address, Kind.STORE, BYTES, site);
  }

  @Override
  void execute(Warp warp, int active) {
    resolve(warp, active);
    for (int left = active; left != 0; left &= left - 1) {
      long address = warp.addresses[Integer.numberOfTrailingZeros(left)];
      warp.block.grid().memory().markUnwritten(address, BYTES);
    }
  }
}
