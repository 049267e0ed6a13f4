package dev.culebra.runtime;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.culebra.fixtures.DeviceExtension;
import dev.culebra.fixtures.DeviceFixture;
import dev.culebra.fixtures.GuardedTensor;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Runs in a virtual machine of its own: after hundreds of other shapes and types the compiler's
 * profiles are no longer those of a training run, and vectors may be boxed.
 */
@Tag("fresh-virtual-machine")
@ExtendWith(DeviceExtension.class)
class ReplayAllocationTest {
  @Test
  void replay_allocates_nothing_on_the_java_heap(DeviceFixture on) {
    GuardedTensor x = on.inOut(DType.F32, 33, 64);
    GuardedTensor source = on.input(DType.F32, 64, 64);
    GuardedTensor weight = on.input(DType.F32, 64);
    GuardedTensor out = on.output(DType.F32, 33, 64);
    GuardedTensor norm = on.output(DType.F32, 1);
    try (Weight product = on.device().weight(source.tensor(), WeightFormat.SOURCE, true);
        Graph graph =
            on.device()
                .capture(
                    () -> {
                      on.ops().refresh(product);
                      on.ops().matmul(x.tensor(), product, Epilogue.NONE, out.tensor());
                      on.ops()
                          .rmsNorm(
                              out.tensor(), null, null, weight.tensor(), 1e-5f, x.tensor(), null);
                      on.ops().globalNorm(x.tensor().reshape(33 * 64), norm.tensor());
                    })) {
      assertAllocatesNothing(on, graph);
    }
  }

  @Test
  void replayed_attention_allocates_nothing_in_either_type(DeviceFixture on) {
    AttentionShape shape = new AttentionShape(1, 70, 2, 1, 32);
    GuardedTensor sequence = on.indices(0);
    GuardedTensor position = on.indices(69);
    GuardedTensor blockTable = on.indices(0);
    Runnable attend = () -> {};
    for (DType dtype : new DType[] {DType.F32, DType.BF16}) {
      GuardedTensor q = on.input(dtype, 70, 64);
      GuardedTensor k = on.input(dtype, 70, 32);
      GuardedTensor v = on.input(dtype, 70, 32);
      GuardedTensor out = on.output(dtype, 70, 64);
      GuardedTensor last = on.output(dtype, 1, 64);
      KeyValueCache cache =
          new KeyValueCache(k.tensor(), v.tensor(), blockTable.tensor().reshape(1, 1), 70);
      Runnable before = attend;
      attend =
          () -> {
            before.run();
            on.ops()
                .attention(
                    shape,
                    AttentionMask.CAUSAL,
                    0.2f,
                    q.tensor(),
                    k.tensor(),
                    v.tensor(),
                    null,
                    out.tensor(),
                    null);
            on.ops()
                .decodeAttention(
                    q.tensor().rows(69, 70),
                    sequence.tensor(),
                    position.tensor(),
                    cache,
                    2,
                    0.2f,
                    0,
                    last.tensor());
          };
    }
    try (Graph graph = on.device().capture(attend)) {
      assertAllocatesNothing(on, graph);
    }
  }

  /** Less than this is what the test itself and the virtual machine's other threads allocate. */
  private static final int NOTHING = 64;

  private static final int RUNS_TO_WARM_UP = 20_000;

  private static void assertAllocatesNothing(DeviceFixture on, Graph graph) {
    assertAllocatesNothing(on, graph, RUNS_TO_WARM_UP);
  }

  /** On a busy machine the compiler may take longer than the launches that warm it up. */
  private static final int ROUNDS = 8;

  /**
   * Fails where every round of launches allocates.
   *
   * @param launches to warm up in each round: code that is not yet compiled allocates what the
   *     compiler later removes
   */
  static void assertAllocatesNothing(DeviceFixture on, Graph graph, int launches) {
    long each = Long.MAX_VALUE;
    for (int round = 0; round < ROUNDS && each >= NOTHING; round++) {
      launch(on, graph, launches);
      each = allocatedByLaunch(on, graph);
    }
    assertTrue(each < NOTHING, each + " bytes of heap a launch");
  }

  private static long allocatedByLaunch(DeviceFixture on, Graph graph) {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    int measured = 1000;
    long before = threads.getTotalThreadAllocatedBytes();
    launch(on, graph, measured);
    return (threads.getTotalThreadAllocatedBytes() - before) / measured;
  }

  private static void launch(DeviceFixture on, Graph graph, int times) {
    for (int i = 0; i < times; i++) {
      graph.launch();
    }
    on.device().stream().synchronize();
  }
}
