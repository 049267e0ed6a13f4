package dev.culebra.cli;

import static java.util.Map.entry;

import dev.culebra.model.ModelConfig;
import dev.culebra.model.training.AdamWOptimizer;
import dev.culebra.model.training.LearningRateSchedule;
import dev.culebra.model.training.TrainingConfig;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.Device;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** How a model is trained. */
final class TrainingOptions {
  /** Precisions by the names of the option. */
  enum Precision {
    AUTO,
    F32,
    BF16
  }

  /** Options by the names that the model's own settings give to what they set. */
  private static final Map<String, String> OPTIONS =
      Map.ofEntries(
          entry("steps", "--steps"),
          entry("batch", "--batch"),
          entry("accumulation", "--accumulation"),
          entry("learning rate", "--learning-rate"),
          entry("minimum learning rate", "--min-learning-rate"),
          entry("warmup", "--warmup"),
          entry("weightDecay", "--weight-decay"),
          entry("beta1", "--beta1"),
          entry("beta2", "--beta2"),
          entry("maxGradNorm", "--clip"),
          entry("evaluationInterval", "--eval-interval"),
          entry("evaluationBatches", "--eval-batches"),
          entry("checkpointInterval", "--checkpoint-interval"),
          entry("keep", "--keep"));

  @Option(
      names = "--steps",
      paramLabel = "N",
      defaultValue = "2000",
      description = "Updates in all. Default: ${DEFAULT-VALUE}.")
  private long steps;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "8",
      description = "Sequences of a pass. Default: ${DEFAULT-VALUE}.")
  private int batch;

  @Option(
      names = "--length",
      paramLabel = "N",
      defaultValue = "0",
      description = "Tokens of a sequence; 0 for the model's context. Default: ${DEFAULT-VALUE}.")
  private int length;

  @Option(
      names = "--accumulation",
      paramLabel = "N",
      defaultValue = "1",
      description = "Passes of a step, their gradients summed. Default: ${DEFAULT-VALUE}.")
  private int accumulation;

  @Option(
      names = "--learning-rate",
      paramLabel = "X",
      defaultValue = "6e-4",
      description = "The highest learning rate. Default: ${DEFAULT-VALUE}.")
  private float learningRate;

  @Option(
      names = "--min-learning-rate",
      paramLabel = "X",
      description = "The learning rate at the end. Default: a tenth of the highest.")
  private Float minimumLearningRate;

  @Option(
      names = "--schedule",
      paramLabel = "KIND",
      defaultValue = "cosine",
      description = "constant, linear, cosine or wsd. Default: ${DEFAULT-VALUE}.")
  private LearningRateSchedule.Kind schedule;

  @Option(
      names = "--warmup",
      paramLabel = "N",
      description =
          "Steps over which the learning rate rises. Default: a twentieth of all, at most 100.")
  private Integer warmup;

  @Option(
      names = "--weight-decay",
      paramLabel = "X",
      defaultValue = "0.1",
      description = "Decay of matrices. Default: ${DEFAULT-VALUE}.")
  private float weightDecay;

  @Option(
      names = "--beta1",
      paramLabel = "X",
      defaultValue = "0.9",
      description = "AdamW's decay of the first moment. Default: ${DEFAULT-VALUE}.")
  private float beta1;

  @Option(
      names = "--beta2",
      paramLabel = "X",
      defaultValue = "0.95",
      description = "AdamW's decay of the second moment. Default: ${DEFAULT-VALUE}.")
  private float beta2;

  @Option(
      names = "--clip",
      paramLabel = "X",
      defaultValue = "1",
      description =
          "The gradient's norm is cut down to this; 0 for not. Default: ${DEFAULT-VALUE}.")
  private float clip;

  @Option(
      names = "--dropout",
      paramLabel = "P",
      description = "Share of activations dropped while training. Default: what the model says.")
  private Float dropout;

  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      defaultValue = "auto",
      description =
          "f32, bf16 (with f32 master weights), or auto: bf16 where it runs in hardware. Default:"
              + " ${DEFAULT-VALUE}.")
  private Precision precision;

  @Option(
      names = "--recompute",
      description = "Compute activations again in the backward pass: slower, in less memory.")
  private boolean recompute;

  @Option(
      names = "--separate-documents",
      description = "Hide from a token those of other documents.")
  private boolean separateDocuments;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Fixes weights, order of the data and dropout. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--eval-interval",
      paramLabel = "N",
      defaultValue = "100",
      description = "Steps between evaluations; 0 for none. Default: ${DEFAULT-VALUE}.")
  private int evaluationInterval;

  @Option(
      names = "--eval-batches",
      paramLabel = "N",
      defaultValue = "10",
      description = "Batches of an evaluation. Default: ${DEFAULT-VALUE}.")
  private int evaluationBatches;

  @Option(
      names = "--checkpoint-interval",
      paramLabel = "N",
      defaultValue = "200",
      description = "Steps between checkpoints; 0 for the end only. Default: ${DEFAULT-VALUE}.")
  private int checkpointInterval;

  @Option(
      names = "--keep",
      paramLabel = "N",
      defaultValue = "2",
      description = "Newest checkpoints to keep, beside the best. Default: ${DEFAULT-VALUE}.")
  private int keep;

  long steps() {
    return steps;
  }

  /** The model with this dropout, if one was given. */
  ModelConfig model(CommandLine command, ModelConfig config) {
    try {
      return dropout == null ? config : config.withDropout(dropout);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command, "--" + e.getMessage(), e);
    }
  }

  /**
   * The training that the options describe.
   *
   * @throws ParameterException if a value makes no sense
   */
  TrainingConfig config(CommandLine command, ModelConfig model, Device device) {
    if (length < 0 || length > model.contextLength()) {
      throw new ParameterException(
          command,
          "--length %d is not in the model's context of %d"
              .formatted(length, model.contextLength()));
    }
    model(command, model);
    try {
      int warmupSteps = warmup != null ? warmup : (int) Math.min(100, steps / 20);
      float minimum = minimumLearningRate != null ? minimumLearningRate : learningRate / 10;
      return new TrainingConfig(
          batch,
          length > 0 ? length : model.contextLength(),
          accumulation,
          steps,
          new LearningRateSchedule(schedule, learningRate, minimum, warmupSteps),
          new AdamWOptimizer.Settings(beta1, beta2, 1e-8f, weightDecay, clip),
          dtype(device),
          recompute,
          separateDocuments,
          seed,
          evaluationInterval,
          evaluationBatches,
          checkpointInterval,
          keep);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command, byOption(e.getMessage()), e);
    }
  }

  /** A complaint about a field, as one about the option that it comes from. */
  private static String byOption(String message) {
    for (Map.Entry<String, String> field : OPTIONS.entrySet()) {
      if (message.startsWith(field.getKey() + " must")) {
        return field.getValue() + message.substring(field.getKey().length());
      }
    }
    return message;
  }

  private DType dtype(Device device) {
    return switch (precision) {
      case F32 -> DType.F32;
      case BF16 -> DType.BF16;
      case AUTO -> device.accelerates(DType.BF16) ? DType.BF16 : DType.F32;
    };
  }
}
