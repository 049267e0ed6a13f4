package dev.culebra.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.culebra.cli.report.WholeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/**
 * {@code run.json} of a run directory: where a run's data comes from, for resuming. What the
 * trainer itself needs is in its checkpoints.
 *
 * @param data files, folders and globs, as absolute paths
 * @param validationShare of the tokens kept for validation
 */
record RunSettings(List<String> data, double validationShare) {
  static final String FILE = "run.json";
  private static final ObjectMapper JSON = new ObjectMapper();

  static RunSettings read(Path run) throws IOException {
    Path file = run.resolve(FILE);
    if (!Files.exists(file)) {
      throw new NoSuchFileException(
          file.toString(), null, "not there, so " + run + " is no run of 'culebra train'");
    }
    try {
      return JSON.readValue(file.toFile(), RunSettings.class);
    } catch (JsonProcessingException e) {
      throw new IOException(file + ": " + e.getOriginalMessage(), e);
    }
  }

  void write(Path run) throws IOException {
    WholeFile.replace(
        run.resolve(FILE), JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(this));
  }

  /** Sources that mean the same from any folder. */
  static List<String> absolute(List<String> sources) {
    return sources.stream()
        .map(source -> Path.of("").toAbsolutePath().resolve(source).normalize().toString())
        .toList();
  }
}
