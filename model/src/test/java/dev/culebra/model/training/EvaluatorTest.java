package dev.culebra.model.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.culebra.fixtures.DeviceExtension;
import dev.culebra.model.Initialization;
import dev.culebra.model.ModelConfig;
import dev.culebra.model.Parameters;
import dev.culebra.model.TinyModels;
import dev.culebra.model.checkpoint.CheckpointStore;
import dev.culebra.model.checkpoint.ModelDirectory;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.Device;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(DeviceExtension.class)
final class EvaluatorTest {
  private static final int LENGTH = 23;

  @TempDir Path folder;
  private final long seed = DeviceExtension.seed();
  private final Random random = new Random(seed);

  /** One batch, again and again. Row by row {@code [B, T]}. */
  private record OneBatch(int[] tokens, int[] targets, int[] documents) implements BatchSource {
    @Override
    public void next(
        int batch, int length, MemorySegment toTokens, MemorySegment toTargets, MemorySegment to) {
      assertEquals(tokens.length, batch * length);
      MemorySegment.copy(tokens, 0, toTokens, ValueLayout.JAVA_INT, 0, tokens.length);
      MemorySegment.copy(targets, 0, toTargets, ValueLayout.JAVA_INT, 0, tokens.length);
      if (to != null) {
        MemorySegment.copy(documents, 0, to, ValueLayout.JAVA_INT, 0, tokens.length);
      }
    }

    @Override
    public DataPosition position() {
      return DataPosition.START;
    }

    @Override
    public void seek(DataPosition position) {}

    @Override
    public String identity() {
      return toString();
    }
  }

  /** Rotary positions are relative: a document is the same wherever in its row it begins. */
  @Test
  void documents_of_a_row_are_judged_as_if_alone_when_separated(Device device) {
    ModelConfig config = TinyModels.LLAMA.config(LENGTH, 0, 0);
    int cut = random.nextInt(3, LENGTH - 3);
    int[] tokens = random.ints(LENGTH, 0, TinyModels.VOCABULARY).toArray();
    int[] targets = random.ints(LENGTH, 0, TinyModels.VOCABULARY).toArray();
    targets[cut - 1] = -1;
    int[] documents = new int[LENGTH];
    Arrays.fill(documents, cut, LENGTH, 1);
    OneBatch packed = new OneBatch(tokens, targets, documents);
    try (Parameters parameters = Parameters.forEvaluation(device, config, DType.F32)) {
      Initialization.initialize(parameters, seed);
      spread(parameters);
      Evaluation separate = evaluate(parameters, 1, true, packed);
      Evaluation together = evaluate(parameters, 1, false, packed);
      Evaluation alone = evaluate(parameters, 2, false, apart(tokens, targets, cut));
      assertEquals(LENGTH - 1, separate.targets());
      assertEquals(LENGTH - 1, alone.targets());
      assertEquals(alone.lossSum(), separate.lossSum(), 1e-5 * alone.lossSum(), "seed " + seed);
      double difference = Math.abs(alone.lossSum() - together.lossSum());
      assertTrue(difference > 1e-4 * alone.lossSum(), difference + ", seed " + seed);
    }
  }

  /** Two rows, a document in each, the rest of the row without targets. */
  private static OneBatch apart(int[] tokens, int[] targets, int cut) {
    int[] rowTokens = new int[2 * LENGTH];
    int[] rowTargets = new int[2 * LENGTH];
    Arrays.fill(rowTargets, -1);
    System.arraycopy(tokens, 0, rowTokens, 0, cut);
    System.arraycopy(targets, 0, rowTargets, 0, cut);
    System.arraycopy(tokens, cut, rowTokens, LENGTH, LENGTH - cut);
    System.arraycopy(targets, cut, rowTargets, LENGTH, LENGTH - cut);
    return new OneBatch(rowTokens, rowTargets, null);
  }

  private static Evaluation evaluate(
      Parameters parameters, int batch, boolean documents, BatchSource source) {
    try (Evaluator evaluator = Evaluator.open(parameters, batch, LENGTH, documents)) {
      Evaluation once = evaluator.evaluate(source, 1);
      Evaluation thrice = evaluator.evaluate(source, 3);
      assertEquals(3 * once.targets(), thrice.targets());
      assertEquals(once.loss(), thrice.loss(), 1e-12 * once.loss());
      return once;
    }
  }

  /** Initial numbers are so small that what a token sees would hardly show in its loss. */
  private static void spread(Parameters parameters) {
    Device device = parameters.device();
    float[] values = device.readFloats(parameters.master());
    for (int i = 0; i < values.length; i++) {
      values[i] = values[i] == 1 ? 1 : 10 * values[i];
    }
    device.write(parameters.master(), values);
    parameters.refresh();
  }

  /** The evaluations of a training share its decoder; those of a saved model have their own. */
  @Test
  void a_training_measures_what_its_checkpoint_gives_and_goes_on_undisturbed() throws IOException {
    TrainingConfig config = TinyRun.config(8, DType.F32, 8, 1);
    Trainer.Run run = TinyRun.run(folder.resolve("evaluated"), config);
    Trainer.Run plain =
        new Trainer.Run(
            folder.resolve("plain"),
            run.model(),
            config,
            new RandomTokens(TinyRun.VOCABULARY, 1),
            null,
            null);
    try (Device device = TinyRun.device();
        Trainer one = Trainer.start(device, run);
        Trainer other = Trainer.start(device, plain)) {
      one.run();
      other.run();
      try (ModelDirectory model = ModelDirectory.open(run.directory());
          Parameters parameters = Parameters.forEvaluation(device, model.config(), DType.F32)) {
        model.load(parameters);
        try (Evaluator evaluator =
            Evaluator.open(
                parameters, config.batch(), config.length(), config.separateDocuments())) {
          BatchSource validation = run.validation();
          validation.seek(BatchSource.DataPosition.START);
          Evaluation saved = evaluator.evaluate(validation, config.evaluationBatches());
          assertEquals(saved.loss(), one.state().validationLoss());
        }
      }
    }
    assertEquals(-1, Files.mismatch(weights(run), weights(plain)));
  }

  private static Path weights(Trainer.Run run) throws IOException {
    Path newest = CheckpointStore.list(run.directory()).getLast().directory();
    return newest.resolve("model.safetensors");
  }
}
