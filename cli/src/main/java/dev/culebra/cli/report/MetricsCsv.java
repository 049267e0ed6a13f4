package dev.culebra.cli.report;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * {@code metrics.csv} of a run: a row a step. Each row is flushed, so a killed run loses none; a
 * resumed run drops the rows after the step that it resumes from.
 */
final class MetricsCsv implements AutoCloseable {
  static final String HEADER =
      "step,loss,validation_loss,gradient_norm,learning_rate,tokens_per_second,seconds";

  private final BufferedWriter out;

  /**
   * One row.
   *
   * @param validationLoss NaN where none was measured
   * @param seconds since the run began, earlier sessions included
   */
  record Row(
      long step,
      double loss,
      double validationLoss,
      double gradientNorm,
      double learningRate,
      double tokensPerSecond,
      double seconds) {
    private static final int FIELDS = 7;

    Row withValidationLoss(double validationLoss) {
      return new Row(
          step, loss, validationLoss, gradientNorm, learningRate, tokensPerSecond, seconds);
    }

    private String text() {
      return String.format(
          Locale.ROOT,
          "%d,%.6f,%s,%.6f,%.6e,%.1f,%.3f",
          step,
          loss,
          Double.isNaN(validationLoss) ? "" : String.format(Locale.ROOT, "%.6f", validationLoss),
          gradientNorm,
          learningRate,
          tokensPerSecond,
          seconds);
    }

    private static Row parse(String line) {
      String[] fields = line.split(",", -1);
      if (fields.length != FIELDS) {
        throw new NumberFormatException(line);
      }
      return new Row(
          Long.parseLong(fields[0]),
          Double.parseDouble(fields[1]),
          fields[2].isEmpty() ? Double.NaN : Double.parseDouble(fields[2]),
          Double.parseDouble(fields[3]),
          Double.parseDouble(fields[4]),
          Double.parseDouble(fields[5]),
          Double.parseDouble(fields[6]));
    }
  }

  private final List<Row> earlier;

  /**
   * Opens the file of a run.
   *
   * @param resumedFrom step of the checkpoint that the run goes on from; 0 for a new run
   */
  MetricsCsv(Path directory, long resumedFrom) throws IOException {
    Path file = directory.resolve("metrics.csv");
    earlier = resumedFrom > 0 ? read(file, resumedFrom) : List.of();
    List<String> lines = new ArrayList<>();
    lines.add(HEADER);
    earlier.forEach(row -> lines.add(row.text()));
    String text = String.join("\n", lines) + "\n";
    WholeFile.replace(file, text.getBytes(StandardCharsets.UTF_8));
    out = Files.newBufferedWriter(file, StandardCharsets.UTF_8, StandardOpenOption.APPEND);
  }

  /** Rows of earlier sessions that still hold. */
  List<Row> earlier() {
    return earlier;
  }

  void add(Row row) throws IOException {
    out.write(row.text());
    out.write('\n');
    out.flush();
  }

  /** Rows up to a step; a last line that was cut off by a kill is dropped. */
  private static List<Row> read(Path file, long lastStep) throws IOException {
    if (!Files.exists(file)) {
      return List.of();
    }
    List<Row> rows = new ArrayList<>();
    for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
      if (line.equals(HEADER)) {
        continue;
      }
      try {
        Row row = Row.parse(line);
        if (row.step() <= lastStep) {
          rows.add(row);
        }
      } catch (NumberFormatException e) {
        break;
      }
    }
    return rows;
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
