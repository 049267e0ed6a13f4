package dev.culebra.emulator.driver;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Commands and what has to be done before each. */
final class Graph implements HandleTable.Resource, Context.ContextResource {
  final Driver driver;
  final long handle;
  private final Context context;
  private final CallSite site;

  /** The node that holds it as a child; null for a graph of its own. */
  private final GraphNode parent;

  private final Set<GraphNode> nodes = new LinkedHashSet<>();
  private final GraphMemory memory;
  private GraphObjects objects = new GraphObjects();
  private boolean destroyed;

  /** For a clone, its nodes by those that they were made from. */
  private Map<GraphNode, GraphNode> clones = Map.of();

  private Graph(Context context, GraphNode parent, GraphMemory memory) {
    this.context = context;
    this.parent = parent;
    this.memory = memory;
    driver = context.driver;
    site = CallSite.current();
    handle = driver.handles.add(this);
    if (parent == null) {
      context.own(this);
    }
    memory.retain();
  }

  /** An empty one. */
  static Graph create(Context context) {
    return new Graph(context, null, new GraphMemory(context.driver));
  }

  @Override
  public String what() {
    return "graph";
  }

  Context context() {
    return context;
  }

  boolean isChild() {
    return parent != null;
  }

  GraphMemory memory() {
    return memory;
  }

  GraphObjects objects() {
    return objects;
  }

  /** In the order in which they were added. */
  List<GraphNode> nodes() {
    return List.copyOf(nodes);
  }

  GraphNode add(Command command, List<GraphNode> dependencies) {
    GraphNode node = new GraphNode(this, command);
    for (GraphNode dependency : dependencies) {
      node.dependOn(dependency);
    }
    nodes.add(node);
    return node;
  }

  /** Adds a node that does what a copy of another graph does. */
  GraphNode addChild(Graph graph, List<GraphNode> dependencies) {
    List<GraphNode> ordered = graph.topologicalOrder();
    GraphNode node = add(new EmptyCommand(), dependencies);
    Graph child = new Graph(context, node, memory);
    child.copyNodes(ordered);
    node.child(child);
    return node;
  }

  void remove(GraphNode node) {
    node.disconnect();
    nodes.remove(node);
    node.release();
  }

  /** A graph of the same nodes. */
  Graph copy() {
    List<GraphNode> ordered = topologicalOrder();
    Graph copy = new Graph(context, null, new GraphMemory(driver));
    copy.objects = objects.copy();
    copy.copyNodes(ordered);
    return copy;
  }

  private void copyNodes(List<GraphNode> ordered) {
    Map<GraphNode, GraphNode> made = new IdentityHashMap<>();
    for (GraphNode node : ordered) {
      List<GraphNode> dependencies = node.dependencies().stream().map(made::get).toList();
      GraphNode copy =
          node.child() == null
              ? add(node.command(), dependencies)
              : addChild(node.child(), dependencies);
      made.put(node, copy);
    }
    clones = made;
  }

  /** The node that was made from one of the graph that this is a clone of; null for none. */
  GraphNode cloneOf(GraphNode original) {
    GraphNode found = clones.get(original);
    return found != null && nodes.contains(found) ? found : null;
  }

  /**
   * Each node after what it depends on; else in the order in which they were added.
   *
   * @throws DriverException where nodes wait for one another
   */
  List<GraphNode> topologicalOrder() {
    List<GraphNode> order = new ArrayList<>();
    Set<GraphNode> placed = new LinkedHashSet<>();
    List<GraphNode> left = new ArrayList<>(nodes);
    while (!left.isEmpty()) {
      List<GraphNode> waiting = new ArrayList<>();
      for (GraphNode node : left) {
        if (placed.containsAll(node.dependencies())) {
          placed.add(node);
          order.add(node);
        } else {
          waiting.add(node);
        }
      }
      if (waiting.size() == left.size()) {
        throw Status.INVALID_VALUE.because("the graph has a cycle");
      }
      left = waiting;
    }
    return order;
  }

  boolean destroyed() {
    return destroyed;
  }

  @Override
  public String leak() {
    return "a graph of " + nodes.size() + " nodes, created at " + site;
  }

  @Override
  public void release() {
    if (destroyed) {
      return;
    }
    destroyed = true;
    for (GraphNode node : nodes) {
      node.release();
    }
    memory.release();
    objects.releaseAll();
    if (parent == null) {
      context.disown(this);
    }
    driver.handles.free(handle);
  }
}
