package dev.culebra.emulator.driver;

import java.util.function.Consumer;

/** Everything that a graph does. */
record GraphCommand(GraphPlan plan) implements Command {
  @Override
  public void run(Context context) {
    run(context, new AccessSet.Builder());
  }

  /** As {@link #run(Context)}, telling what it touches. */
  void run(Context context, AccessSet.Builder accesses) {
    Timeline timeline = context.driver.timeline;
    AccessSet[] byPlace = new AccessSet[plan.commands().size()];
    for (int place : plan.order(timeline.random())) {
      AccessSet.Builder own = new AccessSet.Builder();
      try {
        timeline.perform(plan.commands().get(place), context, own);
      } finally {
        accesses.addAll(own);
      }
      byPlace[place] = own.build();
    }
    timeline.checkGraph(plan, byPlace);
  }

  @Override
  public boolean runsKernels() {
    return plan.commands().stream().anyMatch(Command::runsKernels);
  }

  @Override
  public boolean mayWaitForProgram() {
    return plan.commands().stream().anyMatch(Command::mayWaitForProgram);
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
