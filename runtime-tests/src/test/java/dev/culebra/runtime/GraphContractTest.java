package dev.culebra.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.culebra.fixtures.ActivationReference;
import dev.culebra.fixtures.AttentionReference;
import dev.culebra.fixtures.Bounded;
import dev.culebra.fixtures.DeviceExtension;
import dev.culebra.fixtures.DeviceFixture;
import dev.culebra.fixtures.GuardedTensor;
import dev.culebra.fixtures.OptimizerReference;
import dev.culebra.fixtures.RopeReference;
import dev.culebra.fixtures.SamplingReference;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What is captured once and replayed must follow what lies in its tensors, and nothing else. */
@ExtendWith(DeviceExtension.class)
class GraphContractTest {
  @Test
  void capture_runs_nothing_and_launches_run_all_without_the_lambda(DeviceFixture on) {
    GuardedTensor x = on.inOut(DType.F32, 3, 5).set(new double[15]);
    GuardedTensor one = on.input(DType.F32, 3, 5);
    AtomicInteger calls = new AtomicInteger();
    try (Graph graph =
        on.device()
            .capture(
                () -> {
                  calls.incrementAndGet();
                  on.ops().fill(x.tensor(), 2);
                  on.ops().add(x.tensor(), one.tensor(), x.tensor());
                })) {
      on.run(() -> {});
      x.assertExactly("before a launch", new double[15]);
      for (int launch = 0; launch < 3; launch++) {
        one.set(on.normals(3, 5));
        on.run(graph::launch);
        Bounded[] expected = Bounded.exact(one.values());
        for (int i = 0; i < expected.length; i++) {
          expected[i] = expected[i].plus(Bounded.exact(2));
        }
        x.assertEquals("after a launch", expected);
      }
      assertEquals(1, calls.get());
    }
  }

  @Test
  void capture_refuses_what_needs_a_result_on_the_host(DeviceFixture on) {
    Device device = on.device();
    Tensor x = on.output(DType.F32, 4).tensor();
    try (Event event = device.stream().record()) {
      refusedInCapture(device, () -> device.readFloats(x), "read");
      refusedInCapture(device, () -> device.write(x, 1f, 2f, 3f, 4f), "write");
      refusedInCapture(device, () -> device.stream().synchronize(), "synchronize");
      refusedInCapture(device, event::synchronize, "synchronize");
      refusedInCapture(device, () -> device.capture(() -> {}), "capture");
    }
    try (Graph graph = device.capture(() -> on.ops().fill(x, 1))) {
      refusedInCapture(device, graph::launch, "launch");
    }
  }

  @Test
  void capture_refuses_to_make_memory(DeviceFixture on) {
    Device device = on.device();
    Tensor x = on.input(DType.F32, 4, 4).tensor();
    refusedInCapture(device, () -> device.memory().arena("too late", 256), "too late");
    refusedInCapture(device, () -> device.hostBuffer(256), "host buffer");
    for (WeightFormat format : WeightFormat.values()) {
      refusedInCapture(device, () -> device.weight(x, format, false), "weight");
    }
  }

  @Test
  void a_failed_capture_leaves_the_device_usable(DeviceFixture on) {
    GuardedTensor x = on.output(DType.F32, 4);
    assertThrows(
        ArithmeticException.class,
        () ->
            on.device()
                .capture(
                    () -> {
                      throw new ArithmeticException("in the middle");
                    }));
    on.run(() -> on.ops().fill(x.tensor(), 3));
    x.assertExactly("filled", 3, 3, 3, 3);
  }

  @Test
  void copies_from_the_host_take_what_the_buffer_holds_at_the_launch(DeviceFixture on) {
    GuardedTensor x = on.output(DType.F32, 2);
    Device device = on.device();
    try (HostBuffer in = device.hostBuffer(8);
        HostBuffer back = device.hostBuffer(8);
        Graph graph =
            device.capture(
                () -> {
                  device.copy(in, x.tensor());
                  device.copy(x.tensor(), back);
                })) {
      for (float value = 1; value < 4; value++) {
        in.segment().setAtIndex(ValueLayout.JAVA_FLOAT, 0, value);
        in.segment().setAtIndex(ValueLayout.JAVA_FLOAT, 1, -value);
        on.run(graph::launch);
        x.assertExactly("copied", value, -value);
        assertEquals(-value, back.segment().getAtIndex(ValueLayout.JAVA_FLOAT, 1));
      }
    }
  }

  @Test
  void adamw_follows_learning_rate_step_and_norm(DeviceFixture on) {
    int n = 300;
    GuardedTensor parameters = on.inOut(DType.F32, n);
    GuardedTensor gradients = on.input(DType.F32, n);
    GuardedTensor first = on.inOut(DType.F32, n).set(new double[n]);
    GuardedTensor second = on.inOut(DType.F32, n).set(new double[n]);
    GuardedTensor rate = on.input(DType.F32, 1);
    GuardedTensor step = on.indices(0);
    GuardedTensor norm = on.output(DType.F32, 1);
    OptimizerReference reference =
        new OptimizerReference(
            0.9f, 0.99f, 1e-8f, 0.01f, 5, parameters.values(), first.values(), second.values());
    AdamW config =
        new AdamW(0.9f, 0.99f, 1e-8f, 0.01f, 5, rate.tensor(), step.tensor(), norm.tensor());
    try (Graph graph =
        on.device()
            .capture(
                () -> {
                  on.ops().globalNorm(gradients.tensor(), norm.tensor());
                  on.ops()
                      .adamW(
                          config,
                          parameters.tensor(),
                          gradients.tensor(),
                          first.tensor(),
                          second.tensor(),
                          null);
                })) {
      for (int i = 1; i <= 4; i++) {
        step.set(i);
        rate.set(0.1 / i);
        gradients.set(on.normals(n));
        on.run(graph::launch);
        reference.update(gradients.values(), rate.values()[0], norm.values()[0]);
        parameters.assertEquals("parameters after step " + i, reference.parameters());
      }
    }
  }

  @Test
  void dropout_follows_seed_and_step(DeviceFixture on) {
    GuardedTensor x = on.input(DType.F32, 5, 40);
    GuardedTensor out = on.output(DType.F32, 5, 40);
    GuardedTensor random = on.indices(0, 0, 0);
    Dropout dropout = new Dropout(0.5f, random.tensor(), 2);
    try (Graph graph =
        on.device().capture(() -> on.ops().dropout(x.tensor(), dropout, out.tensor()))) {
      for (int i = 0; i < 3; i++) {
        random.set(on.random().nextInt(), on.random().nextInt(), i);
        int[] state = random.integers();
        on.run(graph::launch);
        double[] expected = x.values();
        for (int element = 0; element < expected.length; element++) {
          expected[element] *= ActivationReference.dropoutFactor(dropout, state, element);
        }
        out.assertExactly("dropped", expected);
      }
    }
  }

  @Test
  void rope_cache_and_decode_attention_follow_positions(DeviceFixture on) {
    int length = 20;
    GuardedTensor k = on.inOut(DType.F32, 1, 8);
    GuardedTensor v = on.input(DType.F32, 1, 8);
    GuardedTensor q = on.input(DType.F32, 1, 8);
    GuardedTensor out = on.output(DType.F32, 1, 8);
    GuardedTensor frequencies = on.input(DType.F32, 4).set(1, 0.1, 0.01, 0.001);
    GuardedTensor sequence = on.indices(0);
    GuardedTensor position = on.indices(0);
    KeyValueCache cache =
        new KeyValueCache(
            on.output(DType.F32, 24, 8).tensor(),
            on.output(DType.F32, 24, 8).tensor(),
            on.indices(1, 2, 0).tensor().reshape(1, 3),
            8);
    double[] queries = new double[length * 8];
    double[] keys = new double[length * 8];
    double[] values = new double[length * 8];
    try (Graph graph =
        on.device()
            .capture(
                () -> {
                  on.ops().rope(k.tensor(), position.tensor(), frequencies.tensor(), 1, false);
                  on.ops()
                      .storeKeyValue(
                          k.tensor(), v.tensor(), sequence.tensor(), position.tensor(), cache);
                  on.ops()
                      .decodeAttention(
                          q.tensor(),
                          sequence.tensor(),
                          position.tensor(),
                          cache,
                          1,
                          0.5f,
                          0,
                          out.tensor());
                })) {
      for (int t = 0; t < length; t++) {
        position.set(t);
        k.set(on.normals(8));
        v.set(on.normals(8));
        q.set(on.normals(8));
        double[] plain = k.values();
        on.run(graph::launch);
        k.assertEquals(
            "turned key", RopeReference.rope(plain, new int[] {t}, frequencies.values(), 1, false));
        System.arraycopy(q.values(), 0, queries, t * 8, 8);
        System.arraycopy(k.values(), 0, keys, t * 8, 8);
        System.arraycopy(v.values(), 0, values, t * 8, 8);
        Bounded[] expected =
            new AttentionReference(
                    new AttentionShape(1, length, 1, 1, 8),
                    0.5,
                    AttentionReference.visible(true, 0, null, length),
                    i -> 1,
                    DType.F32)
                .forward(queries, keys, values)
                .out();
        out.assertEquals("out at " + t, Arrays.copyOfRange(expected, t * 8, t * 8 + 8));
      }
    }
  }

  @Test
  void sampling_follows_seeds_parameters_and_lengths(DeviceFixture on) {
    int vocabulary = 50;
    GuardedTensor logits = on.inOut(DType.F32, 1, vocabulary);
    GuardedTensor parameters = on.input(DType.F32, 1, 5);
    GuardedTensor seeds = on.indices(3, 4);
    GuardedTensor history = on.counters(new int[16]);
    GuardedTensor lengths = on.counters(0);
    GuardedTensor positions = on.counters(0);
    GuardedTensor next = on.output(DType.I32, 1);
    try (Graph graph =
        on.device()
            .capture(
                () -> {
                  on.ops()
                      .sample(
                          logits.tensor(),
                          parameters.tensor(),
                          seeds.tensor().reshape(1, 2),
                          history.tensor().reshape(1, 16),
                          lengths.tensor(),
                          next.tensor());
                  on.ops()
                      .advance(
                          next.tensor(),
                          history.tensor().reshape(1, 16),
                          lengths.tensor(),
                          positions.tensor());
                })) {
      for (int t = 0; t < 16; t++) {
        var filters = new SamplingReference.Filters(1 + t / 4.0, 10 + t, 1, 0, 1.5);
        parameters.set(filters.asRow());
        logits.set(on.normals(vocabulary));
        double[] before = logits.values();
        int[] past = IntStream.of(history.integers()).limit(t).toArray();
        on.run(graph::launch);
        double u = SamplingReference.uniform(3, 4, t);
        int token = next.integers()[0];
        assertTrue(
            SamplingReference.choices(before, filters, past, u).contains(token),
            "token " + token + " at " + t);
        assertEquals(token, history.integers()[t]);
        assertEquals(t + 1, positions.integers()[0]);
      }
    }
  }

  @Test
  void a_second_device_gives_the_same_bits(DeviceFixture on) {
    try (Device other = DeviceExtension.openAnother()) {
      assertArrayEquals(bits(on.device()), bits(other));
    }
  }

  /** A chain of operations whose sums depend on how the work is shared out. */
  private static float[] bits(Device device) {
    try (Arena arena = device.memory().arena("chain", 1 << 22)) {
      Random random = new Random(DeviceExtension.seed());
      Tensor x = normal(device, arena, random, 101, 96);
      Tensor source = normal(device, arena, random, 96, 96);
      Tensor weight = normal(device, arena, random, 1, 96).reshape(96);
      Tensor y = arena.allocate(DType.F32, 101, 96);
      Tensor z = arena.allocate(DType.F32, 101, 96);
      Tensor attended = arena.allocate(DType.F32, 101, 96);
      Tensor dweight = arena.allocate(DType.F32, 96, 96);
      Tensor norm = arena.allocate(DType.F32, 1);
      Ops ops = device.ops();
      try (Weight product = device.weight(source, WeightFormat.SOURCE, true)) {
        ops.refresh(product);
        ops.matmul(x, product, Epilogue.NONE, y);
        ops.layerNorm(y, null, null, weight, null, 1e-5f, z, null, null);
        ops.attention(
            new AttentionShape(1, 101, 4, 4, 24),
            AttentionMask.CAUSAL,
            0.2f,
            z,
            x,
            y,
            null,
            attended,
            null);
        ops.matmulBackwardWeight(attended, x, false, dweight, null);
        ops.globalNorm(dweight.reshape(96 * 96), norm);
        device.stream().synchronize();
        return device.readFloats(norm);
      }
    }
  }

  private static Tensor normal(Device device, Arena arena, Random random, int rows, int columns) {
    Tensor tensor = arena.allocate(DType.F32, rows, columns);
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    device.write(tensor, values);
    return tensor;
  }

  private static void refusedInCapture(Device device, Runnable work, String named) {
    IllegalStateException refusal =
        assertThrows(IllegalStateException.class, () -> device.capture(work));
    assertTrue(refusal.getMessage().contains(named), refusal.getMessage());
    assertTrue(refusal.getMessage().contains("captur"), refusal.getMessage());
  }
}
