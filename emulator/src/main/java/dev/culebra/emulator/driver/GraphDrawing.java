package dev.culebra.emulator.driver;

import java.util.Locale;

/** A graph in the language of Graphviz, with what each node does. */
final class GraphDrawing {
  private GraphDrawing() {}

  static String of(Graph graph) {
    StringBuilder text = new StringBuilder("digraph graph_0 {\n");
    draw(graph, text);
    return text.append("}\n").toString();
  }

  private static void draw(Graph graph, StringBuilder text) {
    for (GraphNode node : graph.nodes()) {
      text.append("  \"").append(name(node)).append("\" [shape=box label=\"");
      text.append(label(node)).append("\"];\n");
      if (node.child() != null) {
        text.append("  subgraph \"cluster_").append(name(node)).append("\" {\n");
        draw(node.child(), text);
        text.append("  }\n");
      }
    }
    for (GraphNode node : graph.nodes()) {
      for (GraphNode dependency : node.dependencies()) {
        text.append("  \"").append(name(dependency)).append("\" -> \"");
        text.append(name(node)).append("\";\n");
      }
    }
  }

  private static String name(GraphNode node) {
    return "node_" + Long.toHexString(node.handle);
  }

  private static String label(GraphNode node) {
    String type = node.type().name().toLowerCase(Locale.ROOT);
    return switch (node.command()) {
      case KernelCommand kernel ->
          kernel.function().kernel.name()
              + " grid "
              + kernel.launch().grid()
              + " block "
              + kernel.launch().block();
      case CopyCommand copy ->
          type + " " + copy.width() + " x " + copy.height() + " x " + copy.depth() + " bytes";
      case FillCommand fill -> type + " " + fill.width() + " x " + fill.height();
      default -> type;
    };
  }
}
