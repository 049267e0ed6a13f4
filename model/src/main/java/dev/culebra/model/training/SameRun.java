package dev.culebra.model.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.culebra.model.checkpoint.RunDirectoryException;
import java.util.Set;

/** Whether a run that is to go on is the one that its checkpoint was made in. */
final class SameRun {
  /** Fields of {@link TrainingConfig} that leave the bits of a step alone. */
  private static final Set<String> MAY_CHANGE =
      Set.of(
          "steps",
          "recompute",
          "evaluationInterval",
          "evaluationBatches",
          "checkpointInterval",
          "keep");

  private SameRun() {}

  /**
   * @throws RunDirectoryException if model, config, tokenizer or data differ
   */
  static void require(Trainer.Run run, SavedTraining saved) {
    if (!saved.model().equals(run.model())) {
      throw new RunDirectoryException(
          "%s trains %s, not %s".formatted(run.directory(), saved.model(), run.model()));
    }
    requireSameConfig(run, saved);
    Long fingerprint = run.tokenizer() == null ? null : run.tokenizer().fingerprint();
    if (saved.tokenizer() != null && !saved.tokenizer().equals(fingerprint)) {
      throw new RunDirectoryException(
          run.directory() + " was begun with another tokenizer; its tokens mean something else");
    }
    String data = run.training().identity();
    if (!saved.data().equals(data)) {
      throw new RunDirectoryException(
          "%s: the data is not what the run began with: now %s, then %s; put the old data back, %s"
              .formatted(run.directory(), data, saved.data(), orNew(saved)));
    }
  }

  private static void requireSameConfig(Trainer.Run run, SavedTraining saved) {
    ObjectNode now = TrainingJson.write(run.config());
    ObjectNode then = TrainingJson.write(saved.config());
    for (var field : now.properties()) {
      JsonNode old = then.get(field.getKey());
      if (!field.getValue().equals(old) && !MAY_CHANGE.contains(field.getKey())) {
        throw new RunDirectoryException(
            "%s: \"%s\" is %s, but the run was begun with %s; resume it with that, %s"
                .formatted(run.directory(), field.getKey(), field.getValue(), old, orNew(saved)));
      }
    }
  }

  private static String orNew(SavedTraining saved) {
    return "or begin a new run from " + saved.directory();
  }
}
