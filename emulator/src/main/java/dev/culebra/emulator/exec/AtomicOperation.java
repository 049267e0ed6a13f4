package dev.culebra.emulator.exec;

/**
 * {@code atom} and {@code red} (PTX ISA 9.7.13.6 and 7). Lanes go one after the other, the lowest
 * first.
 */
final class AtomicOperation extends MemoryOperation {
  private final AtomicChange change;
  private final AtomicChange sharedChange;
  private final int[] results;
  private final int[] operands;
  private final int[] swaps;
  private final boolean polls;
  private final MemoryOrder order;

  /**
   * @param change in global memory
   * @param sharedChange in shared memory
   * @param results slots, one an element; null where nobody asks for the old values
   * @param operands slots likewise
   * @param swaps slots of what {@code cas} writes, else the operands once more
   */
  AtomicOperation(
      AddressOperand address,
      AtomicChange change,
      AtomicChange sharedChange,
      int[] results,
      int[] operands,
      int[] swaps,
      MemoryOrder order,
      Site site) {
    super(address, Kind.ATOMIC, change.element().bytes() * operands.length, site);
    this.change = change;
    this.sharedChange = sharedChange;
    this.results = results;
    this.operands = operands;
    this.swaps = swaps;
    this.order = order;
    polls =
        change.function() == AtomicFunction.COMPARE_AND_SWAP
            || change.function() == AtomicFunction.EXCHANGE;
  }

  boolean comparesAndSwaps() {
    return change.function() == AtomicFunction.COMPARE_AND_SWAP;
  }

  @Override
  MemoryOrder order() {
    return order;
  }

  @Override
  void execute(Warp warp, int active) {
    if (polls) {
      warp.polled();
    }
    resolve(warp, active);
    long sharedBase = warp.block.shared.base;
    long sharedLimit = warp.block.shared.limit;
    for (int left = active; left != 0; left &= left - 1) {
      int lane = Integer.numberOfTrailingZeros(left);
      long place = warp.natives[lane];
      boolean own = place - sharedBase >= 0 && place - sharedBase < sharedLimit;
      AtomicChange by = own ? sharedChange : change;
      for (int i = 0; i < operands.length; i++) {
        long at = place + (long) i * by.element().bytes();
        if (by.element() == AtomicChange.Element.LONG) {
          long old = by.wide(at, warp.longs[operands[i]][lane], warp.longs[swaps[i]][lane]);
          if (results != null) {
            warp.longs[results[i]][lane] = old;
          }
        } else {
          int old = by.word(at, warp.words[operands[i]][lane], warp.words[swaps[i]][lane]);
          if (results != null) {
            warp.words[results[i]][lane] = old;
          }
        }
      }
    }
    if (warp.block.observer != null) {
      warp.block.observer.saw(warp, this, active);
    }
  }
}
