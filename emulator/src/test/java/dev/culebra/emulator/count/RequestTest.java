package dev.culebra.emulator.count;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Sectors and banks of single accesses of a warp. */
class RequestTest {
  private static final long SEED = Long.getLong("culebra.seed", System.nanoTime());
  private static final int ROUNDS = Boolean.getBoolean("culebra.exhaustive") ? 200_000 : 5000;
  private static final int ALL = -1;
  private static final int LANES = 32;

  private static SharedRequest served(IntToLongFunction address, int lanes, int bytes) {
    SharedRequest request = new SharedRequest();
    request.serve(IntStream.range(0, LANES).mapToLong(address).toArray(), lanes, bytes);
    return request;
  }

  private static void assertServed(
      int wavefronts, int conflicts, int least, SharedRequest request) {
    assertEquals(wavefronts, request.wavefronts());
    assertEquals(conflicts, request.conflicts());
    assertEquals(least, request.leastWavefronts());
  }

  @Test
  void a_stride_in_words_conflicts_as_often_as_its_divisor_with_the_banks() {
    for (int stride = 1; stride <= 64; stride++) {
      int same = Math.min(LANES, Integer.lowestOneBit(stride));
      int distance = stride * 4;
      assertServed(same, same - 1, same, served(lane -> lane * (long) distance, ALL, 4));
    }
  }

  @Test
  void one_word_is_given_to_all_that_want_it() {
    assertServed(1, 0, 1, served(lane -> 128, ALL, 4));
    assertServed(1, 0, 1, served(lane -> lane / 4 * 4, ALL, 1));
    assertServed(1, 0, 1, served(lane -> lane / 2 * 4 + lane % 2 * 2, ALL, 2));
    assertServed(2, 1, 2, served(lane -> lane % 2 * 128, ALL, 4));
  }

  @Test
  void wide_accesses_are_served_by_halves_and_quarters() {
    assertServed(2, 0, 2, served(lane -> lane * 8L, ALL, 8));
    assertServed(4, 0, 4, served(lane -> lane * 16L, ALL, 16));
    // One address for all: each part of the warp is served, though nothing forces it to be.
    assertServed(2, 0, 1, served(lane -> 0, ALL, 8));
    assertServed(4, 0, 1, served(lane -> 0, ALL, 16));
    // Rows of 128 bytes: a quarter's eight lanes are all in the same four banks.
    assertServed(32, 28, 32, served(lane -> lane * 128L, ALL, 16));
    assertServed(4, 0, 4, served(lane -> lane * (128L + 16), ALL, 16));
    // Lanes 0 to 7 alone, as ldmatrix.x1 has it.
    assertServed(1, 0, 1, served(lane -> lane * 16L, 0xff, 16));
    assertServed(1, 0, 1, served(lane -> lane * 16L, 0xff00, 16));
  }

  @Test
  void lanes_that_do_not_take_part_do_not_conflict() {
    assertServed(1, 0, 1, served(lane -> lane * 128L, 1 << 7, 4));
    assertServed(2, 1, 2, served(lane -> lane * 128L, 1 << 7 | 1 << 9, 4));
  }

  @Test
  void banks_serve_as_one_counts_them_word_by_word() {
    Random random = new Random(SEED);
    for (int round = 0; round < ROUNDS; round++) {
      int bytes = 1 << random.nextInt(5);
      int lanes = random.nextInt() | (random.nextBoolean() ? ALL : 1);
      int range = 1 << random.nextInt(10);
      long[] addresses = random.longs(LANES, 0, range).map(element -> element * bytes).toArray();
      int ofPhase = bytes <= 4 ? 32 : 128 / bytes;
      int wavefronts = 0;
      int phases = 0;
      for (int first = 0; first < LANES; first += ofPhase) {
        int most = mostWords(addresses, lanes, bytes, first, first + ofPhase);
        wavefronts += most;
        phases += most > 0 ? 1 : 0;
      }
      SharedRequest request = new SharedRequest();
      request.serve(addresses, lanes, bytes);
      String where = "-Dculebra.seed=" + SEED + ", round " + round;
      assertEquals(wavefronts, request.wavefronts(), where);
      assertEquals(wavefronts - phases, request.conflicts(), where);
      assertEquals(mostWords(addresses, lanes, bytes, 0, LANES), request.leastWavefronts(), where);
    }
  }

  private static int mostWords(long[] addresses, int lanes, int bytes, int from, int to) {
    Map<Long, Set<Long>> wordsOfBank = new HashMap<>();
    for (int lane = from; lane < to; lane++) {
      for (int i = 0; i < bytes && (lanes >>> lane & 1) != 0; i++) {
        long word = (addresses[lane] + i) / 4;
        wordsOfBank.computeIfAbsent(word % 32, bank -> new HashSet<>()).add(word);
      }
    }
    return wordsOfBank.values().stream().mapToInt(Set::size).max().orElse(0);
  }

  @Test
  void sectors_are_those_that_hold_any_byte() {
    Random random = new Random(SEED);
    GlobalRequest request = new GlobalRequest();
    for (int round = 0; round < ROUNDS; round++) {
      request.clear();
      int bytes = 1 << random.nextInt(6);
      int elements = 1 << random.nextInt(8);
      boolean aligned = random.nextInt(4) != 0;
      BitSet touched = new BitSet();
      for (int lanes = 1 + random.nextInt(LANES); lanes > 0; lanes--) {
        int at = random.nextInt(elements) * bytes + (aligned ? 0 : random.nextInt(bytes));
        request.add((1L << 47) + at, bytes);
        touched.set(at, at + bytes);
      }
      String where = "-Dculebra.seed=" + SEED + ", round " + round;
      int sectors = (int) touched.stream().map(at -> at / 32).distinct().count();
      assertEquals(sectors, request.sectors(), where);
      assertEquals(touched.cardinality(), request.usedBytes(), where);
      assertEquals(sectors - (touched.cardinality() + 31) / 32, request.excessSectors(), where);
      BitSet marked = new BitSet();
      for (int i = 0; i < sectors; i++) {
        for (int at = 0; at < 32; at++) {
          if ((request.bytesOf(i) >>> at & 1) != 0) {
            marked.set((int) (request.address(i) - (1L << 47)) + at);
          }
        }
      }
      assertEquals(touched, marked, where);
    }
  }

  @Test
  void a_tally_counts_each_address_apart() {
    Random random = new Random(SEED);
    Map<Long, Long> expected = new HashMap<>();
    AddressTally sum = new AddressTally();
    for (int part = 0; part < 5; part++) {
      AddressTally tally = new AddressTally();
      for (int i = 0; i < 2000; i++) {
        long address = random.nextInt(1500) * 4L + (random.nextBoolean() ? 0 : 1L << 47);
        int times = 1 + random.nextInt(3);
        tally.add(address, times);
        expected.merge(address, (long) times, Long::sum);
      }
      sum.add(tally);
      tally.clear();
      assertEquals(0, tally.addresses());
      assertEquals(0, tally.busiest());
    }
    String where = "-Dculebra.seed=" + SEED;
    assertEquals(expected.size(), sum.addresses(), where);
    assertEquals(
        expected.values().stream().mapToLong(Long::longValue).max().orElseThrow(),
        sum.busiest(),
        where);
  }
}
