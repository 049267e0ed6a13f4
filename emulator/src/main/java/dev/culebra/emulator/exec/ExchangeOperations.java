package dev.culebra.emulator.exec;

/** Votes, matches and reductions among the lanes of a warp (PTX ISA 9.7.13.9 to 14). */
final class ExchangeOperations {
  private ExchangeOperations() {}

  /** Writes one value to some lanes. */
  private static void fill(int[] words, int lanes, int value) {
    for (int left = lanes; left != 0; left &= left - 1) {
      words[Integer.numberOfTrailingZeros(left)] = value;
    }
  }

  /** Writes one value to some lanes of a predicate. */
  private static void set(int[] predicates, int slot, int lanes, boolean value) {
    predicates[slot] = value ? predicates[slot] | lanes : predicates[slot] & ~lanes;
  }

  /** {@code bar.warp.sync}. */
  static final class WarpBarrier extends SyncOperation {
    WarpBarrier(int maskSlot, Site site) {
      super(maskSlot, "bar.warp.sync", site);
    }

    @Override
    void give(Warp warp, int lanes, Exchange exchange) {
      // Lanes only meet.
    }

    @Override
    void take(Warp warp, int lanes, int members, Exchange exchange) {
      warp.epoch++;
      if (warp.block.observer != null) {
        warp.block.observer.warpMeets(warp, members);
      }
    }
  }

  /** {@code vote}: what the lanes' predicates have in common. */
  static final class Vote extends SyncOperation {
    /** What is asked. */
    enum Kind {
      ALL,
      ANY,
      UNI,
      BALLOT
    }

    private final Kind kind;
    private final int source;
    private final int flip;
    private final int result;

    Vote(Kind kind, int source, boolean negated, int result, int maskSlot, Site site) {
      super(maskSlot, "vote." + kind, site);
      this.kind = kind;
      this.source = source;
      flip = negated ? ~0 : 0;
      this.result = result;
    }

    @Override
    void give(Warp warp, int lanes, Exchange exchange) {
      exchange.predicates = exchange.predicates & ~lanes | (warp.predicates[source] ^ flip) & lanes;
    }

    @Override
    void take(Warp warp, int lanes, int members, Exchange exchange) {
      int votes = exchange.predicates & members;
      switch (kind) {
        case BALLOT -> fill(warp.words[result], lanes, votes);
        case ALL -> set(warp.predicates, result, lanes, votes == members);
        case ANY -> set(warp.predicates, result, lanes, votes != 0);
        case UNI -> set(warp.predicates, result, lanes, votes == 0 || votes == members);
      }
    }
  }

  /** {@code match}: which lanes have the same value. */
  static final class Match extends SyncOperation {
    private final boolean all;
    private final boolean wide;
    private final int source;
    private final int result;
    private final int predicate;

    /**
     * @param predicate that {@code match.all} writes; -1 for none
     */
    Match(boolean all, boolean wide, int source, int result, int predicate, int mask, Site site) {
      super(mask, "match." + all + wide, site);
      this.all = all;
      this.wide = wide;
      this.source = source;
      this.result = result;
      this.predicate = predicate;
    }

    @Override
    void give(Warp warp, int lanes, Exchange exchange) {
      for (int left = lanes; left != 0; left &= left - 1) {
        int lane = Integer.numberOfTrailingZeros(left);
        exchange.wide[lane] = wide ? warp.longs[source][lane] : warp.words[source][lane];
      }
    }

    @Override
    void take(Warp warp, int lanes, int members, Exchange exchange) {
      if (all) {
        int first = Integer.numberOfTrailingZeros(members);
        boolean same = lanesWith(exchange.wide[first], members, exchange) == members;
        fill(warp.words[result], lanes, same ? members : 0);
        if (predicate >= 0) {
          set(warp.predicates, predicate, lanes, same);
        }
        return;
      }
      for (int left = lanes; left != 0; left &= left - 1) {
        int lane = Integer.numberOfTrailingZeros(left);
        warp.words[result][lane] = lanesWith(exchange.wide[lane], members, exchange);
      }
    }

    private static int lanesWith(long value, int members, Exchange exchange) {
      int same = 0;
      for (int left = members; left != 0; left &= left - 1) {
        int lane = Integer.numberOfTrailingZeros(left);
        if (exchange.wide[lane] == value) {
          same |= 1 << lane;
        }
      }
      return same;
    }
  }

  /** {@code redux}: one value out of all lanes'. */
  static final class Reduce extends SyncOperation {
    /** How two values become one. */
    enum Kind {
      ADD,
      MIN_SIGNED,
      MAX_SIGNED,
      MIN_UNSIGNED,
      MAX_UNSIGNED,
      AND,
      OR,
      XOR
    }

    private final Kind kind;
    private final int source;
    private final int result;

    Reduce(Kind kind, int source, int result, int maskSlot, Site site) {
      super(maskSlot, "redux." + kind, site);
      this.kind = kind;
      this.source = source;
      this.result = result;
    }

    @Override
    void give(Warp warp, int lanes, Exchange exchange) {
      int[] values = warp.words[source];
      for (int left = lanes; left != 0; left &= left - 1) {
        int lane = Integer.numberOfTrailingZeros(left);
        exchange.values[lane] = values[lane];
      }
    }

    @Override
    void take(Warp warp, int lanes, int members, Exchange exchange) {
      int value = exchange.values[Integer.numberOfTrailingZeros(members)];
      for (int left = members & members - 1; left != 0; left &= left - 1) {
        value = reduce(value, exchange.values[Integer.numberOfTrailingZeros(left)]);
      }
      fill(warp.words[result], lanes, value);
    }

    private int reduce(int a, int b) {
      return switch (kind) {
        case ADD -> a + b;
        case MIN_SIGNED -> Math.min(a, b);
        case MAX_SIGNED -> Math.max(a, b);
        case MIN_UNSIGNED -> Integer.compareUnsigned(a, b) <= 0 ? a : b;
        case MAX_UNSIGNED -> Integer.compareUnsigned(a, b) >= 0 ? a : b;
        case AND -> a & b;
        case OR -> a | b;
        case XOR -> a ^ b;
      };
    }
  }

  /** {@code elect}: the lowest lane of each mask. */
  static final class Elect extends SyncOperation {
    private final int result;
    private final int predicate;

    /**
     * @param result -1 for none
     */
    Elect(int result, int predicate, int maskSlot, Site site) {
      super(maskSlot, "elect", site);
      this.result = result;
      this.predicate = predicate;
    }

    @Override
    void give(Warp warp, int lanes, Exchange exchange) {
      // That a lane is there is all that it gives.
    }

    @Override
    void take(Warp warp, int lanes, int members, Exchange exchange) {
      int leader = Integer.numberOfTrailingZeros(members);
      if (result >= 0) {
        fill(warp.words[result], lanes, leader);
      }
      set(warp.predicates, predicate, lanes, false);
      set(warp.predicates, predicate, lanes & 1 << leader, true);
    }
  }

  /** {@code activemask}: lanes that execute it together. */
  static final class ActiveMask extends Operation {
    private final int result;

    ActiveMask(int result) {
      this.result = result;
    }

    @Override
    void execute(Warp warp, int active) {
      fill(warp.words[result], active, active);
    }
  }

  /** The exchanges of before Volta, among the lanes that happen to execute together. */
  static final class Unsynchronised extends Operation {
    private final SyncOperation operation;

    Unsynchronised(SyncOperation operation) {
      this.operation = operation;
    }

    @Override
    void execute(Warp warp, int active) {
      operation.give(warp, active, warp.exchange);
      operation.take(warp, active, active, warp.exchange);
    }
  }
}
