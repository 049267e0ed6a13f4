package dev.culebra.cli.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LossChartTest {
  @TempDir Path directory;

  @Test
  void draws_both_curves_as_png_and_svg_and_leaves_nothing_else() throws IOException {
    LossChart.write(directory, "a run", falling(50), List.of(new LossChart.Point(25, 3)));
    BufferedImage png = ImageIO.read(directory.resolve("loss.png").toFile());
    assertEquals(900, png.getWidth());
    assertTrue(Files.readString(directory.resolve("loss.svg")).contains("<svg"));
    try (var files = Files.list(directory)) {
      assertEquals(2, files.count());
    }
  }

  @Test
  void thinning_keeps_the_mean_and_the_last_step() {
    List<LossChart.Point> points = falling(10_001);
    List<LossChart.Point> thinned = LossChart.thinned(points);
    assertTrue(thinned.size() <= 900);
    assertEquals(points.getLast().step(), thinned.getLast().step());
    assertArrayEquals(new double[] {mean(points)}, new double[] {mean(thinned)}, 0.02);
  }

  private static double mean(List<LossChart.Point> points) {
    return points.stream().mapToDouble(LossChart.Point::loss).average().orElseThrow();
  }

  private static List<LossChart.Point> falling(int steps) {
    return LongStream.rangeClosed(1, steps)
        .mapToObj(step -> new LossChart.Point(step, 2 + 4.0 / Math.sqrt(step)))
        .toList();
  }
}
