package dev.culebra.model.checkpoint;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The checkpoints of a run: {@code checkpoints/step-00000100/} and so on, each written by {@link
 * DurableDirectory}, so that a directory of that name is complete. One training holds a run
 * directory at a time.
 */
public final class CheckpointStore implements AutoCloseable {
  /** Where in a run directory they lie. */
  public static final String FOLDER = "checkpoints";

  private static final Pattern NAME = Pattern.compile("step-(\\d{8,18})");

  private final Path run;
  private final int keep;
  private final RunLock lock;

  /**
   * One complete checkpoint.
   *
   * @param step training steps done
   */
  public record Checkpoint(long step, Path directory) {}

  private CheckpointStore(Path run, int keep, RunLock lock) {
    this.run = run;
    this.keep = keep;
    this.lock = lock;
  }

  /**
   * Takes a run directory for a training, and removes what a killed one left half-written.
   *
   * @param keep newest checkpoints to keep, beside the best
   * @param resume whether to go on with the run that is there; else there may be none
   * @throws RunDirectoryException if another training holds it, if there is a run and {@code
   *     resume} is false, or none and {@code resume} is true
   */
  public static CheckpointStore open(Path run, int keep, boolean resume) throws IOException {
    if (keep < 1) {
      throw new IllegalArgumentException("keep must be at least 1, not " + keep);
    }
    if (!resume && Files.exists(run.resolve(ModelDirectory.CONFIG))) {
      throw new RunDirectoryException(run + " is a model directory; train into another one");
    }
    if (resume && !Files.isDirectory(run)) {
      throw new RunDirectoryException(run + ": there is no run to resume");
    }
    Files.createDirectories(run.resolve(FOLDER));
    RunLock lock = RunLock.acquire(run);
    try {
      List<Checkpoint> found = list(run);
      if (!resume && !found.isEmpty()) {
        throw new RunDirectoryException(
            "%s holds a run of %d steps already; resume it, or use another directory"
                .formatted(run, found.getLast().step()));
      }
      if (resume && found.isEmpty()) {
        throw new RunDirectoryException(run + ": there is no checkpoint to resume from");
      }
      CheckpointStore store = new CheckpointStore(run, keep, lock);
      store.removeLeftovers();
      return store;
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  /** Complete checkpoints of a run directory, oldest first; needs no lock. */
  public static List<Checkpoint> list(Path run) throws IOException {
    Path folder = run.resolve(FOLDER);
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> paths = Files.list(folder)) {
      return paths
          .filter(path -> NAME.matcher(path.getFileName().toString()).matches())
          .filter(Files::isDirectory)
          .map(path -> new Checkpoint(step(path), path))
          .sorted(Comparator.comparingLong(Checkpoint::step))
          .toList();
    } catch (NotDirectoryException e) {
      return List.of();
    }
  }

  private static long step(Path path) {
    return Long.parseLong(path.getFileName().toString().substring("step-".length()));
  }

  /** Complete checkpoints, oldest first. */
  public List<Checkpoint> list() throws IOException {
    return list(run);
  }

  /**
   * Writes a checkpoint, then removes those that are too many. A checkpoint of that step that is
   * there already stays as it is: the same run writes the same.
   *
   * @param best step to keep although it is old, or -1
   * @throws RunDirectoryException if it can't be written (no space left, say); those before it are
   *     untouched
   */
  public Checkpoint save(long step, long best, DurableDirectory.Content content)
      throws IOException {
    Path directory = run.resolve(FOLDER).resolve("step-%08d".formatted(step));
    Checkpoint checkpoint = new Checkpoint(step, directory);
    if (!Files.isDirectory(checkpoint.directory())) {
      try {
        DurableDirectory.create(checkpoint.directory(), content);
      } catch (IOException e) {
        throw new RunDirectoryException(failure(checkpoint, e), e);
      }
    }
    List<Checkpoint> all = list();
    for (Checkpoint old : all.subList(0, Math.max(0, all.size() - keep))) {
      if (old.step() != best) {
        DurableDirectory.retire(old.directory());
      }
    }
    return checkpoint;
  }

  private String failure(Checkpoint checkpoint, IOException e) throws IOException {
    String reason = e instanceof FileSystemException file ? file.getReason() : e.getMessage();
    return "%s: the checkpoint could not be written: %s; %s"
        .formatted(checkpoint.directory(), reason == null ? e : reason, newestForMessage());
  }

  /** What a failed training leaves behind, for its message. */
  public String newestForMessage() throws IOException {
    List<Checkpoint> all = list();
    return all.isEmpty()
        ? "there is no checkpoint before it"
        : "the checkpoint of step " + all.getLast().step() + " is intact";
  }

  /** For a message about a damaged checkpoint: the one that remains if it is removed. */
  public static String olderForMessage(Path damaged) throws IOException {
    Path run = damaged.toAbsolutePath().getParent().getParent();
    return list(run).stream()
        .filter(checkpoint -> checkpoint.step() < step(damaged))
        .reduce((_, later) -> later)
        .map(older -> "; without " + damaged + " that of step " + older.step() + " is the newest")
        .orElse("");
  }

  private void removeLeftovers() throws IOException {
    List<Path> leftovers;
    try (Stream<Path> paths = Files.list(run.resolve(FOLDER))) {
      leftovers =
          paths
              .filter(path -> path.getFileName().toString().endsWith(DurableDirectory.PARTIAL))
              .toList();
    }
    for (Path leftover : leftovers) {
      DurableDirectory.delete(leftover);
    }
  }

  @Override
  public void close() throws IOException {
    lock.close();
  }
}
