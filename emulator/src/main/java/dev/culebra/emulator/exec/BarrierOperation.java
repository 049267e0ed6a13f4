package dev.culebra.emulator.exec;

import dev.culebra.emulator.check.Checker;
import java.util.List;

/** {@code bar} and {@code barrier}: sync, arrive and red (PTX ISA 9.7.13.1). */
final class BarrierOperation extends ControlOperation {
  /** What it does. */
  enum Kind {
    SYNC,
    ARRIVE,
    POPC,
    AND,
    OR;

    private boolean votes() {
      return this != SYNC && this != ARRIVE;
    }
  }

  private final Kind kind;
  private final boolean aligned;
  private final int barrierSlot;
  private final int threadsSlot;
  private final int predicate;
  private final int flip;
  private final int result;
  private final Site site;

  /**
   * @param barrierSlot of the barrier's number
   * @param threadsSlot of the number of threads; -1 for all of the block
   * @param predicate that threads vote with
   * @param result of the vote: a word for popc, else a predicate
   */
  BarrierOperation(
      Kind kind,
      boolean aligned,
      int barrierSlot,
      int threadsSlot,
      int predicate,
      boolean negated,
      int result,
      Site site) {
    this.kind = kind;
    this.aligned = aligned;
    this.barrierSlot = barrierSlot;
    this.threadsSlot = threadsSlot;
    this.predicate = predicate;
    flip = negated ? ~0 : 0;
    this.result = result;
    this.site = site;
  }

  @Override
  boolean step(Warp warp, Strand strand) {
    int[] numbers = warp.words[barrierSlot];
    int first = Integer.numberOfTrailingZeros(strand.mask);
    int others = 0;
    for (int left = strand.mask; left != 0; left &= left - 1) {
      int lane = Integer.numberOfTrailingZeros(left);
      if (numbers[lane] != numbers[first]) {
        others |= 1 << lane;
      }
    }
    if (others != 0) {
      warp.split(strand, others, strand.pc).resumes = true;
    }
    int number = numbers[first];
    if (number < 0 || number >= Block.BARRIERS) {
      throw warp.fault(
          KernelFault.ILLEGAL_INSTRUCTION,
          site,
          first,
          "there is no barrier " + Integer.toUnsignedString(number) + ", only 0 to 15");
    }
    strand.state = Strand.State.ARRIVING;
    strand.barrier = warp.block.barriers[number];
    boolean alone = warp.strands.size() == 1;
    return arrive(warp) && alone && strand.state == Strand.State.READY;
  }

  /**
   * Lets a warp arrive where all its threads have come to the same barrier.
   *
   * @return whether it did
   */
  static boolean arrive(Warp warp) {
    List<Strand> strands = warp.strands;
    if (strands.isEmpty() || strands.getFirst().state != Strand.State.ARRIVING) {
      return false;
    }
    NamedBarrier barrier = strands.getFirst().barrier;
    for (int i = 1; i < strands.size(); i++) {
      Strand strand = strands.get(i);
      if (strand.state != Strand.State.ARRIVING || strand.barrier != barrier) {
        return false;
      }
    }
    at(strands.getFirst()).join(warp, barrier);
    for (int i = 0; i < strands.size(); i++) {
      at(strands.get(i)).count(warp, strands.get(i), barrier);
    }
    barrier.warps++;
    barrier.threads += LANES;
    warp.block.complete(barrier);
    return true;
  }

  private static BarrierOperation at(Strand strand) {
    return (BarrierOperation) Guarded.unguarded(strand.frame.code.operations[strand.pc]);
  }

  /** A warp comes to a barrier: as many threads must be asked for as by those before it. */
  private void join(Warp warp, NamedBarrier barrier) {
    Strand first = warp.strands.getFirst();
    int lane = Integer.numberOfTrailingZeros(first.mask);
    int expected = threadsSlot < 0 ? 0 : first.frame.words[threadsSlot][lane];
    if (expected < 0 || expected % LANES != 0 || expected > warp.block.maxThreads()) {
      throw warp.fault(
          KernelFault.ILLEGAL_INSTRUCTION,
          site,
          lane,
          site.instruction().spelling()
              + " of "
              + expected
              + " threads: it must be a multiple of 32, and no more than the block has");
    }
    if (barrier.warps > 0 && barrier.expected != expected) {
      warp.block.report(
          Checker.BARRIER,
          site,
          warp,
          lane,
          "barrier "
              + barrier.index
              + " is used for "
              + expected
              + " threads while others wait there for "
              + barrier.expected
              + " (0: all)");
    }
    barrier.expected = expected;
    if (aligned && warp.strands.size() > 1) {
      for (Strand strand : warp.strands) {
        if (strand.pc != first.pc || strand.frame.code != first.frame.code) {
          warp.block.report(
              Checker.BARRIER,
              site,
              warp,
              Integer.numberOfTrailingZeros(strand.mask),
              "threads of one warp are at different barriers: "
                  + site.instruction().spelling()
                  + " needs them to be together");
          break;
        }
      }
    }
  }

  private void count(Warp warp, Strand strand, NamedBarrier barrier) {
    if (kind.votes()) {
      int predicates = strand.frame.predicates[predicate] ^ flip;
      barrier.trueCount += Integer.bitCount(strand.mask & predicates);
      barrier.votes += Integer.bitCount(strand.mask);
    }
    if (warp.block.observer != null) {
      warp.block.observer.arrives(warp, strand.mask, barrier, site, kind != Kind.ARRIVE);
    }
    if (kind == Kind.ARRIVE) {
      strand.state = Strand.State.READY;
      strand.pc++;
    } else {
      strand.state = Strand.State.BARRIER;
    }
  }

  /** Lets a strand that waited go on. */
  static void pass(Strand strand, NamedBarrier barrier) {
    at(strand).take(strand, barrier);
    strand.state = Strand.State.READY;
    strand.barrier = null;
    strand.pc++;
  }

  private void take(Strand strand, NamedBarrier barrier) {
    switch (kind) {
      case POPC -> {
        int[] words = strand.frame.words[result];
        for (int left = strand.mask; left != 0; left &= left - 1) {
          words[Integer.numberOfTrailingZeros(left)] = barrier.trueCount;
        }
      }
      case AND, OR -> {
        boolean value =
            kind == Kind.AND ? barrier.trueCount == barrier.votes : barrier.trueCount > 0;
        int[] predicates = strand.frame.predicates;
        predicates[result] =
            value ? predicates[result] | strand.mask : predicates[result] & ~strand.mask;
      }
      case SYNC, ARRIVE -> {
        // Nothing to give.
      }
    }
  }
}
