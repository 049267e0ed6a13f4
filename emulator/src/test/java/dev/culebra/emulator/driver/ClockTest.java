package dev.culebra.emulator.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ClockTest {
  /** Random work on random streams with random waits, against sets of all that came before. */
  @Test
  void a_clock_includes_exactly_what_happens_before() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 50; round++) {
      int streams = 1 + random.nextInt(5);
      Clock[] clocks = new Clock[streams];
      List<Set<Integer>> before = new ArrayList<>();
      int[] lastOf = new int[streams];
      int[] position = new int[streams];
      List<int[]> placed = new ArrayList<>();
      List<Clock> all = new ArrayList<>();
      Arrays.fill(clocks, Clock.START);
      Arrays.fill(lastOf, -1);
      for (int i = 0; i < 60; i++) {
        int stream = random.nextInt(streams);
        Clock clock = clocks[stream];
        Set<Integer> known = new HashSet<>();
        if (lastOf[stream] >= 0) {
          known.addAll(before.get(lastOf[stream]));
        }
        if (i > 0 && random.nextInt(3) == 0) {
          int other = random.nextInt(i);
          clock = clock.merge(all.get(other));
          known.addAll(before.get(other));
        }
        clock = clock.with(stream, ++position[stream]);
        known.add(i);
        before.add(known);
        all.add(clock);
        placed.add(new int[] {stream, position[stream]});
        clocks[stream] = clock;
        lastOf[stream] = i;
        for (int j = 0; j <= i; j++) {
          assertEquals(
              known.contains(j),
              clock.includes(placed.get(j)[0], placed.get(j)[1]),
              j + " and " + i);
        }
      }
    }
  }
}
