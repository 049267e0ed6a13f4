package dev.culebra.model.training;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.culebra.model.checkpoint.JsonDocument;
import dev.culebra.model.training.BatchSource.DataPosition;
import dev.culebra.runtime.DType;
import java.io.IOException;
import java.nio.file.Path;

/** {@code training.json} of a checkpoint: {@link TrainingConfig} and {@link TrainingState}. */
final class TrainingJson {
  static final String FILE = "training.json";
  private static final int VERSION = 2;

  private TrainingJson() {}

  static byte[] write(TrainingConfig config, TrainingState state, Long tokenizer, String data) {
    ObjectNode root = JsonDocument.object();
    root.put("version", VERSION);
    root.put("step", state.step());
    root.put("epoch", state.data().epoch());
    root.put("sequence", state.data().sequence());
    root.put("seconds", state.seconds());
    putUnlessNan(root, "validationLoss", state.validationLoss());
    root.put("bestStep", state.bestStep());
    putUnlessNan(root, "bestLoss", state.bestLoss());
    if (tokenizer != null) {
      root.put("tokenizer", Long.toHexString(tokenizer));
    }
    root.put("data", data);
    root.set("config", write(config));
    return JsonDocument.bytes(root);
  }

  /** A config, field by field. */
  static ObjectNode write(TrainingConfig config) {
    ObjectNode node = JsonDocument.object();
    node.put("batch", config.batch());
    node.put("length", config.length());
    node.put("accumulation", config.accumulation());
    node.put("steps", config.steps());
    node.put("schedule", config.schedule().kind().name());
    node.put("learningRate", config.schedule().peak());
    node.put("minimumLearningRate", config.schedule().minimum());
    node.put("warmup", config.schedule().warmup());
    node.put("beta1", config.optimizer().beta1());
    node.put("beta2", config.optimizer().beta2());
    node.put("epsilon", config.optimizer().epsilon());
    node.put("weightDecay", config.optimizer().weightDecay());
    node.put("maxGradNorm", config.optimizer().maxGradNorm());
    node.put("dtype", config.dtype().name());
    node.put("recompute", config.recompute());
    node.put("separateDocuments", config.separateDocuments());
    node.put("seed", config.seed());
    node.put("evaluationInterval", config.evaluationInterval());
    node.put("evaluationBatches", config.evaluationBatches());
    node.put("checkpointInterval", config.checkpointInterval());
    node.put("keep", config.keep());
    return node;
  }

  private static void putUnlessNan(ObjectNode node, String field, double value) {
    if (!Double.isNaN(value)) {
      node.put(field, value);
    }
  }

  /**
   * What the file holds.
   *
   * @param tokenizer fingerprint, null where there was none
   * @param data identity of the training data
   */
  record Content(TrainingConfig config, TrainingState state, Long tokenizer, String data) {}

  static Content read(Path directory) throws IOException {
    JsonDocument json = JsonDocument.read(directory.resolve(FILE));
    if (json.integer("version") != VERSION) {
      throw json.wrong("version", VERSION + ", the only one that this build reads");
    }
    try {
      TrainingState state =
          new TrainingState(
              json.wholeNumber("step"),
              new DataPosition(json.wholeNumber("epoch"), json.wholeNumber("sequence")),
              json.number("seconds"),
              json.number("validationLoss", Double.NaN),
              json.wholeNumber("bestStep"),
              json.number("bestLoss", Double.NaN));
      Long tokenizer =
          json.has("tokenizer") ? Long.parseUnsignedLong(json.text("tokenizer"), 16) : null;
      String data = json.text("data");
      TrainingConfig config = config(json.child("config"));
      json.refuseUnknown();
      return new Content(config, state, tokenizer, data);
    } catch (IllegalArgumentException e) {
      throw json.wrong(e.getMessage());
    }
  }

  private static TrainingConfig config(JsonDocument json) {
    TrainingConfig config =
        new TrainingConfig(
            json.integer("batch"),
            json.integer("length"),
            json.integer("accumulation"),
            json.wholeNumber("steps"),
            new LearningRateSchedule(
                json.choice("schedule", LearningRateSchedule.Kind.class),
                (float) json.number("learningRate"),
                (float) json.number("minimumLearningRate"),
                json.integer("warmup")),
            new AdamWOptimizer.Settings(
                (float) json.number("beta1"),
                (float) json.number("beta2"),
                (float) json.number("epsilon"),
                (float) json.number("weightDecay"),
                (float) json.number("maxGradNorm")),
            json.choice("dtype", DType.class),
            json.flag("recompute"),
            json.flag("separateDocuments"),
            json.wholeNumber("seed"),
            json.integer("evaluationInterval"),
            json.integer("evaluationBatches"),
            json.integer("checkpointInterval"),
            json.integer("keep"));
    json.refuseUnknown();
    return config;
  }
}
