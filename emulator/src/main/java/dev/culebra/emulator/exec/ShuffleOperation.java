package dev.culebra.emulator.exec;

/** {@code shfl}: each lane reads another's value (PTX ISA 9.7.9.6). */
final class ShuffleOperation extends SyncOperation {
  /** How a lane finds the other. */
  enum Mode {
    UP,
    DOWN,
    BFLY,
    IDX
  }

  private static final int LANE_BITS = 31;
  private static final int SEGMENT_SHIFT = 8;

  /**
   * Where all lanes read from, for one pair of operands.
   *
   * @param sources a lane each; its own where out of range
   * @param inRange a bit a lane
   */
  private record Route(int b, int c, int[] sources, int inRange) {}

  private final Mode mode;
  private final int value;
  private final int lane;
  private final int clamp;
  private final int result;
  private final int predicate;
  private Route last;

  /** Where lanes read from whenever all 32 are here; null where only the run can tell. */
  private Route fixed;

  /**
   * @param predicate whether the other was in range; -1 where nobody asks
   */
  ShuffleOperation(
      Mode mode,
      int value,
      int lane,
      int clamp,
      int result,
      int predicate,
      int maskSlot,
      Site site) {
    super(maskSlot, "shfl." + mode, site);
    this.mode = mode;
    this.value = value;
    this.lane = lane;
    this.clamp = clamp;
    this.result = result;
    this.predicate = predicate;
  }

  /** Learns which of its operands are constants. */
  void bind(Code code) {
    Integer b = code.constant(lane);
    Integer c = code.constant(clamp);
    Integer mask = code.constant(maskSlot);
    fixed = b != null && c != null && mask != null && mask == ALL ? route(b, c) : null;
  }

  @Override
  void exchange(Warp warp, int lanes) {
    if (fixed == null || lanes != ALL || warp.undefined != null) {
      super.exchange(warp, lanes);
      return;
    }
    int[] values = warp.words[value];
    if (value == result) {
      values = warp.exchange.values;
      System.arraycopy(warp.words[value], 0, values, 0, LANES);
    }
    int[] target = warp.words[result];
    int[] sources = fixed.sources;
    for (int i = 0; i < LANES; i++) {
      target[i] = values[sources[i]];
    }
    if (predicate >= 0) {
      warp.predicates[predicate] = fixed.inRange;
    }
    tell(warp, lanes);
  }

  @Override
  void give(Warp warp, int lanes, Exchange exchange) {
    if (lanes == ALL) {
      System.arraycopy(warp.words[value], 0, exchange.values, 0, LANES);
      System.arraycopy(warp.words[lane], 0, exchange.lanes, 0, LANES);
      System.arraycopy(warp.words[clamp], 0, exchange.clamps, 0, LANES);
      return;
    }
    for (int left = lanes; left != 0; left &= left - 1) {
      int i = Integer.numberOfTrailingZeros(left);
      exchange.values[i] = warp.words[value][i];
      exchange.lanes[i] = warp.words[lane][i];
      exchange.clamps[i] = warp.words[clamp][i];
    }
  }

  @Override
  void take(Warp warp, int lanes, int members, Exchange exchange) {
    int[] target = warp.words[result];
    int inRange = 0;
    int absent = 0;
    int unknown = warp.undefined == null ? 0 : warp.undefined.shuffled(warp, site.instruction());
    int passed = 0;
    if (lanes == ALL && uniform(exchange.lanes) && uniform(exchange.clamps)) {
      Route route = route(exchange.lanes[0], exchange.clamps[0]);
      int[] sources = route.sources;
      int[] values = exchange.values;
      for (int i = 0; i < LANES; i++) {
        target[i] = values[sources[i]];
        passed |= (unknown >>> sources[i] & 1) << i;
      }
      inRange = route.inRange;
    } else {
      for (int left = lanes; left != 0; left &= left - 1) {
        int i = Integer.numberOfTrailingZeros(left);
        int source = source(mode, i, exchange.lanes[i], exchange.clamps[i]);
        if (source >= 0) {
          inRange |= 1 << i;
          if ((members >>> source & 1) == 0) {
            absent |= 1 << i;
          }
        }
        int from = source >= 0 ? source : i;
        target[i] = exchange.values[from];
        passed |= (unknown >>> from & 1) << i;
      }
    }
    if (predicate >= 0) {
      int[] predicates = warp.predicates;
      predicates[predicate] = predicates[predicate] & ~lanes | inRange;
    }
    if (absent != 0 || warp.undefined != null) {
      follow(warp, lanes, passed, absent, exchange);
    }
  }

  /**
   * What becomes of values that nobody knows: those that other lanes pass on, and those of lanes
   * that do not take part. They are reported when something depends on them.
   */
  private void follow(Warp warp, int lanes, int passed, int absent, Exchange exchange) {
    if (warp.undefined == null) {
      warp.undefined = new UndefinedValues();
    }
    warp.undefined.shuffle(warp, site.instruction(), lanes, passed & ~absent);
    for (int left = absent; left != 0; left &= left - 1) {
      int i = Integer.numberOfTrailingZeros(left);
      int source = source(mode, i, exchange.lanes[i], exchange.clamps[i]);
      warp.undefined.shuffledFromAbsent(warp, site, i, source);
    }
  }

  private Route route(int b, int c) {
    Route known = last;
    if (known != null && known.b == b && known.c == c) {
      return known;
    }
    int[] sources = new int[LANES];
    int inRange = 0;
    for (int i = 0; i < LANES; i++) {
      int source = source(mode, i, b, c);
      sources[i] = source >= 0 ? source : i;
      inRange |= source >= 0 ? 1 << i : 0;
    }
    known = new Route(b, c, sources, inRange);
    last = known;
    return known;
  }

  /** The lane that a lane reads; -1 where that is out of range. */
  static int source(Mode mode, int lane, int b, int c) {
    int offset = b & LANE_BITS;
    int segment = c >>> SEGMENT_SHIFT & LANE_BITS;
    int most = lane & segment | c & LANE_BITS & ~segment;
    int least = lane & segment;
    int source =
        switch (mode) {
          case UP -> lane - offset;
          case DOWN -> lane + offset;
          case BFLY -> lane ^ offset;
          case IDX -> least | offset & ~segment;
        };
    boolean inRange = mode == Mode.UP ? source >= most : source <= most;
    return inRange ? source : -1;
  }
}
