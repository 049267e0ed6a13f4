package dev.culebra.emulator.driver;

import java.util.function.Consumer;

/** Everything that a graph does. */
record GraphCommand(GraphPlan plan) implements Command {
  @Override
  public void run(Context context) {
    for (Command command : plan.order(context.driver.timeline.random())) {
      context.driver.timeline.awaitReady(command, context);
      command.run(context);
    }
  }

  @Override
  public NodeType nodeType() {
    return NodeType.GRAPH;
  }

  @Override
  public void accesses(Context context, Consumer<MemoryAccess> sink) {
    for (Command command : plan.commands()) {
      command.accesses(context, sink);
    }
  }

  @Override
  public boolean mayWriteHostMemory(Context context) {
    return plan.commands().stream().anyMatch(command -> command.mayWriteHostMemory(context));
  }
}
