package dev.culebra.emulator.driver;

import static dev.culebra.bindings.cuda.cuda_h.CU_GRAPH_EXEC_UPDATE_ERROR_NODE_TYPE_CHANGED;
import static dev.culebra.bindings.cuda.cuda_h.CU_GRAPH_EXEC_UPDATE_ERROR_PARAMETERS_CHANGED;
import static dev.culebra.bindings.cuda.cuda_h.CU_GRAPH_EXEC_UPDATE_ERROR_TOPOLOGY_CHANGED;
import static dev.culebra.bindings.cuda.cuda_h.CU_GRAPH_EXEC_UPDATE_ERROR_UNSUPPORTED_FUNCTION_CHANGE;
import static dev.culebra.bindings.cuda.cuda_h.CU_GRAPH_EXEC_UPDATE_SUCCESS;

import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** Whether an executable graph can take over what the nodes of another graph do, and doing so. */
final class GraphUpdate {
  private final Map<ExecutableGraph.Node, Command> changes = new IdentityHashMap<>();
  private int result = CU_GRAPH_EXEC_UPDATE_SUCCESS();
  private String reason = "";
  private long errorNode;

  boolean possible() {
    return result == CU_GRAPH_EXEC_UPDATE_SUCCESS();
  }

  /** {@code CUgraphExecUpdateResult}. */
  int result() {
    return result;
  }

  /** For people. */
  String reason() {
    return reason;
  }

  /** Handle of the node that does not fit; 0 for none. */
  long errorNode() {
    return errorNode;
  }

  /** Looks at nodes pair by pair, in the order of their dependencies. */
  void compare(ExecutableGraph.Level level, Graph graph) {
    List<GraphNode> nodes = graph.topologicalOrder();
    if (nodes.size() != level.nodes().size()) {
      refuse(
          CU_GRAPH_EXEC_UPDATE_ERROR_TOPOLOGY_CHANGED(),
          nodes.size() + " nodes where there were " + level.nodes().size(),
          0);
      return;
    }
    for (int i = 0; i < nodes.size() && possible(); i++) {
      GraphNode node = nodes.get(i);
      int[] dependencies = node.dependencies().stream().mapToInt(nodes::indexOf).sorted().toArray();
      int[] before = level.dependencies().get(i).clone();
      Arrays.sort(before);
      if (!Arrays.equals(dependencies, before)) {
        refuse(
            CU_GRAPH_EXEC_UPDATE_ERROR_TOPOLOGY_CHANGED(),
            "a node depends on others than before",
            node.handle);
      } else {
        compare(level.nodes().get(i), node);
      }
    }
  }

  private void compare(ExecutableGraph.Node before, GraphNode node) {
    if (before.type != node.type()) {
      refuse(
          CU_GRAPH_EXEC_UPDATE_ERROR_NODE_TYPE_CHANGED(),
          "a node of type " + node.type() + " where one of type " + before.type + " was",
          node.handle);
    } else if (before.child != null) {
      compare(before.child, node.child());
    } else if (before.command() instanceof KernelCommand old
        && node.command() instanceof KernelCommand next
        && old.function().module.context != next.function().module.context) {
      refuse(
          CU_GRAPH_EXEC_UPDATE_ERROR_UNSUPPORTED_FUNCTION_CHANGE(),
          "a kernel of another context",
          node.handle);
    } else if (before.command() instanceof AllocateCommand
        && !before.command().equals(node.command())) {
      refuse(CU_GRAPH_EXEC_UPDATE_ERROR_PARAMETERS_CHANGED(), "another allocation", node.handle);
    } else {
      changes.put(before, node.command());
    }
  }

  private void refuse(int code, String why, long node) {
    result = code;
    reason = why;
    errorNode = node;
  }

  /** Makes the changes. */
  void apply(ExecutableGraph graph) {
    changes.forEach(graph::set);
  }
}
