package dev.culebra.emulator.driver;

import static dev.culebra.bindings.cuda.cuda_h.CUDA_GRAPH_INSTANTIATE_FLAG_AUTO_FREE_ON_LAUNCH;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** A graph as it was when it was instantiated, with the parameters that were set since. */
final class ExecutableGraph implements HandleTable.Resource, Context.ContextResource {
  final Driver driver;
  final long handle;
  final long flags;
  private final Context context;
  private final GraphMemory memory;
  private final GraphObjects objects;
  private final CallSite site;
  private final Level top;

  /** By the nodes of the graph that it was made from, those of children too. */
  private final Map<GraphNode, Node> byOrigin = new IdentityHashMap<>();

  private GraphPlan plan;
  private Work lastLaunch;
  private boolean released;

  /** One node, of which only the parameters can change. */
  static final class Node {
    final NodeType type;
    final Level child;
    private final CallSite site;
    private Command command;
    private boolean enabled = true;

    private Node(GraphNode origin, Level child) {
      type = origin.type();
      command = origin.command();
      site = origin.site;
      this.child = child;
    }

    Command command() {
      return command;
    }

    boolean enabled() {
      return enabled;
    }
  }

  /** A graph or one of its child graphs. */
  record Level(List<Node> nodes, List<int[]> dependencies) {}

  ExecutableGraph(Graph graph, long flags) {
    driver = graph.driver;
    context = graph.context();
    memory = graph.memory();
    this.flags = flags;
    site = CallSite.current();
    top = level(graph);
    memory.claim();
    objects = graph.objects().copy();
    memory.retain();
    handle = driver.handles.add(this);
    context.own(this);
  }

  private Level level(Graph graph) {
    List<Node> nodes = new ArrayList<>();
    List<int[]> dependencies = new ArrayList<>();
    Map<GraphNode, Integer> places = new IdentityHashMap<>();
    for (GraphNode origin : graph.topologicalOrder()) {
      Node node = new Node(origin, origin.child() == null ? null : level(origin.child()));
      places.put(origin, nodes.size());
      byOrigin.put(origin, node);
      nodes.add(node);
      dependencies.add(origin.dependencies().stream().mapToInt(places::get).toArray());
    }
    return new Level(nodes, dependencies);
  }

  @Override
  public String what() {
    return "executable graph";
  }

  Context context() {
    return context;
  }

  Level top() {
    return top;
  }

  /** What a node of the original graph became; null for a foreign node. */
  Node node(GraphNode origin) {
    return byOrigin.get(origin);
  }

  /** Changes what a node does from the next launch on. */
  void set(Node node, Command command) {
    node.command = command;
    plan = null;
  }

  /** A node that is not enabled does nothing, but keeps its place. */
  void enable(Node node, boolean enabled) {
    node.enabled = enabled;
    plan = null;
  }

  /** What a launch now does. */
  GraphPlan plan() {
    if (plan == null) {
      plan = plan(top);
    }
    return plan;
  }

  private static GraphPlan plan(Level level) {
    List<Command> commands = new ArrayList<>();
    List<CallSite> sites = new ArrayList<>();
    for (Node node : level.nodes) {
      sites.add(node.site);
      commands.add(
          !node.enabled
              ? new EmptyCommand()
              : node.child == null ? node.command : new GraphCommand(plan(node.child)));
    }
    return new GraphPlan(List.copyOf(commands), level.dependencies, sites);
  }

  /**
   * Enqueues a launch: after the one before it, in whichever stream that was.
   *
   * @throws DriverException where memory that an earlier one allocated is not freed yet
   */
  void launch(Stream stream) {
    memory.launch(plan(), (flags & CUDA_GRAPH_INSTANTIATE_FLAG_AUTO_FREE_ON_LAUNCH()) != 0);
    List<Work> after = new ArrayList<>();
    if (lastLaunch != null) {
      after.add(lastLaunch);
    }
    GraphCommand command = new GraphCommand(plan());
    List<Event> recorded = new ArrayList<>();
    collectEvents(command.plan(), after, recorded);
    lastLaunch = driver.timeline.enqueue(stream, command, after);
    for (Event event : recorded) {
      event.record(lastLaunch);
    }
  }

  private static void collectEvents(GraphPlan plan, List<Work> after, List<Event> recorded) {
    for (Command command : plan.commands()) {
      switch (command) {
        case WaitCommand wait when wait.event().record() != null ->
            after.add(wait.event().record());
        case RecordCommand record -> recorded.add(record.event());
        case GraphCommand child -> collectEvents(child.plan(), after, recorded);
        default -> {}
      }
    }
  }

  @Override
  public String leak() {
    return "an executable graph, instantiated at " + site;
  }

  @Override
  public void release() {
    if (released) {
      return;
    }
    released = true;
    if (!context.failed()) {
      driver.timeline.finishQuietly(lastLaunch);
    }
    memory.unclaim();
    memory.release();
    objects.releaseAll();
    context.disown(this);
    driver.handles.free(handle);
  }
}
