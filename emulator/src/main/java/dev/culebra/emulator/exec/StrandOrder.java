package dev.culebra.emulator.exec;

import java.util.List;
import java.util.SplittableRandom;

/** Which strand of a warp executes next, and for how long. */
abstract class StrandOrder {
  /** Instructions that a strand executes while others of its warp wait for their turn. */
  static final long TURN = 20_000;

  /** The strand to execute; null where none is ready. */
  abstract Strand next(Warp warp);

  abstract void run(Warp warp, Strand strand);

  /**
   * What is behind comes first, so that lanes which went different ways meet again as soon as they
   * can: strands deepest in calls, then those at the lowest instruction. No strand starves: each
   * has its turn.
   */
  static final class Convergent extends StrandOrder {
    @Override
    Strand next(Warp warp) {
      List<Strand> strands = warp.strands;
      if (strands.size() == 1) {
        Strand only = strands.getFirst();
        only.credit = Long.MAX_VALUE;
        return only.state == Strand.State.READY ? only : null;
      }
      merge(strands);
      boolean tired = false;
      Strand best = null;
      for (int i = 0; i < strands.size(); i++) {
        Strand strand = strands.get(i);
        if (strand.state != Strand.State.READY) {
          continue;
        }
        if (strand.credit <= 0) {
          tired = true;
        } else if (best == null || isBehind(strand, best)) {
          best = strand;
        }
      }
      if (best == null && tired) {
        strands.forEach(strand -> strand.credit = TURN);
        return next(warp);
      }
      return best;
    }

    private static boolean isBehind(Strand strand, Strand other) {
      return strand.frame.depth > other.frame.depth
          || strand.frame.depth == other.frame.depth && strand.pc < other.pc;
    }

    private static void merge(List<Strand> strands) {
      for (int i = 0; i < strands.size(); i++) {
        Strand strand = strands.get(i);
        if (strand.state != Strand.State.READY) {
          continue;
        }
        for (int j = strands.size() - 1; j > i; j--) {
          Strand other = strands.get(j);
          if (other.state == Strand.State.READY
              && other.frame == strand.frame
              && other.pc == strand.pc) {
            strand.mask |= other.mask;
            strand.credit = Math.min(strand.credit, other.credit);
            strand.resumes &= other.resumes;
            strands.remove(j).state = Strand.State.ENDED;
          }
        }
      }
    }

    @Override
    void run(Warp warp, Strand strand) {
      int limit = Integer.MAX_VALUE;
      List<Strand> strands = warp.strands;
      for (int i = 0; i < strands.size(); i++) {
        Strand other = strands.get(i);
        if (other.frame == strand.frame
            && other.pc > strand.pc
            && other.state == Strand.State.READY) {
          limit = Math.min(limit, other.pc);
        }
      }
      warp.run(strand, limit);
    }
  }

  /** Any strand, for a few instructions; they meet again at {@code .sync} instructions alone. */
  static final class Random extends StrandOrder {
    private static final int MOST_INSTRUCTIONS = 8;

    private final SplittableRandom random;

    Random(SplittableRandom random) {
      this.random = random;
    }

    @Override
    Strand next(Warp warp) {
      int ready = 0;
      for (Strand strand : warp.strands) {
        if (strand.state == Strand.State.READY) {
          ready++;
        }
      }
      if (ready == 0) {
        return null;
      }
      int choice = random.nextInt(ready);
      for (Strand strand : warp.strands) {
        if (strand.state == Strand.State.READY && choice-- == 0) {
          return strand;
        }
      }
      throw new IllegalStateException();
    }

    @Override
    void run(Warp warp, Strand strand) {
      strand.credit = TURN;
      for (int left = 1 + random.nextInt(MOST_INSTRUCTIONS);
          left > 0 && strand.state == Strand.State.READY;
          left--) {
        warp.runOne(strand);
      }
    }
  }
}
