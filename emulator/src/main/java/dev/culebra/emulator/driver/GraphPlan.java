package dev.culebra.emulator.driver;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * What one launch of a graph does.
 *
 * @param commands each after all that it depends on
 * @param dependencies for each command, the places in {@code commands} of those that come before
 * @param sites where each was captured or added, for reports
 */
record GraphPlan(List<Command> commands, List<int[]> dependencies, List<CallSite> sites) {
  /** Places of all commands, in an order that their dependencies allow; a random one if asked. */
  int[] order(Random random) {
    if (random == null) {
      return IntStream.range(0, commands.size()).toArray();
    }
    int[] order = new int[commands.size()];
    boolean[] done = new boolean[order.length];
    boolean[] listed = new boolean[order.length];
    List<Integer> ready = new ArrayList<>();
    for (int i = 0; i < order.length; i++) {
      collectReady(done, listed, ready);
      order[i] = ready.remove(random.nextInt(ready.size()));
      done[order[i]] = true;
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
