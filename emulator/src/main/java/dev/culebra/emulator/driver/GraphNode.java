package dev.culebra.emulator.driver;

import java.lang.foreign.Arena;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** A command of a graph. */
final class GraphNode implements HandleTable.Resource {
  final Graph graph;
  final long handle;

  /** Where it was captured or added; null where nobody checks. */
  final CallSite site;

  private Command command;
  private final Set<GraphNode> dependencies = new LinkedHashSet<>();
  private final Set<GraphNode> dependents = new LinkedHashSet<>();

  /** Keeps arrays whose addresses were given out. */
  private Arena exported;

  /** Null but for nodes that stand for a graph. */
  private Graph child;

  GraphNode(Graph graph, Command command) {
    this.graph = graph;
    this.command = command;
    site = graph.driver.checksHostApi() ? CallSite.current() : null;
    handle = graph.driver.handles.add(this);
  }

  @Override
  public String what() {
    return "graph node";
  }

  Command command() {
    return command;
  }

  void command(Command next) {
    command = next;
    exported = null;
  }

  /** For arrays that the caller reads for as long as the node stays as it is. */
  Arena exported() {
    if (exported == null) {
      exported = Arena.ofAuto();
    }
    return exported;
  }

  NodeType type() {
    return child == null ? command.nodeType() : NodeType.GRAPH;
  }

  Graph child() {
    return child;
  }

  void child(Graph graphOfChild) {
    child = graphOfChild;
  }

  void dependOn(GraphNode other) {
    dependencies.add(other);
    other.dependents.add(this);
  }

  boolean dependsOn(GraphNode other) {
    return dependencies.contains(other);
  }

  void forget(GraphNode other) {
    dependencies.remove(other);
    other.dependents.remove(this);
  }

  void disconnect() {
    List.copyOf(dependencies).forEach(this::forget);
    List.copyOf(dependents).forEach(dependent -> dependent.forget(this));
  }

  List<GraphNode> dependencies() {
    return List.copyOf(dependencies);
  }

  List<GraphNode> dependents() {
    return List.copyOf(dependents);
  }

  void release() {
    if (child != null) {
      child.release();
    }
    graph.driver.handles.free(handle);
  }
}
