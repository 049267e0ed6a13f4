package dev.culebra.emulator.exec;

import dev.culebra.emulator.check.Checker;
import java.util.List;

/**
 * An instruction that all 32 lanes of a warp execute together, at the same place of the program
 * ({@code .sync.aligned}): {@code mma} and its kin.
 */
final class AlignedOperation extends ControlOperation {
  private final Operation operation;
  private final Site site;

  AlignedOperation(Operation operation, Site site) {
    this.operation = operation;
    this.site = site;
  }

  @Override
  boolean step(Warp warp, Strand strand) {
    if (strand.mask == ALL) {
      operation.execute(warp, ALL);
      strand.pc++;
      return true;
    }
    strand.state = Strand.State.ALIGNED;
    release(warp);
    return false;
  }

  /** Makes one strand of all lanes where all have come to the same instruction. */
  static void release(Warp warp) {
    List<Strand> strands = warp.strands;
    if (strands.isEmpty()) {
      return;
    }
    Strand first = strands.getFirst();
    for (Strand strand : strands) {
      if (strand.state != Strand.State.ALIGNED
          || strand.pc != first.pc
          || strand.frame.code != first.frame.code) {
        return;
      }
    }
    AlignedOperation operation =
        (AlignedOperation) Guarded.unguarded(first.frame.code.operations[first.pc]);
    if (warp.exited != 0) {
      throw new KernelFaultException(
          KernelFault.ILLEGAL_INSTRUCTION,
          warp.block.finding(
              Checker.BARRIER,
              operation.site,
              warp,
              Integer.numberOfTrailingZeros(first.mask),
              operation.site.instruction().spelling()
                  + " needs all 32 lanes of a warp, but lanes 0x"
                  + Integer.toHexString(warp.exited)
                  + " have ended or never were"));
    }
    for (int i = strands.size() - 1; i > 0; i--) {
      Strand other = strands.get(i);
      if (!FrameMerge.merge(first.frame, other.frame, other.mask)) {
        return;
      }
      first.mask |= other.mask;
      strands.remove(i).state = Strand.State.ENDED;
    }
    first.state = Strand.State.READY;
  }
}
