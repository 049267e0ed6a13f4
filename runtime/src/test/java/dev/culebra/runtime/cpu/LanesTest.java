package dev.culebra.runtime.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;

class LanesTest {
  private static final long SEED = new SplittableRandom().nextLong();
  private final SplittableRandom random = new SplittableRandom(SEED);

  @Test
  void exp_is_within_two_ulp_over_its_whole_range() {
    checkUlp(Lanes::exp, Math::exp, -103.9, 88.7, 2);
    checkUlp(Lanes::exp, Math::exp, -1, 1, 2);
  }

  @Test
  void exp_of_special_values() {
    float[] x = {
      Float.NEGATIVE_INFINITY, -1e30f, -105f, Float.POSITIVE_INFINITY, 1e30f, 88.73f, Float.NaN, -0f
    };
    float inf = Float.POSITIVE_INFINITY;
    float[] expected = {0, 0, 0, inf, inf, inf, Float.NaN, 1};
    for (int i = 0; i < x.length; i++) {
      assertEquals(expected[i], apply(Lanes::exp, x[i]), "exp(" + x[i] + ")");
    }
  }

  @Test
  void tanh_is_within_two_ulp_over_its_whole_range() {
    checkUlp(Lanes::tanh, Math::tanh, -10, 10, 2);
    checkUlp(Lanes::tanh, Math::tanh, -0.7, 0.7, 2);
    checkUlp(Lanes::tanh, Math::tanh, -1e-6, 1e-6, 2);
  }

  @Test
  void tanh_of_special_values() {
    float[] x = {Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY, Float.NaN, -0f, 0f, 1e-40f, 50};
    float[] expected = {-1, 1, Float.NaN, -0f, 0f, 1e-40f, 1};
    for (int i = 0; i < x.length; i++) {
      assertEquals(expected[i], apply(Lanes::tanh, x[i]), "tanh(" + x[i] + ")");
    }
  }

  /** Often enough to be interpreted at first and compiled at the end. */
  @Test
  void sum_adds_halves_whoever_executes_it() {
    float[] lanes = new float[Lanes.LENGTH];
    for (int i = 0; i < 100_000; i++) {
      for (int lane = 0; lane < lanes.length; lane++) {
        lanes[lane] = (float) random.nextGaussian();
      }
      float sum = Lanes.sum(FloatVector.fromArray(Lanes.FLOATS, lanes, 0));
      for (int half = lanes.length / 2; half > 0; half /= 2) {
        for (int lane = 0; lane < half; lane++) {
          lanes[lane] += lanes[lane + half];
        }
      }
      assertEquals(lanes[0], sum, "seed " + SEED);
    }
  }

  @Test
  void bf16_store_rounds_to_nearest_even() {
    for (int i = 0; i < 200_000; i++) {
      assertBf16(random.nextInt());
    }
    int[] edges = {
      0x3F808000,
      0x3F818000,
      0x3F807FFF,
      0x3F808001, // ties and their neighbours
      0x7F7FFFFF,
      0x7F7F7FFF,
      0x7F7F8000, // up to infinity
      0x7F800000,
      0xFF800000, // infinities
      0x7F800001,
      0xFF800001,
      0x7FC00000,
      0xFFFFFFFF, // NaN
      0x00000001,
      0x00007FFF,
      0x00008000,
      0x00008001,
      0x80018000,
      0x007FFFFF,
      0,
      0x80000000
    };
    for (int bits : edges) {
      assertBf16(bits);
    }
  }

  @Test
  void bf16_load_is_exact() {
    try (Arena arena = Arena.ofConfined()) {
      long address = arena.allocate(256, 64).address();
      for (int bits = 0; bits < 1 << 16; bits++) {
        Lanes.setInt(address, bits);
        int loaded = Float.floatToRawIntBits(Lanes.loadBf16(address).lane(0));
        assertEquals(bits << 16, loaded, "bf16 " + Integer.toHexString(bits));
      }
    }
  }

  @Test
  void masked_loads_and_stores_touch_no_other_lane() {
    try (Arena arena = Arena.ofConfined()) {
      long address = arena.allocate(1024, 64).address();
      for (int bytes : new int[] {2, 4}) {
        for (int count = 0; count <= Lanes.LENGTH; count++) {
          Lanes.store(Lanes.broadcast(7), address, bytes);
          var mask = Lanes.first(count);
          Lanes.store(Lanes.broadcast(3), address, bytes, mask);
          FloatVector all = Lanes.load(address, bytes);
          FloatVector some = Lanes.load(address, bytes, mask);
          for (int lane = 0; lane < Lanes.LENGTH; lane++) {
            assertEquals(lane < count ? 3 : 7, all.lane(lane));
            assertEquals(lane < count ? 3 : 0, some.lane(lane));
          }
        }
      }
    }
  }

  /** The definition: the nearest of the two neighbouring bfloat16, the even one on a tie. */
  private static int toBf16(int bits) {
    float x = Float.intBitsToFloat(bits);
    if (Float.isNaN(x)) {
      return bits >>> 16 | 0x40;
    }
    int below = bits & 0xFFFF0000;
    int distance = bits & 0xFFFF;
    boolean up = distance > 0x8000 || distance == 0x8000 && (below >>> 16 & 1) == 1;
    return (up ? below + 0x10000 : below) >>> 16;
  }

  private static void assertBf16(int bits) {
    try (Arena arena = Arena.ofConfined()) {
      long address = arena.allocate(256, 64).address();
      Lanes.storeBf16(Lanes.broadcast(Float.intBitsToFloat(bits)), address);
      int stored = Float.floatToRawIntBits(Lanes.getBf16(address)) >>> 16;
      assertEquals(toBf16(bits), stored, () -> "of " + Integer.toHexString(bits) + where());
    }
  }

  private void checkUlp(
      UnaryOperator<FloatVector> f, DoubleUnaryOperator exact, double from, double to, double ulp) {
    for (int i = 0; i < 300_000; i++) {
      float x = (float) (from + (to - from) * random.nextDouble());
      double expected = exact.applyAsDouble(x);
      double error = Math.abs(apply(f, x) - expected) / Math.ulp((float) expected);
      assertTrue(error <= ulp, () -> error + " ulp off at " + x + where());
    }
  }

  private static float apply(UnaryOperator<FloatVector> f, float x) {
    return f.apply(Lanes.broadcast(x)).lane(Lanes.LENGTH - 1);
  }

  private static String where() {
    return ", seed " + SEED;
  }
}
