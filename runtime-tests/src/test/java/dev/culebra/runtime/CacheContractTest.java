package dev.culebra.runtime;

import dev.culebra.fixtures.AttentionReference;
import dev.culebra.fixtures.Bounded;
import dev.culebra.fixtures.DeviceExtension;
import dev.culebra.fixtures.DeviceFixture;
import dev.culebra.fixtures.GuardedTensor;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The cache against attention without one: pages lie shuffled, sequences have unequal lengths. */
@ExtendWith(DeviceExtension.class)
class CacheContractTest {
  private static final List<Integer> LENGTHS = List.of(1, 2, 5, 16, 33, 70, 131);

  @Test
  @Tag("short-vectors")
  void decode_attention_equals_attention_over_the_whole_sequence(DeviceFixture on) {
    on.repeat(
        10,
        () -> {
          DType cacheType = on.floatType();
          int kvHeads = 1 + on.random().nextInt(2);
          int heads = kvHeads * (1 + on.random().nextInt(3));
          int headDim = on.oneOf(List.of(1, 4, 8, 20, 64));
          int pageSize = on.oneOf(List.of(1, 3, 16, 64));
          int sequences = 1 + on.random().nextInt(3);
          int longest = on.oneOf(LENGTHS);
          int window = on.random().nextBoolean() ? 0 : 1 + on.random().nextInt(longest);
          int[] lengths =
              IntStream.range(0, sequences).map(s -> 1 + on.random().nextInt(longest)).toArray();
          int pagesOfSequence = (longest + pageSize - 1) / pageSize;
          int pages = sequences * pagesOfSequence + 2;
          int width = kvHeads * headDim;
          int tokens = Arrays.stream(lengths).sum();
          GuardedTensor k = on.input(cacheType, tokens, width);
          GuardedTensor v = on.input(cacheType, tokens, width);
          KeyValueCache cache =
              new KeyValueCache(
                  on.contiguousOutput(cacheType, (long) pages * pageSize, width).tensor(),
                  on.contiguousOutput(cacheType, (long) pages * pageSize, width).tensor(),
                  on.indices(shuffled(on, pages, sequences * pagesOfSequence))
                      .tensor()
                      .reshape(sequences, pagesOfSequence),
                  pageSize);
          int[] sequenceOf = new int[tokens];
          int[] positionOf = new int[tokens];
          for (int s = 0, row = 0; s < sequences; s++) {
            for (int p = 0; p < lengths[s]; p++, row++) {
              sequenceOf[row] = s;
              positionOf[row] = p;
            }
          }
          GuardedTensor sequence = on.indices(sequenceOf);
          GuardedTensor position = on.indices(positionOf);
          GuardedTensor q = on.input(cacheType, tokens, (long) heads * headDim);
          GuardedTensor out = on.output(cacheType, tokens, (long) heads * headDim);
          float scale = 0.4f;
          on.run(
              () -> {
                on.ops()
                    .storeKeyValue(
                        k.tensor(), v.tensor(), sequence.tensor(), position.tensor(), cache);
                on.ops()
                    .decodeAttention(
                        q.tensor(),
                        sequence.tensor(),
                        position.tensor(),
                        cache,
                        heads,
                        scale,
                        window,
                        out.tensor());
              });
          Bounded[] expected = new Bounded[tokens * heads * headDim];
          for (int s = 0, row = 0; s < sequences; row += lengths[s], s++) {
            AttentionShape shape = new AttentionShape(1, lengths[s], heads, kvHeads, headDim);
            Bounded[] sequenceOut =
                new AttentionReference(
                        shape,
                        scale,
                        AttentionReference.visible(true, window, null, lengths[s]),
                        i -> 1,
                        cacheType)
                    .forward(
                        rows(q, heads * headDim, row, lengths[s]),
                        rows(k, width, row, lengths[s]),
                        rows(v, width, row, lengths[s]))
                    .out();
            System.arraycopy(sequenceOut, 0, expected, row * heads * headDim, sequenceOut.length);
          }
          out.assertEquals("out", expected);
        });
  }

  @Test
  void one_token_at_a_time_equals_the_whole_prompt_at_once(DeviceFixture on) {
    int length = 37;
    GuardedTensor k = on.input(DType.F32, length, 16);
    GuardedTensor v = on.input(DType.F32, length, 16);
    GuardedTensor q = on.input(DType.F32, length, 32);
    GuardedTensor stepwise = on.output(DType.F32, length, 32);
    KeyValueCache cache =
        new KeyValueCache(
            on.output(DType.F32, 40, 16).tensor(),
            on.output(DType.F32, 40, 16).tensor(),
            on.indices(4, 2, 0, 1, 3).tensor().reshape(1, 5),
            8);
    GuardedTensor sequence = on.indices(0);
    GuardedTensor position = on.indices(0);
    for (int t = 0; t < length; t++) {
      int row = t;
      position.set(t);
      on.run(
          () -> {
            on.ops()
                .storeKeyValue(
                    k.tensor().rows(row, row + 1),
                    v.tensor().rows(row, row + 1),
                    sequence.tensor(),
                    position.tensor(),
                    cache);
            on.ops()
                .decodeAttention(
                    q.tensor().rows(row, row + 1),
                    sequence.tensor(),
                    position.tensor(),
                    cache,
                    4,
                    0.3f,
                    0,
                    stepwise.tensor().rows(row, row + 1));
          });
    }
    AttentionReference reference =
        new AttentionReference(
            new AttentionShape(1, length, 4, 2, 8),
            0.3f,
            AttentionReference.visible(true, 0, null, length),
            i -> 1,
            DType.F32);
    stepwise.assertEquals("out", reference.forward(q.values(), k.values(), v.values()).out());
  }

  @Test
  void storing_converts_to_the_type_of_the_cache_and_touches_only_its_rows(DeviceFixture on) {
    GuardedTensor k = on.input(DType.F32, 2, 5);
    GuardedTensor v = on.input(DType.F32, 2, 5);
    GuardedTensor keys = on.inOut(DType.BF16, 12, 5);
    GuardedTensor values = on.inOut(DType.BF16, 12, 5);
    double[] keysBefore = keys.values();
    KeyValueCache cache =
        new KeyValueCache(
            keys.tensor(), values.tensor(), on.indices(2, 0, 1, 3).tensor().reshape(2, 2), 3);
    GuardedTensor sequences = on.indices(0, 1);
    GuardedTensor positions = on.indices(4, 1);
    on.run(
        () ->
            on.ops()
                .storeKeyValue(
                    k.tensor(), v.tensor(), sequences.tensor(), positions.tensor(), cache));
    // Sequence 0's position 4 is page 0's row 1; sequence 1's position 1 is page 1's row 1.
    Bounded[] expected = Bounded.exact(keysBefore);
    double[] newKeys = k.values();
    for (int c = 0; c < 5; c++) {
      expected[5 + c] = Bounded.exact(newKeys[c]);
      expected[4 * 5 + c] = Bounded.exact(newKeys[5 + c]);
    }
    keys.assertEquals("keys", expected);
  }

  private static int[] shuffled(DeviceFixture on, int pages, int count) {
    List<Integer> numbers = IntStream.range(0, pages).boxed().collect(Collectors.toList());
    Collections.shuffle(numbers, on.random());
    return numbers.stream().limit(count).mapToInt(Integer::intValue).toArray();
  }

  private static double[] rows(GuardedTensor tensor, int width, int from, int count) {
    return Arrays.copyOfRange(tensor.values(), from * width, (from + count) * width);
  }
}
