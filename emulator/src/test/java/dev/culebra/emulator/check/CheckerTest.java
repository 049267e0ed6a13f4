package dev.culebra.emulator.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckerTest {
  @Test
  void a_list_names_all_none_or_some() {
    assertEquals(Set.of(Checker.values()), Checker.parse("all"));
    assertEquals(Set.of(), Checker.parse("none"));
    assertEquals(Set.of(Checker.RACE, Checker.ASYNC_COPY), Checker.parse("race,async-copy"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"none,race", "race,all", "", "race,", "races"})
  void what_says_nothing_clear_is_refused(String list) {
    var refused = assertThrows(IllegalArgumentException.class, () -> Checker.parse(list));
    assertTrue(refused.getMessage().contains("memory, initialised, race"), refused.getMessage());
  }
}
