package dev.culebra.cli.report;

import dev.culebra.cli.Progress;
import dev.culebra.model.training.Evaluation;
import dev.culebra.model.training.TrainingListener;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import me.tongfei.progressbar.ProgressBar;

/**
 * Shows a training to people and writes it down: a progress bar (or, without a terminal, a line now
 * and then), {@code metrics.csv}, TensorBoard events, and at each checkpoint the loss curve.
 */
public final class TrainingReport implements TrainingListener, AutoCloseable {
  private static final double SECONDS_BETWEEN_LINES = 10;

  /** Loss and speed shown are means over about this many steps: single ones jump about. */
  private static final double SMOOTHING_STEPS = 20;

  private final Path directory;
  private final String title;
  private final PrintWriter out;
  private final long steps;
  private final MetricsCsv csv;
  private final TensorBoardEvents events;
  private final ProgressBar bar;
  private final List<LossChart.Point> training = new ArrayList<>();
  private final List<LossChart.Point> validation = new ArrayList<>();
  private MetricsCsv.Row pending;
  private double smoothed = Double.NaN;
  private double smoothedSecondsPerToken = Double.NaN;
  private StepMetrics first;
  private double validationLoss = Double.NaN;
  private double nextLine;
  private boolean chartFailed;

  /**
   * @param directory of the run
   * @param title of the chart
   * @param steps in all
   * @param done steps done in earlier sessions; 0 for a new run
   * @param out where lines go when there is no terminal
   */
  public TrainingReport(Path directory, String title, long steps, long done, PrintWriter out)
      throws IOException {
    this.directory = directory;
    this.title = title;
    this.steps = steps;
    this.out = out;
    csv = new MetricsCsv(directory, done);
    for (MetricsCsv.Row row : csv.earlier()) {
      remember(row);
    }
    events = new TensorBoardEvents(directory, done);
    bar = Progress.steps("training", steps, done);
  }

  private void remember(MetricsCsv.Row row) {
    training.add(new LossChart.Point(row.step(), row.loss()));
    if (!Double.isNaN(row.validationLoss())) {
      validation.add(new LossChart.Point(row.step(), row.validationLoss()));
      validationLoss = row.validationLoss();
    }
  }

  @Override
  public void onStep(StepMetrics metrics) {
    writePending();
    pending =
        new MetricsCsv.Row(
            metrics.step(),
            metrics.loss(),
            Double.NaN,
            metrics.gradNorm(),
            metrics.learningRate(),
            metrics.tokensPerSecond(),
            metrics.seconds());
    first = first == null ? metrics : first;
    long seen = metrics.step() - first.step() + 1;
    double weight = Math.max(1.0 / seen, 1 / SMOOTHING_STEPS);
    smoothed = mean(smoothed, metrics.loss(), weight);
    smoothedSecondsPerToken = mean(smoothedSecondsPerToken, 1 / metrics.tokensPerSecond(), weight);
    bar.stepTo(metrics.step());
    bar.setExtraMessage(message());
    if (!Progress.isTerminal() && (metrics.seconds() >= nextLine || metrics.step() == steps)) {
      nextLine = metrics.seconds() + SECONDS_BETWEEN_LINES;
      out.printf(
          Locale.ROOT,
          "step %d of %d, %s%s%n",
          metrics.step(),
          steps,
          message(),
          timeLeft(metrics));
      out.flush();
    }
  }

  private static double mean(double before, double now, double weight) {
    return Double.isNaN(before) ? now : before + weight * (now - before);
  }

  private String message() {
    return String.format(
        Locale.ROOT,
        "loss %.3f, validation %s, %,.0f tokens/s",
        smoothed,
        Double.isNaN(validationLoss) ? "-" : String.format(Locale.ROOT, "%.3f", validationLoss),
        1 / smoothedSecondsPerToken);
  }

  /** By this session's speed, evaluations and checkpoints included; its first step is slow. */
  private String timeLeft(StepMetrics metrics) {
    if (metrics.step() == first.step()) {
      return "";
    }
    double perStep = (metrics.seconds() - first.seconds()) / (metrics.step() - first.step());
    long seconds = Math.round(perStep * (steps - metrics.step()));
    return seconds < 60
        ? ", " + seconds + " s left"
        : String.format(Locale.ROOT, ", %d:%02d left", seconds / 60, seconds % 60);
  }

  @Override
  public void onEvaluation(long step, Evaluation evaluation) {
    validationLoss = evaluation.loss();
    if (pending != null && pending.step() == step) {
      pending = pending.withValidationLoss(validationLoss);
    }
  }

  @Override
  public void beforeCheckpoint(long step) {
    writePending();
  }

  @Override
  public void onCheckpoint(long step, Path checkpoint) {
    drawChart();
  }

  /** A step's row waits for its evaluation, which comes after it. */
  private void writePending() {
    if (pending == null) {
      return;
    }
    Map<String, Double> values = new LinkedHashMap<>();
    values.put("loss/training", pending.loss());
    if (!Double.isNaN(pending.validationLoss())) {
      values.put("loss/validation", pending.validationLoss());
    }
    values.put("gradient_norm", pending.gradientNorm());
    values.put("learning_rate", pending.learningRate());
    values.put("tokens_per_second", pending.tokensPerSecond());
    try {
      csv.add(pending);
      events.add(pending.step(), values);
    } catch (IOException e) {
      throw new UncheckedIOException(
          directory + ": metrics can't be written: " + e.getMessage(), e);
    }
    remember(pending);
    pending = null;
  }

  /** A picture that fails, for want of fonts say, is no reason to lose a training. */
  private void drawChart() {
    if (training.isEmpty() || chartFailed) {
      return;
    }
    try {
      LossChart.write(directory, title, training, validation);
    } catch (IOException | RuntimeException | LinkageError | InternalError e) {
      chartFailed = true;
      out.printf("%s: the loss curve can't be drawn: %s%n", directory, e.getMessage());
      out.flush();
    }
  }

  @Override
  public void close() throws IOException {
    bar.close();
    try (csv;
        events) {
      writePending();
      drawChart();
    }
  }
}
