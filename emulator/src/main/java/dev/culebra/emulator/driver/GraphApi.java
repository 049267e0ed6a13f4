package dev.culebra.emulator.driver;

import dev.culebra.bindings.cuda.CUgraphEdgeData;
import dev.culebra.emulator.memory.HostMemory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Graphs as a whole: made, copied, taken apart, written down. */
final class GraphApi {
  private static final int SUCCESS = 0;

  private GraphApi() {}

  static Graph graph(Driver driver, long handle) {
    return driver.resource(handle, Graph.class, "graph");
  }

  static GraphNode node(Driver driver, long handle) {
    return driver.resource(handle, GraphNode.class, "graph node");
  }

  /** Nodes of an array, all of one graph. */
  static List<GraphNode> nodes(Driver driver, Graph graph, long array, long count) {
    List<GraphNode> nodes = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      GraphNode node = node(driver, CallerMemory.getLong(array, i));
      if (node.graph != graph) {
        throw Status.INVALID_VALUE.because("a node of another graph");
      }
      nodes.add(node);
    }
    return nodes;
  }

  /** As {@link #nodes}, for what a new node depends on: each only once. */
  static List<GraphNode> dependencies(Driver driver, Graph graph, long array, long count) {
    List<GraphNode> nodes = nodes(driver, graph, array, count);
    if (Set.copyOf(nodes).size() < nodes.size()) {
      throw Status.INVALID_VALUE.because("a node depends on another twice");
    }
    return nodes;
  }

  /** Edges that a kernel's trigger opens early are not there. */
  static void refuseEdgeData(long edges, long count) {
    if (edges == 0) {
      return;
    }
    for (long i = 0; i < count * CUgraphEdgeData.layout().byteSize(); i++) {
      if (HostMemory.ALL.get(HostMemory.BYTE, edges + i) != 0) {
        throw Status.NOT_SUPPORTED.because("graph edges with ports or types are not emulated");
      }
    }
  }

  static int cuGraphCreate(long place, int flags) {
    Context context = Driver.get().context();
    CallerMemory.requireNonNull(place, "the place for a graph");
    if (flags != 0) {
      throw Status.INVALID_VALUE.because("flags of a graph have to be 0");
    }
    CallerMemory.putLong(place, Graph.create(context).handle);
    return SUCCESS;
  }

  static int cuGraphDestroy(long handle) {
    Driver driver = Driver.get();
    driver.requireInitialised();
    CallerMemory.requireNonNull(handle, "a graph");
    Graph graph = graph(driver, handle);
    if (graph.isChild()) {
      throw driver.misuse(Status.INVALID_VALUE, "a child graph goes with the node that holds it");
    }
    graph.release();
    return SUCCESS;
  }

  static int cuGraphClone(long place, long handle) {
    Driver driver = Driver.get();
    driver.context();
    CallerMemory.requireNonNull(place, "the place for a graph");
    Graph graph = graph(driver, handle);
    refuseWithMemory(graph, "cloned");
    CallerMemory.putLong(place, graph.copy().handle);
    return SUCCESS;
  }

  private static void refuseWithMemory(Graph graph, String what) {
    if (!graph.memory().empty()) {
      throw Status.NOT_SUPPORTED.because("a graph that allocates memory can't be " + what);
    }
  }

  static int cuGraphNodeFindInClone(long place, long nodeHandle, long cloneHandle) {
    Driver driver = Driver.get();
    driver.context();
    GraphNode found = graph(driver, cloneHandle).cloneOf(node(driver, nodeHandle));
    if (found == null) {
      throw Status.INVALID_VALUE.because("the graph is no clone that has this node");
    }
    CallerMemory.putLong(place, found.handle);
    return SUCCESS;
  }

  static int cuGraphGetNodes(long handle, long place, long count) {
    Driver driver = Driver.get();
    driver.context();
    return answer(graph(driver, handle).nodes(), place, count);
  }

  static int cuGraphGetRootNodes(long handle, long place, long count) {
    Driver driver = Driver.get();
    driver.context();
    List<GraphNode> roots =
        graph(driver, handle).nodes().stream()
            .filter(node -> node.dependencies().isEmpty())
            .toList();
    return answer(roots, place, count);
  }

  static int cuGraphNodeGetDependencies_v2(long handle, long place, long edges, long count) {
    Driver driver = Driver.get();
    driver.context();
    return answer(node(driver, handle).dependencies(), place, edges, count);
  }

  static int cuGraphNodeGetDependentNodes_v2(long handle, long place, long edges, long count) {
    Driver driver = Driver.get();
    driver.context();
    return answer(node(driver, handle).dependents(), place, edges, count);
  }

  private static int answer(List<GraphNode> nodes, long place, long edges, long count) {
    long room = place == 0 ? 0 : CallerMemory.getLong(count);
    clearEdges(edges, Math.min(room, nodes.size()));
    return answer(nodes, place, count);
  }

  /** Writes as many as there is room for; what is left of the room is filled with nothing. */
  private static int answer(List<GraphNode> nodes, long place, long count) {
    CallerMemory.requireNonNull(count, "the place for a count");
    if (place == 0) {
      CallerMemory.putLong(count, nodes.size());
      return SUCCESS;
    }
    long room = CallerMemory.getLong(count);
    for (long i = 0; i < room; i++) {
      CallerMemory.putLong(
          place + i * Long.BYTES, i < nodes.size() ? nodes.get((int) i).handle : 0);
    }
    CallerMemory.putLong(count, Math.min(room, nodes.size()));
    return SUCCESS;
  }

  private static void clearEdges(long edges, long count) {
    if (edges != 0) {
      HostMemory.ALL.asSlice(edges, count * CUgraphEdgeData.layout().byteSize()).fill((byte) 0);
    }
  }

  static int cuGraphGetEdges_v2(long handle, long from, long to, long edges, long count) {
    Driver driver = Driver.get();
    driver.context();
    List<GraphNode> starts = new ArrayList<>();
    List<GraphNode> ends = new ArrayList<>();
    for (GraphNode node : graph(driver, handle).nodes()) {
      for (GraphNode dependency : node.dependencies()) {
        starts.add(dependency);
        ends.add(node);
      }
    }
    if (from != 0 && to != 0) {
      long room = CallerMemory.getLong(count);
      clearEdges(edges, Math.min(room, starts.size()));
      answer(ends, to, count);
      CallerMemory.putLong(count, room);
    } else if (from != 0 || to != 0) {
      throw Status.INVALID_VALUE.because("edges have two ends; give both arrays or none");
    }
    return answer(starts, from, count);
  }

  /** A cycle of several nodes is met when the graph is instantiated. */
  static int cuGraphAddDependencies_v2(long handle, long from, long to, long edges, long count) {
    Driver driver = Driver.get();
    driver.context();
    Graph graph = graph(driver, handle);
    refuseEdgeData(edges, count);
    List<GraphNode> starts = nodes(driver, graph, from, count);
    List<GraphNode> ends = nodes(driver, graph, to, count);
    for (int i = 0; i < starts.size(); i++) {
      if (ends.get(i).dependsOn(starts.get(i)) || ends.get(i) == starts.get(i)) {
        throw Status.INVALID_VALUE.because("an edge that is there already, or of one node alone");
      }
      ends.get(i).dependOn(starts.get(i));
    }
    return SUCCESS;
  }

  static int cuGraphRemoveDependencies_v2(long handle, long from, long to, long edges, long count) {
    Driver driver = Driver.get();
    driver.context();
    Graph graph = graph(driver, handle);
    refuseEdgeData(edges, count);
    refuseWithMemory(graph, "changed");
    List<GraphNode> starts = nodes(driver, graph, from, count);
    List<GraphNode> ends = nodes(driver, graph, to, count);
    for (int i = 0; i < starts.size(); i++) {
      if (!ends.get(i).dependsOn(starts.get(i))) {
        throw Status.INVALID_VALUE.because("an edge to remove that is not there");
      }
      ends.get(i).forget(starts.get(i));
    }
    return SUCCESS;
  }

  static int cuGraphNodeGetType(long handle, long type) {
    Driver driver = Driver.get();
    driver.context();
    CallerMemory.putInt(type, node(driver, handle).type().code());
    return SUCCESS;
  }

  static int cuGraphDestroyNode(long handle) {
    Driver driver = Driver.get();
    driver.context();
    GraphNode node = node(driver, handle);
    if (node.graph.isChild()) {
      throw driver.misuse(Status.INVALID_VALUE, "a node of a child graph can't be destroyed");
    }
    refuseWithMemory(node.graph, "changed");
    node.graph.remove(node);
    return SUCCESS;
  }

  static int cuGraphChildGraphNodeGetGraph(long handle, long place) {
    Driver driver = Driver.get();
    driver.context();
    GraphNode node = node(driver, handle);
    if (node.child() == null) {
      throw Status.INVALID_VALUE.because("the node holds no graph");
    }
    CallerMemory.putLong(place, node.child().handle);
    return SUCCESS;
  }

  static int cuGraphDebugDotPrint(long handle, long path, int flags) {
    Driver driver = Driver.get();
    driver.context();
    String file = CallerMemory.string(path);
    try {
      Files.writeString(Path.of(file), GraphDrawing.of(graph(driver, handle)));
    } catch (IOException e) {
      throw Status.OPERATING_SYSTEM.because(file + " can't be written: " + e);
    }
    return SUCCESS;
  }
}
