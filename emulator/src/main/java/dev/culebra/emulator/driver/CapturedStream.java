package dev.culebra.emulator.driver;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** How far a stream is in a capture. */
final class CapturedStream {
  final Capture capture;

  /** What the next node comes after. */
  private Set<GraphNode> dependencies;

  /** Keeps arrays whose addresses were given out. */
  private final Arena exported = Arena.ofAuto();

  CapturedStream(Capture capture, List<GraphNode> dependencies) {
    this.capture = capture;
    this.dependencies = new LinkedHashSet<>(dependencies);
  }

  /** For arrays that the caller reads while the capture goes on. */
  Arena exported() {
    return exported;
  }

  List<GraphNode> dependencies() {
    return new ArrayList<>(dependencies);
  }

  /** The next node comes after those too. */
  void add(List<GraphNode> nodes) {
    dependencies.addAll(nodes);
  }

  /** The next node comes after those alone. */
  void replace(List<GraphNode> nodes) {
    dependencies = new LinkedHashSet<>(nodes);
  }

  /** Makes a command a node. */
  GraphNode node(Command command) {
    GraphNode node = capture.graph.add(command, dependencies());
    replace(List.of(node));
    return node;
  }
}
