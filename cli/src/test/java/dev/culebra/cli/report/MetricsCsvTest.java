package dev.culebra.cli.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsCsvTest {
  @TempDir Path directory;

  @Test
  void a_row_is_on_disk_as_soon_as_it_is_added() throws IOException {
    try (MetricsCsv csv = new MetricsCsv(directory, 0)) {
      csv.add(row(1, Double.NaN));
      assertEquals(2, lines().size());
    }
    assertEquals(MetricsCsv.HEADER, lines().getFirst());
    assertEquals("1,4.250000,,1.500000,3.000000e-04,1000.0,1.000", lines().get(1));
  }

  @Test
  void a_resumed_run_drops_what_came_after_its_checkpoint_and_a_torn_last_line()
      throws IOException {
    try (MetricsCsv csv = new MetricsCsv(directory, 0)) {
      for (int step = 1; step <= 5; step++) {
        csv.add(row(step, step == 2 ? 3.5 : Double.NaN));
      }
    }
    Files.writeString(directory.resolve("metrics.csv"), "6,4.2", StandardOpenOption.APPEND);
    try (MetricsCsv csv = new MetricsCsv(directory, 3)) {
      assertEquals(List.of(1L, 2L, 3L), csv.earlier().stream().map(MetricsCsv.Row::step).toList());
      assertEquals(3.5, csv.earlier().get(1).validationLoss());
      csv.add(row(4, Double.NaN));
    }
    assertEquals(5, lines().size());
    assertTrue(lines().getLast().startsWith("4,"));
  }

  @Test
  void a_new_run_starts_with_an_empty_table() throws IOException {
    try (MetricsCsv csv = new MetricsCsv(directory, 0)) {
      csv.add(row(1, Double.NaN));
    }
    try (MetricsCsv csv = new MetricsCsv(directory, 0)) {
      assertTrue(csv.earlier().isEmpty());
    }
    assertEquals(List.of(MetricsCsv.HEADER), lines());
  }

  private static MetricsCsv.Row row(long step, double validationLoss) {
    return new MetricsCsv.Row(step, 4.25, validationLoss, 1.5, 3e-4, 1000, step);
  }

  private List<String> lines() throws IOException {
    return Files.readAllLines(directory.resolve("metrics.csv"));
  }
}
