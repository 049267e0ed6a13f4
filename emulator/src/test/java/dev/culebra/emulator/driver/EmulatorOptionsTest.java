package dev.culebra.emulator.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Devices made of system properties. */
class EmulatorOptionsTest {
  private static final String COUNTERS = "culebra.emulator.counters";

  @AfterEach
  void clear() {
    System.clearProperty(COUNTERS);
  }

  @Test
  void counters_are_asked_for_by_property() {
    assertFalse(EmulatorOptions.ofSystemProperties().execution().counters());
    System.setProperty(COUNTERS, "table");
    assertTrue(EmulatorOptions.ofSystemProperties().execution().counters());
    System.setProperty(COUNTERS, "none");
    assertFalse(EmulatorOptions.ofSystemProperties().execution().counters());
  }

  @Test
  void a_wrong_value_is_refused_with_the_propertys_name() {
    System.setProperty(COUNTERS, "json");
    Exception refused =
        assertThrows(IllegalArgumentException.class, EmulatorOptions::ofSystemProperties);
    assertEquals(
        "system property culebra.emulator.counters: 'json': give none or table",
        refused.getMessage());
  }
}
