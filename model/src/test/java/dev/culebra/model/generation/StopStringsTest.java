package dev.culebra.model.generation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class StopStringsTest {
  @Test
  void shows_everything_when_there_are_no_stop_strings() {
    StopStrings stops = new StopStrings(List.of());
    assertEquals("ab", stops.append("ab"));
    assertEquals("c", stops.append("c"));
    assertEquals("", stops.finish());
  }

  @Test
  void holds_back_what_may_become_a_stop_string() {
    StopStrings stops = new StopStrings(List.of("\nUser:"));
    assertEquals("hello", stops.append("hello\nUs"));
    assertEquals("\nUsual", stops.append("ual"));
    assertFalse(stops.found());
  }

  @Test
  void ends_before_the_first_stop_string_and_shows_nothing_after() {
    StopStrings stops = new StopStrings(List.of("END", "STOP"));
    assertEquals("one ", stops.append("one ST"));
    assertEquals("", stops.append("OP two END"));
    assertTrue(stops.found());
    assertEquals("", stops.append("three"));
    assertEquals("", stops.finish());
  }

  @Test
  void an_unfinished_stop_string_is_text_after_all() {
    StopStrings stops = new StopStrings(List.of("END"));
    assertEquals("the ", stops.append("the EN"));
    assertEquals("EN", stops.finish());
  }

  @Test
  void shows_the_same_however_the_text_is_cut() {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < 500; round++) {
      String text = letters(random, random.nextInt(1, 40));
      List<String> stop = List.of(letters(random, random.nextInt(1, 4)), letters(random, 2));
      int first = stop.stream().mapToInt(text::indexOf).filter(at -> at >= 0).min().orElse(-1);
      String expected = first < 0 ? text : text.substring(0, first);
      assertEquals(expected, shownInPieces(text, stop, random), "seed " + seed + ", " + stop);
    }
  }

  private static String shownInPieces(String text, List<String> stop, SplittableRandom random) {
    StopStrings stops = new StopStrings(stop);
    StringBuilder shown = new StringBuilder();
    for (int from = 0; from < text.length(); ) {
      int to = Math.min(text.length(), from + random.nextInt(1, 5));
      shown.append(stops.append(text.substring(from, to)));
      from = to;
    }
    return shown.append(stops.finish()).toString();
  }

  private static String letters(SplittableRandom random, int length) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append((char) ('a' + random.nextInt(3)));
    }
    return text.toString();
  }
}
