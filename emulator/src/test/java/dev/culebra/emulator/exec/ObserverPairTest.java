package dev.culebra.emulator.exec;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import org.junit.jupiter.api.Test;

class ObserverPairTest {
  @Test
  void all_that_an_observer_may_be_told_is_passed_on() {
    for (Method told : BlockObserver.class.getDeclaredMethods()) {
      if (!Modifier.isStatic(told.getModifiers()) && !told.isSynthetic()) {
        assertDoesNotThrow(
            () -> ObserverPair.class.getDeclaredMethod(told.getName(), told.getParameterTypes()));
      }
    }
  }
}
