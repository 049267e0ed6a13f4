package dev.culebra.model.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.culebra.model.training.LearningRateSchedule.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class LearningRateScheduleTest {
  private static final long STEPS = 110;

  private static double rate(Kind kind, long step) {
    return new LearningRateSchedule(kind, 1, 0.2f, 10).at(step, STEPS);
  }

  @ParameterizedTest
  @EnumSource
  void warms_up_linearly_to_the_peak(Kind kind) {
    for (int step = 1; step <= 10; step++) {
      assertEquals(step / 10.0, rate(kind, step), 1e-7);
    }
  }

  /** By hand: half way cos is 0, a quarter of the way √½. */
  @ParameterizedTest
  @CsvSource({
    "CONSTANT, 60, 1",
    "CONSTANT, 110, 1",
    "LINEAR, 35, 0.8",
    "LINEAR, 60, 0.6",
    "LINEAR, 110, 0.2",
    "COSINE, 35, 0.88284271",
    "COSINE, 60, 0.6",
    "COSINE, 110, 0.2",
    "WSD, 60, 1",
    "WSD, 88, 1",
    "WSD, 99, 0.6",
    "WSD, 110, 0.2",
  })
  void follows_its_formula(Kind kind, long step, double expected) {
    assertEquals(expected, rate(kind, step), 1e-6);
  }

  @ParameterizedTest
  @EnumSource
  void never_leaves_its_bounds(Kind kind) {
    for (int warmup : new int[] {0, 1, 7, 200}) {
      LearningRateSchedule schedule = new LearningRateSchedule(kind, 3e-4f, 3e-5f, warmup);
      for (int steps : new int[] {1, 2, 50}) {
        for (int step = Math.max(1, warmup); step < 300; step++) {
          double rate = schedule.at(step, steps);
          assertEquals(Math.clamp(rate, 3e-5f, 3e-4f), rate, kind + " " + step + "/" + steps);
        }
      }
    }
  }

  @Test
  void nonsense_is_refused() {
    assertThrows(
        IllegalArgumentException.class, () -> new LearningRateSchedule(Kind.LINEAR, 0, 0, 0));
    assertThrows(
        IllegalArgumentException.class, () -> new LearningRateSchedule(Kind.LINEAR, 1, 2, 0));
    assertThrows(
        IllegalArgumentException.class, () -> new LearningRateSchedule(Kind.LINEAR, 1, 0, -1));
    assertThrows(
        IllegalArgumentException.class,
        () -> new LearningRateSchedule(Kind.LINEAR, Float.NaN, 0, 0));
  }
}
