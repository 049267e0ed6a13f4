package dev.culebra.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.culebra.model.training.TrainingListener.StepMetrics;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class TimeLimitTest {
  @Test
  void ends_a_training_once_when_its_time_is_over() {
    AtomicInteger stops = new AtomicInteger();
    TimeLimit limit = new TimeLimit(2.5, stops::incrementAndGet);
    for (int step = 1; step <= 5; step++) {
      limit.onStep(new StepMetrics(step, 1, 1, 1e-3, 100, step));
      assertEquals(step > 2 ? 1 : 0, stops.get());
      assertEquals(step > 2, limit.passed());
    }
  }
}
