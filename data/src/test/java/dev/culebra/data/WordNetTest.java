package dev.culebra.data;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class WordNetTest {
  @Test
  void there_are_117791_entries_with_9_megabytes_of_glosses_and_examples() throws IOException {
    List<String> entries = WordNet.entries();
    assertEquals(117_791, entries.size());
    long bytes = 0;
    long glossBytes = 0;
    for (String entry : entries) {
      assertTrue(entry.matches("(?s).+ \\((noun|verb|adjective|adverb)\\): .+\n"), entry);
      bytes += entry.getBytes(UTF_8).length;
      glossBytes += entry.substring(entry.indexOf("): ") + 3).getBytes(UTF_8).length;
    }
    assertEquals(12_448_843, bytes);
    assertEquals(9.0e6, glossBytes, 0.1e6);
  }

  @Test
  void an_entry_has_words_part_of_speech_gloss_and_examples() throws IOException {
    List<String> entries = WordNet.entries();
    assertTrue(
        entries.stream().anyMatch(e -> e.startsWith("pearl (noun): a smooth lustrous round")));
    assertTrue(
        entries.contains(
            "abaxial, dorsal (adjective): facing away from the axis of an organ or organism; \"the"
                + " abaxial surface of a leaf is the underside or side facing away from the"
                + " stem\"\n"));
    assertTrue(entries.stream().noneMatch(e -> e.substring(0, e.indexOf(" (")).contains("_")));
  }

  @Test
  void a_seed_fixes_the_order() throws IOException {
    assertEquals(WordNet.shuffled(3), WordNet.shuffled(3));
    assertNotEquals(WordNet.shuffled(3), WordNet.shuffled(4));
    assertEquals(
        WordNet.entries().stream().sorted().toList(),
        WordNet.shuffled(5).stream().sorted().toList());
  }
}
