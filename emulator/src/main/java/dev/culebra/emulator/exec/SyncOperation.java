package dev.culebra.emulator.exec;

import dev.culebra.emulator.check.Checker;
import java.util.List;

/**
 * An instruction at which the lanes that its mask names wait for one another and exchange values
 * (PTX ISA 9.7.9.6 and 9.7.13.9 to 14). They need not stand at the same place in the program: it is
 * enough that opcode, modifiers and mask are the same.
 */
abstract class SyncOperation extends ControlOperation {
  final int maskSlot;
  private final String kind;
  final Site site;

  /**
   * @param maskSlot of the mask that names the lanes
   * @param kind opcode and modifiers: only lanes at instructions of the same kind meet
   */
  SyncOperation(int maskSlot, String kind, Site site) {
    this.maskSlot = maskSlot;
    this.kind = kind.intern();
    this.site = site;
  }

  /** Puts what lanes have to give into the exchange. */
  abstract void give(Warp warp, int lanes, Exchange exchange);

  /**
   * Takes what lanes get.
   *
   * @param lanes of this instruction's
   * @param members all that exchange
   */
  abstract void take(Warp warp, int lanes, int members, Exchange exchange);

  /** Both, where all lanes of all masks are here. */
  void exchange(Warp warp, int lanes) {
    give(warp, lanes, warp.exchange);
    int[] masks = warp.words[maskSlot];
    if (lanes == ALL && uniform(masks)) {
      if (masks[0] != ALL) {
        requireMember(warp, lanes, masks);
      }
      take(warp, lanes, lanes, warp.exchange);
      tell(warp, lanes);
      return;
    }
    requireMember(warp, lanes, masks);
    for (int left = lanes; left != 0; ) {
      int members = lanesOfMask(masks, masks[Integer.numberOfTrailingZeros(left)], left);
      take(warp, members, members, warp.exchange);
      tell(warp, members);
      left &= ~members;
    }
  }

  @Override
  final boolean step(Warp warp, Strand strand) {
    int lanes = strand.mask;
    int[] masks = warp.words[maskSlot];
    int missing = 0;
    if ((lanes | warp.exited) != ALL) {
      for (int left = lanes; left != 0; left &= left - 1) {
        missing |= masks[Integer.numberOfTrailingZeros(left)];
      }
      missing &= ~(lanes | warp.exited);
    }
    if (missing == 0) {
      exchange(warp, lanes);
      strand.pc++;
      return true;
    }
    requireMember(warp, lanes, masks);
    strand.state = Strand.State.EXCHANGE;
    release(warp);
    return false;
  }

  /** Lets all lanes go on whose masks' other lanes have come or ended. */
  static void release(Warp warp) {
    List<Strand> strands = warp.strands;
    for (int i = 0; i < strands.size(); i++) {
      Strand strand = strands.get(i);
      if (strand.state != Strand.State.EXCHANGE) {
        continue;
      }
      SyncOperation operation = at(strand);
      int left = strand.mask;
      while (left != 0) {
        int mask = operation.mask(strand, Integer.numberOfTrailingZeros(left));
        int members = operation.present(strands, mask);
        left &= ~members;
        if ((mask & ~warp.exited & ~members) == 0) {
          operation.meet(warp, mask, members);
          release(warp);
          return;
        }
      }
    }
  }

  private static SyncOperation at(Strand strand) {
    return (SyncOperation) Guarded.unguarded(strand.frame.code.operations[strand.pc]);
  }

  private int mask(Strand strand, int lane) {
    return strand.frame.words[maskSlot][lane];
  }

  /** Lanes that wait with this mask at an instruction of this kind. */
  private int present(List<Strand> strands, int mask) {
    int members = 0;
    for (int i = 0; i < strands.size(); i++) {
      members |= membersIn(strands.get(i), mask);
    }
    return members;
  }

  private int membersIn(Strand strand, int mask) {
    if (strand.state != Strand.State.EXCHANGE) {
      return 0;
    }
    SyncOperation other = at(strand);
    return other.kind != kind
        ? 0
        : lanesOfMask(strand.frame.words[other.maskSlot], mask, strand.mask);
  }

  private static int lanesOfMask(int[] masks, int mask, int lanes) {
    int same = 0;
    for (int left = lanes; left != 0; left &= left - 1) {
      int lane = Integer.numberOfTrailingZeros(left);
      if (masks[lane] == mask) {
        same |= 1 << lane;
      }
    }
    return same;
  }

  /** Exchanges values among lanes of several strands, and lets these lanes go on together. */
  private void meet(Warp warp, int mask, int members) {
    List<Strand> strands = warp.strands;
    for (Strand strand : strands) {
      int lanes = membersIn(strand, mask);
      if (lanes != 0) {
        warp.enter(strand.frame);
        at(strand).give(warp, lanes, warp.exchange);
      }
    }
    for (Strand strand : List.copyOf(strands)) {
      int lanes = membersIn(strand, mask);
      if (lanes == 0) {
        continue;
      }
      warp.enter(strand.frame);
      at(strand).take(warp, lanes, members, warp.exchange);
      if (lanes == strand.mask) {
        strand.pc++;
        strand.state = Strand.State.READY;
      } else {
        warp.split(strand, lanes, strand.pc + 1);
      }
    }
    tell(warp, members);
    warp.mergeReady(members);
  }

  /** Tells who checks that lanes have exchanged values. */
  static void tell(Warp warp, int members) {
    if (warp.block.observer != null) {
      warp.block.observer.warpExchanges(warp, members);
    }
  }

  /** Whether all lanes have the same value. */
  static boolean uniform(int[] values) {
    int difference = 0;
    int first = values[0];
    for (int lane = 0; lane < LANES; lane++) {
      difference |= values[lane] ^ first;
    }
    return difference == 0;
  }

  /** A lane that is none of its mask's: what it gets is undefined. */
  private void requireMember(Warp warp, int lanes, int[] masks) {
    for (int left = lanes; left != 0; left &= left - 1) {
      int lane = Integer.numberOfTrailingZeros(left);
      if ((masks[lane] >>> lane & 1) == 0) {
        warp.block.report(
            Checker.BARRIER,
            site,
            warp,
            lane,
            "lane "
                + lane
                + " executes "
                + site.instruction().spelling()
                + " with mask 0x"
                + Integer.toHexString(masks[lane])
                + ", which does not name it");
        return;
      }
    }
  }
}
