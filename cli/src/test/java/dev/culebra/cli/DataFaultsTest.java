package dev.culebra.cli;

import static dev.culebra.cli.CommandRun.of;
import static dev.culebra.cli.CommandRun.ok;
import static dev.culebra.cli.CommandRun.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Data that is missing, damaged, no text, too little or too much. */
class DataFaultsTest {
  @TempDir Path folder;

  private Path out;

  @BeforeEach
  void place() throws IOException {
    out = folder.resolve("out");
    CommandRun.config(folder.resolve("tiny.json"));
  }

  private void trainingRefused(String data, String... words) {
    Path config = folder.resolve("tiny.json");
    refused(
        1,
        List.of(words),
        "train",
        "--data",
        data,
        "--model",
        config.toString(),
        "--vocabulary",
        "300",
        "--steps",
        "3",
        "--out",
        out.toString());
    assertFalse(Files.exists(out), "nothing may be left where no training began");
  }

  private String file(String name, byte[] bytes) throws IOException {
    return Files.write(folder.resolve(name), bytes).toString();
  }

  @Test
  void missing_data_is_named() {
    trainingRefused(folder + "/missing.txt", "missing.txt", "does not exist");
    trainingRefused(folder + "/no*.txt", "no file matches", "no*.txt");
    trainingRefused(folder + "/[a.txt", "[a.txt is neither there nor a valid glob");
    trainingRefused("", "an empty name is no data");
  }

  @Test
  void empty_data_is_named() throws IOException {
    trainingRefused(file("empty.txt", new byte[0]), "empty.txt is empty");
    Files.createDirectory(folder.resolve("none"));
    trainingRefused(folder + "/none", "none is a directory without files");
  }

  @Test
  void binary_data_is_named_with_the_place_of_its_first_zero() throws IOException {
    trainingRefused(file("image.png", new byte[] {'P', 'N', 'G', 0, 1}), "image.png", "offset 3");
  }

  @Test
  void text_in_another_encoding_is_named_with_the_place_of_its_first_wrong_byte()
      throws IOException {
    byte[] latin1 = "a café by the sea".getBytes(StandardCharsets.ISO_8859_1);
    trainingRefused(
        file("latin1.txt", latin1), "latin1.txt is not valid UTF-8", "0xe9", "offset 5");
    String model = CommandRun.model(folder).toString();
    String data = folder + "/latin1.txt";
    refused(1, List.of("latin1.txt is not valid UTF-8"), "eval", "--model", model, "--data", data);
  }

  @Test
  void a_pipe_is_refused_because_it_can_be_read_only_once() throws Exception {
    Path pipe = folder.resolve("pipe");
    assumeTrue(
        new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0, "no mkfifo here");
    trainingRefused(pipe.toString(), "pipe is no regular file");
  }

  @Test
  void text_too_short_for_one_sequence_is_named_with_what_it_has() throws IOException {
    String data = file("short.txt", "too short".getBytes(StandardCharsets.UTF_8));
    trainingRefused(data, "short.txt", "too few for sequences of 32", "--length");
  }

  @Test
  void text_too_short_to_validate_with_says_how_to_do_without() throws IOException {
    String data = file("short.txt", "word ".repeat(20).getBytes(StandardCharsets.UTF_8));
    String config = folder + "/tiny.json";
    String[] args = {
      "train",
      "--data",
      data,
      "--model",
      config,
      "--vocabulary",
      "300",
      "--steps",
      "2",
      "--length",
      "4",
      "--batch",
      "2",
      "--validation",
      "0.01",
      "--out",
      out.toString()
    };
    refused(1, List.of("short.txt", "nothing for validation", "--validation"), args);
    args[14] = "0";
    ok(args);
  }

  @Test
  void a_huge_binary_file_is_refused_without_reading_it_through() throws IOException {
    Path sparse = folder.resolve("sparse.txt");
    try (RandomAccessFile file = new RandomAccessFile(sparse.toFile(), "rw")) {
      file.write("some text. ".getBytes(StandardCharsets.UTF_8));
      file.setLength(40L << 30);
    }
    long start = System.nanoTime();
    trainingRefused(sparse.toString(), "sparse.txt looks binary", "offset 11");
    assertEquals(0, (System.nanoTime() - start) / 20_000_000_000L, "read it through");
  }

  @Test
  void text_larger_than_the_heap_is_streamed() throws Exception {
    Path huge = folder.resolve("huge.txt");
    byte[] line = "the cat sees a tree and runs on.\n".repeat(1 << 15).getBytes();
    try (OutputStream text = Files.newOutputStream(huge)) {
      for (int i = 0; i < 100; i++) {
        text.write(line);
      }
    }
    Path log = folder.resolve("log");
    Process process =
        CommandRun.start(
            List.of("-Xmx64m"),
            List.of(),
            log,
            "tokenizer",
            "train",
            "--data",
            huge.toString(),
            "--vocabulary",
            "270",
            "--out",
            out.toString());
    assertEquals(0, process.waitFor(), Files.readString(log));
    assertFalse(of("tokenizer", "encode", "--tokenizer", out.toString(), "cat").out().isEmpty());
  }
}
