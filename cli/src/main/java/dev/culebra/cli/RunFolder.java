package dev.culebra.cli;

import dev.culebra.model.checkpoint.CheckpointStore;
import dev.culebra.model.checkpoint.RunDirectoryException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;

/** Looks at a place for a run before work goes into preparing one. */
final class RunFolder {
  /** What a new run writes beside its checkpoints, over what is there of that name. */
  private static final List<String> WRITTEN =
      List.of(RunSettings.FILE, "metrics.csv", "loss.png", "loss.svg");

  private RunFolder() {}

  /**
   * A new run may go there: beside other files, in the place of a run without a checkpoint.
   *
   * @param otherwise what to do where a run is
   * @throws RunDirectoryException where a run is, or a file that one would write over
   */
  static void requireNone(Path folder, String otherwise) throws IOException {
    if (Files.exists(folder) && !Files.isDirectory(folder)) {
      throw new NotDirectoryException(folder.toString());
    }
    List<CheckpointStore.Checkpoint> checkpoints = CheckpointStore.list(folder);
    if (!checkpoints.isEmpty()) {
      throw new RunDirectoryException(
          "%s holds a run of %d steps already; %s"
              .formatted(folder, checkpoints.getLast().step(), otherwise));
    }
    if (!Files.isDirectory(folder.resolve(CheckpointStore.FOLDER))) {
      for (String name : WRITTEN) {
        if (Files.exists(folder.resolve(name))) {
          throw new RunDirectoryException(
              "%s is there, which no run wrote and one would replace; choose another --out"
                  .formatted(folder.resolve(name)));
        }
      }
    }
  }
}
