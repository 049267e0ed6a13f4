package dev.culebra.cli.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Draws training and validation loss over steps. */
final class LossChart {
  private static final int WIDTH = 900;
  private static final int HEIGHT = 540;

  /** A chart of more points than pixels shows no more; thin them out. */
  private static final int MOST_POINTS = WIDTH;

  private static final Color TRAINING = new Color(0x7F, 0xA8, 0xD1);
  private static final Color VALIDATION = new Color(0xC4, 0x4E, 0x2B);

  /** A loss at a step, nats a token. */
  record Point(long step, double loss) {}

  private LossChart() {}

  /** Writes {@code loss.png} and {@code loss.svg}, replacing older ones. Needs a point at least. */
  static void write(Path directory, String title, List<Point> training, List<Point> validation)
      throws IOException {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title)
            .xAxisTitle("step")
            .yAxisTitle("loss, nats a token")
            .build();
    chart.getStyler().setLegendPosition(LegendPosition.InsideNE);
    chart.getStyler().setChartBackgroundColor(Color.WHITE);
    chart.getStyler().setMarkerSize(5);
    addLine(chart, "training", thinned(training), TRAINING, 1.2f);
    if (!validation.isEmpty()) {
      addLine(chart, "validation", validation, VALIDATION, 2.2f).setMarker(SeriesMarkers.CIRCLE);
    }
    // A cache on disk takes a shutdown hook, which a program that is ending no longer gets.
    ImageIO.setUseCache(false);
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    BitmapEncoder.saveBitmap(chart, png, BitmapFormat.PNG);
    WholeFile.replace(directory.resolve("loss.png"), png.toByteArray());
    ByteArrayOutputStream svg = new ByteArrayOutputStream();
    VectorGraphicsEncoder.saveVectorGraphic(chart, svg, VectorGraphicsFormat.SVG);
    WholeFile.replace(directory.resolve("loss.svg"), svg.toByteArray());
  }

  private static XYSeries addLine(
      XYChart chart, String name, List<Point> points, Color color, float width) {
    XYSeries series =
        chart.addSeries(
            name,
            points.stream().mapToDouble(Point::step).toArray(),
            points.stream().mapToDouble(Point::loss).toArray());
    series.setMarker(SeriesMarkers.NONE);
    series.setLineColor(color);
    series.setMarkerColor(color);
    series.setLineStyle(new BasicStroke(width));
    return series;
  }

  /** Means of neighbouring points, so that no spike is invented or lost in sampling. */
  static List<Point> thinned(List<Point> points) {
    int group = (points.size() + MOST_POINTS - 1) / MOST_POINTS;
    if (group <= 1) {
      return points;
    }
    return java.util.stream.IntStream.range(0, (points.size() + group - 1) / group)
        .mapToObj(
            i -> {
              List<Point> part =
                  points.subList(i * group, Math.min(points.size(), (i + 1) * group));
              double mean = part.stream().mapToDouble(Point::loss).average().orElseThrow();
              return new Point(part.getLast().step(), mean);
            })
        .toList();
  }
}
