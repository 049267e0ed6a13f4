package dev.culebra.emulator.driver;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Streams whose work becomes a graph instead of being done. */
final class Capture {
  final long id;
  final ThreadState.CaptureMode mode;
  final ThreadState thread;
  final Stream origin;
  final Graph graph;

  /** Whether the graph was the program's own before. */
  final boolean intoGivenGraph;

  private final Set<Stream> streams = new LinkedHashSet<>();
  private boolean invalid;
  private boolean ended;

  Capture(
      long id,
      ThreadState.CaptureMode mode,
      ThreadState thread,
      Stream origin,
      Graph graph,
      boolean intoGivenGraph) {
    this.id = id;
    this.mode = mode;
    this.thread = thread;
    this.origin = origin;
    this.graph = graph;
    this.intoGivenGraph = intoGivenGraph;
  }

  /** A stream takes part from now on; its next node comes after those. */
  void join(Stream stream, List<GraphNode> dependencies) {
    streams.add(stream);
    stream.captured = new CapturedStream(this, dependencies);
  }

  Set<Stream> streams() {
    return streams;
  }

  boolean invalid() {
    return invalid;
  }

  boolean ended() {
    return ended;
  }

  void invalidate() {
    invalid = true;
  }

  /** Whether work of a stream that took part is not waited for by the one that began it. */
  boolean unjoined() {
    Set<GraphNode> joined = new LinkedHashSet<>();
    List<GraphNode> open = new ArrayList<>(origin.captured.dependencies());
    while (!open.isEmpty()) {
      GraphNode next = open.removeLast();
      if (joined.add(next)) {
        open.addAll(next.dependencies());
      }
    }
    for (Stream stream : streams) {
      if (!joined.containsAll(stream.captured.dependencies())) {
        return true;
      }
    }
    return false;
  }

  /** Its streams are as before. */
  void end() {
    ended = true;
    for (Stream stream : streams) {
      stream.captured = null;
    }
  }
}
