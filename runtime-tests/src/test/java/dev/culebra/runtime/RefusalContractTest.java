package dev.culebra.runtime;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.culebra.fixtures.DeviceExtension;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A wrong argument is refused when enqueued, by operation, role and both shapes. */
@ExtendWith(DeviceExtension.class)
class RefusalContractTest {
  private static final AttentionShape SHAPE = new AttentionShape(1, 2, 1, 1, 4);

  private Arena arena;
  private Ops ops;
  private Device device;
  private Tensor x24;
  private Tensor x35;
  private Tensor half24;
  private Tensor v4;
  private Tensor v2;
  private Tensor one;
  private Tensor ints2;
  private Tensor ints3;

  @BeforeEach
  void allocate(Device device) {
    this.device = device;
    ops = device.ops();
    arena = device.memory().arena("refusals", 1 << 16);
    x24 = arena.allocate(DType.F32, 2, 4);
    x35 = arena.allocate(DType.F32, 3, 5);
    half24 = arena.allocate(DType.BF16, 2, 4);
    v4 = arena.allocate(DType.F32, 4);
    v2 = arena.allocate(DType.F32, 2);
    one = arena.allocate(DType.F32, 1);
    ints2 = arena.allocate(DType.I32, 2);
    ints3 = arena.allocate(DType.I32, 3);
  }

  @AfterEach
  void release() {
    arena.close();
  }

  @Test
  void wrong_shapes_name_operation_role_and_both_shapes() {
    refused(() -> ops.add(x24, x35, x24), "add", "b", "[3, 5]", "[2, 4]");
    refused(() -> ops.convert(x24, x35), "convert", "out", "[3, 5]", "[2, 4]");
    refused(() -> ops.gatherRows(x24, ints3, x24), "gatherRows", "out", "[2, 4]", "[3, 4]");
    refused(() -> ops.sum(x24, false, v4), "sum", "out", "[4]", "1");
    refused(
        () -> ops.embedding(ints3, x24, null, null, x24), "embedding", "out", "[2, 4]", "[3, 4]");
    refused(() -> ops.embeddingBackward(ints3, x24, x24), "embeddingBackward", "[2, 4]", "[3");
    refused(
        () -> ops.layerNorm(x24, null, null, v2, null, 1e-5f, x24, null, null),
        "layerNorm",
        "weight",
        "[2]",
        "4");
    refused(
        () -> ops.layerNormBackward(x35, x24, v4, v2, v2, null, x24, v4, v4),
        "layerNormBackward",
        "dout",
        "[3, 5]",
        "[2, 4]");
    refused(
        () -> ops.rmsNorm(x24, null, null, v4, 1e-5f, x35, null),
        "rmsNorm",
        "out",
        "[3, 5]",
        "[2, 4]");
    refused(
        () -> ops.rmsNormBackward(x24, x24, v4, v4, null, x24, v4),
        "rmsNormBackward",
        "rstd",
        "[4]",
        "2");
    refused(() -> ops.gelu(x24, x35), "gelu", "out", "[3, 5]", "[2, 4]");
    refused(() -> ops.geluBackward(x24, x35, x24), "geluBackward", "[3, 5]", "[2, 4]");
    refused(() -> ops.swiglu(x24, x24), "swiglu", "[2, 4]", "[2, ");
    refused(() -> ops.rope(x24, ints3, v2, 1, false), "rope", "positions", "[3]", "2");
    refused(
        () -> ops.attention(SHAPE, AttentionMask.CAUSAL, 1, x24, x35, x24, null, half24, null),
        "attention",
        "k",
        "[3, 5]",
        "[2, 4]");
    refused(() -> ops.crossEntropy(x24, ints3, v2), "crossEntropy", "targets", "[3]", "2");
    refused(() -> ops.globalNorm(v4, v2), "globalNorm", "out", "[2]", "1");
    refused(
        () -> ops.adamW(adamW(ints2.rows(0, 1)), v4, v2, v4, v4, null),
        "adamW",
        "gradients",
        "[2]",
        "4");
    refused(
        () -> ops.sample(x24, x24, ints2, ints2, ints2, ints2), "sample", "parameters", "[2, 5]");
    refused(
        () -> ops.matmulBackwardWeight(x24, x35, false, x24, null),
        "matmulBackwardWeight",
        "x",
        "[3, 5]",
        "[2, 5]");
    try (Weight weight = device.weight(x24, WeightFormat.SOURCE, true)) {
      refused(() -> ops.matmul(x35, weight, Epilogue.NONE, x24), "matmul", "x", "[3, 5]", "4]");
      refused(
          () -> ops.matmulBackwardInput(x35, weight, false, x24),
          "matmulBackwardInput",
          "dout",
          "[3, 5]",
          "2]");
    }
  }

  @Test
  void wrong_types_name_both_types() {
    refused(() -> ops.add(x24, half24, x24), "add", "b", "BF16", "F32");
    refused(() -> ops.sum(half24, false, one), "sum", "x", "BF16", "F32");
    refused(() -> ops.gelu(x24, half24), "gelu", "out", "BF16", "F32");
    refused(() -> ops.crossEntropy(x24, v2, v2), "crossEntropy", "targets", "F32", "I32");
    refused(() -> ops.embedding(v2, x24, null, null, x24), "embedding", "tokens", "F32", "I32");
    refused(() -> ops.adamW(adamW(one), v4, v4, v4, v4, null), "adamW", "step", "F32", "I32");
    refused(
        () -> ops.attention(SHAPE, AttentionMask.CAUSAL, 1, x24, half24, x24, null, x24, null),
        "attention",
        "k",
        "BF16",
        "F32");
    refused(
        () -> ops.layerNorm(x24, null, null, v4, null, 1e-5f, half24, null, null),
        "layerNorm",
        "out",
        "BF16",
        "F32");
  }

  @Test
  void missing_tensors_are_named() {
    refused(() -> ops.add(x24, null, x24), "add", "b", "missing");
    refused(() -> ops.fill(null, 1), "fill", "out", "missing");
    refused(() -> ops.crossEntropy(x24, ints2, null), "crossEntropy", "losses", "missing");
    refused(
        () -> ops.layerNorm(x24, null, null, null, null, 1e-5f, x24, null, null),
        "layerNorm",
        "weight",
        "missing");
    refused(
        () -> ops.attention(SHAPE, AttentionMask.CAUSAL, 1, x24, x24, null, null, x24, null),
        "attention",
        "v",
        "missing");
    refused(() -> ops.embedding(ints2, x24, ints2, null, x24), "embedding", "positionTable");
  }

  @Test
  void gaps_are_refused_where_a_tensor_must_be_contiguous() {
    refused(() -> ops.sum(x24.columns(0, 2), false, one), "sum", "x", "row stride 4", "contiguous");
    refused(() -> device.readFloats(x24.columns(0, 2)), "read", "row stride 4", "contiguous");
    refused(() -> device.write(x24, 1f, 2f), "write", "[2, 4]", "2");
  }

  @Test
  void copies_beyond_the_host_memory_are_refused_when_enqueued() {
    MemorySegment host = MemorySegment.ofArray(new float[7]);
    refused(() -> device.write(x24, host), "write", "to", "[2, 4]", "32 bytes", "28");
    refused(() -> device.read(x24, host), "read", "from", "[2, 4]", "32 bytes", "28");
    try (HostBuffer buffer = device.hostBuffer(28)) {
      refused(() -> device.copy(buffer, x24), "copy", "to", "[2, 4]", "32 bytes", "28");
      refused(() -> device.copy(x24, buffer), "copy", "from", "[2, 4]", "32 bytes", "28");
      refused(() -> device.copy(buffer, x24.columns(0, 2)), "copy", "to", "contiguous");
      refused(() -> device.copy((Tensor) null, buffer), "copy", "from", "missing");
    }
  }

  @Test
  void gradients_of_a_narrowed_weight_are_refused() {
    refused(() -> device.weight(x24, WeightFormat.INT8, true), "weight", "INT8");
    try (Weight weight = device.weight(x24, WeightFormat.BF16, false)) {
      Tensor dout = arena.allocate(DType.F32, 2, 2);
      refused(
          () -> ops.matmulBackwardInput(dout, weight, false, x24), "matmulBackwardInput", "BF16");
    }
  }

  private AdamW adamW(Tensor step) {
    return new AdamW(0.9f, 0.99f, 1e-8f, 0, 0, one, step, one);
  }

  private static void refused(Runnable operation, String... named) {
    String message =
        assertThrows(IllegalArgumentException.class, operation::run, String.join(" ", named))
            .getMessage();
    for (String name : named) {
      assertTrue(message.contains(name), "'" + name + "' is not in: " + message);
    }
  }
}
