package dev.culebra.emulator.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.culebra.emulator.memory.TouchedMemory.Touch;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AccessSetTest {
  private static final int BYTES = 200;

  /** Random accesses, and beside them what each byte is touched by. */
  private static final class Case {
    private final boolean[] reads = new boolean[BYTES];
    private final boolean[] writes = new boolean[BYTES];
    private final boolean[] atomics = new boolean[BYTES];
    private final AccessSet set;

    private Case(Random random) {
      AccessSet.Builder builder = new AccessSet.Builder();
      for (int i = random.nextInt(6); i > 0; i--) {
        int start = random.nextInt(BYTES);
        int length = random.nextInt(Math.min(20, BYTES - start));
        Touch touch = Touch.values()[random.nextInt(3)];
        builder.add(new MemoryAccess(start, length, touch));
        for (int at = start; at < start + length; at++) {
          switch (touch) {
            case READ -> reads[at] = true;
            case WRITE -> writes[at] = true;
            case ATOMIC -> atomics[at] = true;
          }
        }
      }
      set = builder.build();
    }

    private boolean changes(int at) {
      return writes[at] || atomics[at];
    }

    private boolean conflicts(Case other, int at) {
      boolean atomicAlone = atomics[at] && !reads[at] && !writes[at];
      boolean changes = writes[at] || atomics[at];
      boolean othersAtomicAlone = other.atomics[at] && !other.reads[at] && !other.writes[at];
      boolean othersChanges = other.writes[at] || other.atomics[at];
      boolean both = (changes || reads[at]) && (othersChanges || other.reads[at]);
      return both && (changes || othersChanges) && !(atomicAlone && othersAtomicAlone);
    }
  }

  @Test
  void a_conflict_is_found_exactly_where_both_touch_a_byte_and_one_writes_it() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 20_000; round++) {
      Case one = new Case(random);
      Case other = new Case(random);
      boolean expected = false;
      for (int at = 0; at < BYTES; at++) {
        expected |= one.conflicts(other, at);
      }
      AccessSet.Conflict found = one.set.conflict(other.set);
      assertEquals(expected, found != null);
      if (found != null) {
        int at = (int) found.address();
        assertEquals(true, one.conflicts(other, at));
        assertEquals(true, found.firstWrites() ? one.changes(at) : one.reads[at]);
        assertEquals(true, found.secondWrites() ? other.changes(at) : other.reads[at]);
      }
    }
  }
}
