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
  private RunFolder() {}

  /**
   * A new run may go there.
   *
   * @param otherwise what to do where a run is
   * @throws RunDirectoryException where a run is
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
  }
}
