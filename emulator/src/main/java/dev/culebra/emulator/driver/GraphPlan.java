package dev.culebra.emulator.driver;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * What one launch of a graph does.
 *
 * @param commands each after all that it depends on
 * @param dependencies for each command, the places in {@code commands} of those that come before
 */
record GraphPlan(List<Command> commands, List<int[]> dependencies) {
  /**
   * All commands in an order that their dependencies allow; a random one for the random schedule.
   */
  List<Command> order(Random random) {
    if (random == null) {
      return commands;
    }
    List<Command> order = new ArrayList<>();
    boolean[] done = new boolean[commands.size()];
    List<Integer> ready = new ArrayList<>();
    boolean[] listed = new boolean[commands.size()];
    collectReady(done, listed, ready);
    while (!ready.isEmpty()) {
      int next = ready.remove(random.nextInt(ready.size()));
      done[next] = true;
      order.add(commands.get(next));
      collectReady(done, listed, ready);
    }
    return order;
  }

  private void collectReady(boolean[] done, boolean[] listed, List<Integer> ready) {
    for (int i = 0; i < done.length; i++) {
      if (!listed[i] && allDone(dependencies.get(i), done)) {
        listed[i] = true;
        ready.add(i);
      }
    }
  }

  private static boolean allDone(int[] needed, boolean[] done) {
    for (int i : needed) {
      if (!done[i]) {
        return false;
      }
    }
    return true;
  }
}
