package dev.culebra.emulator.exec;

/** {@code bra} (PTX ISA 9.7.12.3): lanes whose guard holds go elsewhere. */
final class BranchOperation extends ControlOperation {
  private final int target;
  private final int predicate;
  private final int flip;

  /**
   * @param predicate slot of the guard; -1 where all go
   */
  BranchOperation(int target, int predicate, boolean negated) {
    this.target = target;
    this.predicate = predicate;
    flip = negated ? ~0 : 0;
  }

  @Override
  boolean step(Warp warp, Strand strand) {
    int taken = predicate < 0 ? strand.mask : strand.mask & (warp.predicates[predicate] ^ flip);
    if (taken == strand.mask) {
      strand.pc = target;
      return true;
    }
    if (taken == 0) {
      strand.pc++;
      return true;
    }
    warp.diverged();
    warp.split(strand, taken, target);
    strand.pc++;
    return false;
  }

  /** {@code brx.idx}: each lane goes to the label that its index chooses. */
  static final class Indexed extends ControlOperation {
    private final int[] targets;
    private final int index;
    private final Site site;

    Indexed(int[] targets, int index, Site site) {
      this.targets = targets;
      this.index = index;
      this.site = site;
    }

    @Override
    boolean step(Warp warp, Strand strand) {
      int[] indices = warp.words[index];
      int all = strand.mask;
      int left = all;
      while (true) {
        int lane = Integer.numberOfTrailingZeros(left);
        int choice = indices[lane];
        if (choice < 0 || choice >= targets.length) {
          throw warp.fault(
              KernelFault.ILLEGAL_INSTRUCTION,
              site,
              lane,
              "brx.idx with index "
                  + Integer.toUnsignedString(choice)
                  + " into a list of "
                  + targets.length);
        }
        int same = 0;
        for (int rest = left; rest != 0; rest &= rest - 1) {
          int other = Integer.numberOfTrailingZeros(rest);
          if (indices[other] == choice) {
            same |= 1 << other;
          }
        }
        left &= ~same;
        if (left == 0) {
          strand.pc = targets[choice];
          if (same == all) {
            return true;
          }
          warp.diverged();
          return false;
        }
        warp.split(strand, same, targets[choice]);
      }
    }
  }
}
