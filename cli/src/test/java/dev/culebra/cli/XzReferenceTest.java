package dev.culebra.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.culebra.data.TextFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class XzReferenceTest {
  @TempDir Path folder;

  @Test
  void it_is_what_xz_9e_makes_of_the_text() throws Exception {
    Path text = CommandRun.text(folder.resolve("text.txt"), 20_000);
    Path packed = folder.resolve("text.xz");
    assumeTrue(xz(text, packed), "no xz here");
    double expected = 8.0 * Files.size(packed) / Files.size(text);
    double bits = XzReference.bitsPerByte(TextFiles.of(List.of(text.toString())));
    assertEquals(expected, bits, 0.005 * expected);
  }

  private static boolean xz(Path text, Path packed) throws InterruptedException {
    try {
      return new ProcessBuilder("xz", "-9e", "-c", text.toString())
              .redirectOutput(packed.toFile())
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
