package dev.culebra.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.culebra.fixtures.Bounded;
import dev.culebra.fixtures.DeviceExtension;
import dev.culebra.fixtures.DeviceFixture;
import dev.culebra.fixtures.GuardedTensor;
import dev.culebra.fixtures.Shapes;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DeviceExtension.class)
class EmbeddingContractTest {
  @Test
  void embedding_adds_the_rows_of_token_and_position(DeviceFixture on) {
    on.repeat(
        24,
        () -> {
          DType dtype = on.floatType();
          int vocabulary = Shapes.odd(on.random());
          int rows = Shapes.small(on.random());
          int columns = Shapes.columns(on.random(), rows);
          GuardedTensor table = on.input(dtype, vocabulary, columns);
          GuardedTensor positionTable = on.input(dtype, 11, columns);
          int[] token = on.below(vocabulary, rows);
          int[] position = on.below(11, rows);
          GuardedTensor tokens = on.indices(token);
          GuardedTensor positions = on.indices(position);
          GuardedTensor both = on.output(dtype, rows, columns);
          GuardedTensor alone = on.output(dtype, rows, columns);
          on.run(
              () -> {
                on.ops()
                    .embedding(
                        tokens.tensor(),
                        table.tensor(),
                        positions.tensor(),
                        positionTable.tensor(),
                        both.tensor());
                on.ops().embedding(tokens.tensor(), table.tensor(), null, null, alone.tensor());
              });
          double[] fromTable = table.values();
          double[] fromPositions = positionTable.values();
          double[] rowOfToken = new double[rows * columns];
          Bounded[] sum = new Bounded[rows * columns];
          for (int i = 0; i < sum.length; i++) {
            rowOfToken[i] = fromTable[token[i / columns] * columns + i % columns];
            double rowOfPosition = fromPositions[position[i / columns] * columns + i % columns];
            sum[i] = Bounded.exact(rowOfToken[i]).plus(Bounded.exact(rowOfPosition));
          }
          alone.assertExactly("token row", rowOfToken);
          both.assertEquals("token and position", sum);
        });
  }

  @Test
  void embedding_backward_adds_to_the_rows_of_the_tokens_and_leaves_the_others(DeviceFixture on) {
    on.repeat(
        8,
        () -> {
          DType dtype = on.floatType();
          int vocabulary = Shapes.odd(on.random());
          int rows = Shapes.odd(on.random());
          int columns = Shapes.columns(on.random(), rows);
          int[] token = on.below(vocabulary, rows);
          GuardedTensor indices = on.indices(token);
          GuardedTensor dout = on.input(dtype, rows, columns);
          GuardedTensor dtable = on.inOut(DType.F32, vocabulary, columns);
          double[] before = dtable.values();
          double[] gradient = dout.values();
          on.run(
              () -> on.ops().embeddingBackward(indices.tensor(), dout.tensor(), dtable.tensor()));
          Bounded[] expected = new Bounded[before.length];
          for (int i = 0; i < expected.length; i++) {
            List<Bounded> terms = new ArrayList<>();
            terms.add(Bounded.exact(before[i]));
            for (int r = 0; r < rows; r++) {
              if (token[r] == i / columns) {
                terms.add(Bounded.exact(gradient[r * columns + i % columns]));
              }
            }
            expected[i] = Bounded.sum(terms.toArray(Bounded[]::new));
          }
          dtable.assertEquals("dtable", expected);
        });
  }

  @Test
  void embedding_backward_of_a_frequent_token_gives_the_same_bits_each_time(DeviceFixture on) {
    GuardedTensor indices = on.indices(on.below(3, 4099));
    GuardedTensor dout = on.input(DType.F32, 4099, 33);
    GuardedTensor dtable = on.output(DType.F32, 3, 33);
    byte[] first = null;
    for (int i = 0; i < 5; i++) {
      dtable.set(new double[3 * 33]);
      on.run(() -> on.ops().embeddingBackward(indices.tensor(), dout.tensor(), dtable.tensor()));
      first = first == null ? dtable.bits() : first;
      assertArrayEquals(first, dtable.bits());
    }
  }
}
