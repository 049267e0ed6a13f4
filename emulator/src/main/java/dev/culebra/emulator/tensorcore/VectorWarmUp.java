package dev.culebra.emulator.tensorcore;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Makes {@link VectorSums} fast on a thread of its own. The Vector API is a hundred times slower
 * than plain code until HotSpot has compiled what uses it, which takes seconds: meanwhile plain
 * sums do the work, and programs that need few of them never pay.
 */
final class VectorWarmUp {
  /** How far it has come. */
  private enum State {
    NOT_STARTED,
    RUNNING,
    /** Vectors are faster now. */
    DONE,
    /** They did not become faster in time, or there are none. */
    GIVEN_UP
  }

  private static final AtomicReference<State> STATE = new AtomicReference<>(State.NOT_STARTED);
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final int BATCH = 100;
  private static final int DEPTH = 16;

  private final FloatOperand a = new FloatOperand(SumUnit.MAX_ROWS * DEPTH);
  private final FloatOperand b = new FloatOperand(DEPTH * SumUnit.COLUMNS);
  private final int[] accumulators = new int[SumUnit.MAX_ROWS * SumUnit.COLUMNS];

  private VectorWarmUp() {}

  /** Whether vectors are there and fast. */
  static boolean done() {
    return STATE.get() == State.DONE;
  }

  /** Starts it unless it was started; does nothing where there are no vectors. */
  static void start() {
    if (!STATE.compareAndSet(State.NOT_STARTED, State.RUNNING)) {
      return;
    }
    boolean there =
        ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent() && VectorSums.supported();
    if (!there) {
      STATE.set(State.GIVEN_UP);
      return;
    }
    Thread.ofPlatform()
        .name("tensor core vectors")
        .daemon()
        .priority(Thread.MIN_PRIORITY)
        .start(() -> STATE.set(new VectorWarmUp().run() ? State.DONE : State.GIVEN_UP));
  }

  /** True as soon as vectors beat plain sums. */
  private boolean run() {
    Random random = new Random(1);
    fill(a, random);
    fill(b, random);
    SumUnit plain = new TileSums();
    SumUnit vectors = new VectorSums();
    long start = System.nanoTime();
    while (System.nanoTime() - start < PATIENCE_NANOS) {
      if (nanos(vectors) < nanos(plain)) {
        return true;
      }
    }
    return false;
  }

  private static void fill(FloatOperand operand, Random random) {
    for (int i = 0; i < operand.bits.length; i++) {
      operand.bits[i] = Float.floatToRawIntBits((float) random.nextGaussian()) >>> Short.SIZE;
    }
    operand.decode(FloatFormat.BF16, operand.bits.length);
  }

  private long nanos(SumUnit unit) {
    long start = System.nanoTime();
    for (int i = 0; i < BATCH; i++) {
      unit.multiplyAdd(
          i % 2 == 0
              ? AlignedSum.ampere(FloatFormat.BF16, false)
              : AlignedSum.hopper(FloatFormat.BF16, false),
          a,
          b,
          SumUnit.MAX_ROWS,
          DEPTH,
          accumulators);
    }
    return System.nanoTime() - start;
  }
}
