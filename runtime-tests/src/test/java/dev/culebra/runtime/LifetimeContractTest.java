package dev.culebra.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.culebra.fixtures.DeviceExtension;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Memory that is gone, or another device's, is not touched: every tensor of every operation is
 * looked at when it is enqueued, and by a graph again at each launch.
 */
@ExtendWith(DeviceExtension.class)
class LifetimeContractTest {
  private static final long BYTES = 1 << 20;
  private static final String STRANGE = "the strange one";

  private Device device;
  private Ops ops;
  private Arena arena;
  private Tensor source;
  private Weight weight;

  @BeforeEach
  void allocate(Device device) {
    this.device = device;
    ops = device.ops();
    arena = device.memory().arena("the usual one", BYTES);
    source = arena.allocate(DType.F32, 4, 4);
    weight = device.weight(source, WeightFormat.SOURCE, true);
  }

  @AfterEach
  void release() {
    weight.close();
    arena.close();
  }

  /** Hands out the tensors of one call, one of them from another arena than the others. */
  private final class Operands {
    private final int place;
    private final Arena strange;
    private final Runnable afterwards;
    private int count;

    /**
     * @param place of the tensor from the strange arena; -1 for none
     * @param afterwards is done when that tensor is made
     */
    Operands(int place, Arena strange, Runnable afterwards) {
      this.place = place;
      this.strange = strange;
      this.afterwards = afterwards;
    }

    Tensor f(long... shape) {
      return next(DType.F32, shape);
    }

    Tensor i(long... shape) {
      return next(DType.I32, shape);
    }

    Tensor next(DType dtype, long... shape) {
      if (count++ != place) {
        return arena.allocate(dtype, shape);
      }
      Tensor tensor = strange.allocate(dtype, shape);
      afterwards.run();
      return tensor;
    }

    Dropout dropout() {
      return new Dropout(0.5f, i(3), 1);
    }

    AttentionMask mask() {
      return new AttentionMask(true, 0, i(1, 2));
    }

    KeyValueCache cache() {
      return new KeyValueCache(f(8, 4), f(8, 4), i(2, 1), 4);
    }
  }

  /** Every operation with all the tensors that it can take. */
  private Map<String, Consumer<Operands>> operations() {
    AttentionShape shape = new AttentionShape(1, 2, 1, 1, 4);
    Map<String, Consumer<Operands>> all = new LinkedHashMap<>();
    all.put("fill", t -> ops.fill(t.f(2, 4), 1));
    all.put("convert", t -> ops.convert(t.f(2, 4), t.f(2, 4)));
    all.put("add", t -> ops.add(t.f(2, 4), t.f(2, 4), t.f(2, 4)));
    all.put("gatherRows", t -> ops.gatherRows(t.f(3, 4), t.i(2), t.f(2, 4)));
    all.put("sum", t -> ops.sum(t.f(8), false, t.f(1)));
    all.put("embedding", t -> ops.embedding(t.i(2), t.f(3, 4), t.i(2), t.f(5, 4), t.f(2, 4)));
    all.put("embeddingBackward", t -> ops.embeddingBackward(t.i(2), t.f(2, 4), t.f(3, 4)));
    all.put(
        "layerNorm",
        t ->
            ops.layerNorm(
                t.f(2, 4), t.f(2, 4), t.f(2, 4), t.f(4), t.f(4), 1, t.f(2, 4), t.f(2), t.f(2)));
    all.put(
        "layerNormBackward",
        t ->
            ops.layerNormBackward(
                t.f(2, 4), t.f(2, 4), t.f(4), t.f(2), t.f(2), t.f(2, 4), t.f(2, 4), t.f(4),
                t.f(4)));
    all.put(
        "rmsNorm", t -> ops.rmsNorm(t.f(2, 4), t.f(2, 4), t.f(2, 4), t.f(4), 1, t.f(2, 4), t.f(2)));
    all.put(
        "rmsNormBackward",
        t ->
            ops.rmsNormBackward(
                t.f(2, 4), t.f(2, 4), t.f(4), t.f(2), t.f(2, 4), t.f(2, 4), t.f(4)));
    all.put(
        "matmul", t -> ops.matmul(t.f(2, 4), weight, Epilogue.gelu(t.f(4), t.f(2, 4)), t.f(2, 4)));
    all.put(
        "matmulBackwardInput", t -> ops.matmulBackwardInput(t.f(2, 4), weight, false, t.f(2, 4)));
    all.put(
        "matmulBackwardWeight",
        t -> ops.matmulBackwardWeight(t.f(2, 4), t.f(2, 4), false, t.f(4, 4), t.f(4)));
    all.put("gelu", t -> ops.gelu(t.f(2, 4), t.f(2, 4)));
    all.put("geluBackward", t -> ops.geluBackward(t.f(2, 4), t.f(2, 4), t.f(2, 4)));
    all.put("swiglu", t -> ops.swiglu(t.f(2, 8), t.f(2, 4)));
    all.put("swigluBackward", t -> ops.swigluBackward(t.f(2, 4), t.f(2, 8), t.f(2, 8)));
    all.put("dropout", t -> ops.dropout(t.f(2, 4), t.dropout(), t.f(2, 4)));
    all.put(
        "attention",
        t ->
            ops.attention(
                shape,
                t.mask(),
                1,
                t.f(2, 4),
                t.f(2, 4),
                t.f(2, 4),
                t.dropout(),
                t.f(2, 4),
                t.f(1, 1, 2)));
    all.put(
        "attentionBackward",
        t ->
            ops.attentionBackward(
                shape,
                t.mask(),
                1,
                t.f(2, 4),
                t.f(2, 4),
                t.f(2, 4),
                t.dropout(),
                t.f(2, 4),
                t.f(1, 1, 2),
                t.f(2, 4),
                t.f(2, 4),
                t.f(2, 4),
                t.f(2, 4)));
    all.put(
        "storeKeyValue", t -> ops.storeKeyValue(t.f(2, 4), t.f(2, 4), t.i(2), t.i(2), t.cache()));
    all.put(
        "decodeAttention",
        t -> ops.decodeAttention(t.f(2, 4), t.i(2), t.i(2), t.cache(), 1, 1, 0, t.f(2, 4)));
    all.put("rope", t -> ops.rope(t.f(2, 4), t.i(2), t.f(2), 1, false));
    all.put("crossEntropy", t -> ops.crossEntropy(t.f(2, 4), t.i(2), t.f(2)));
    all.put(
        "crossEntropyWithGradient",
        t -> ops.crossEntropyWithGradient(t.f(2, 4), t.i(2), t.f(1), t.f(2)));
    all.put("globalNorm", t -> ops.globalNorm(t.f(8), t.f(1)));
    all.put(
        "adamW",
        t ->
            ops.adamW(
                new AdamW(0.9f, 0.9f, 1e-8f, 0, 1, t.f(1), t.i(1), t.f(1)),
                t.f(8),
                t.f(8),
                t.f(8),
                t.f(8),
                t.next(DType.BF16, 8)));
    all.put("sample", t -> ops.sample(t.f(2, 4), t.f(2, 5), t.i(2, 2), t.i(2, 8), t.i(2), t.i(2)));
    all.put("advance", t -> ops.advance(t.i(2), t.i(2, 8), t.i(2), t.i(2)));
    return all;
  }

  private interface Check {
    void check(String operation, Consumer<Operands> call, int place);
  }

  /** Each tensor of each operation in turn. */
  private void everywhere(Check check) {
    operations()
        .forEach(
            (operation, call) -> {
              Operands plain = new Operands(-1, null, () -> {});
              device.capture(() -> call.accept(plain)).close(); // nothing else is wrong with it
              for (int place = 0; place < plain.count; place++) {
                check.check(operation, call, place);
              }
            });
  }

  private static void refused(Class<? extends Exception> type, Runnable work, String... named) {
    String message = assertThrows(type, work::run, String.join(" ", named)).getMessage();
    for (String name : named) {
      assertTrue(message.contains(name), "'" + name + "' is not in: " + message);
    }
  }

  @Test
  void a_tensor_of_a_closed_arena_is_refused_by_operation_and_arena() {
    everywhere(
        (operation, call, place) -> {
          Arena closed = device.memory().arena(STRANGE, BYTES);
          Operands operands = new Operands(place, closed, closed::close);
          refused(
              IllegalStateException.class,
              () -> call.accept(operands),
              operation + ": ",
              STRANGE,
              "closed");
        });
  }

  @Test
  void a_tensor_of_another_device_is_refused_by_operation_and_arena() {
    try (Device other = DeviceExtension.openAnother();
        Arena foreign = other.memory().arena(STRANGE, BYTES)) {
      everywhere(
          (operation, call, place) ->
              refused(
                  IllegalArgumentException.class,
                  () -> call.accept(new Operands(place, foreign, () -> {})),
                  operation + ": ",
                  STRANGE,
                  "another device"));
    }
  }

  @Test
  void a_graph_is_refused_when_the_arena_of_any_of_its_tensors_is_closed() {
    everywhere(
        (operation, call, place) -> {
          Arena closed = device.memory().arena(STRANGE, BYTES);
          Operands operands = new Operands(place, closed, () -> {});
          try (Graph graph = device.capture(() -> call.accept(operands))) {
            closed.close();
            refused(IllegalStateException.class, graph::launch, "launch: ", STRANGE, "closed");
          }
        });
  }

  @Test
  void copies_reads_writes_and_weights_refuse_what_is_gone_or_anothers() {
    Arena closed = device.memory().arena(STRANGE, BYTES);
    Tensor gone = closed.allocate(DType.F32, 2, 2);
    closed.close();
    try (Device other = DeviceExtension.openAnother();
        Arena foreign = other.memory().arena(STRANGE, BYTES)) {
      refuseToMove(IllegalStateException.class, gone);
      refuseToMove(IllegalArgumentException.class, foreign.allocate(DType.F32, 2, 2));
    }
  }

  private void refuseToMove(Class<? extends Exception> type, Tensor tensor) {
    MemorySegment host = MemorySegment.ofArray(new float[4]);
    refused(type, () -> device.write(tensor, host), "write: ", STRANGE);
    refused(type, () -> device.read(tensor, host), "read: ", STRANGE);
    refused(type, () -> device.weight(tensor, WeightFormat.SOURCE, false), "weight: ", STRANGE);
    try (HostBuffer buffer = device.hostBuffer(16)) {
      refused(type, () -> device.copy(buffer, tensor), "copy: ", STRANGE);
      refused(type, () -> device.copy(tensor, buffer), "copy: ", STRANGE);
    }
  }

  @Test
  void copies_in_a_graph_are_refused_when_their_arena_is_closed() {
    Arena closed = device.memory().arena(STRANGE, BYTES);
    Tensor tensor = closed.allocate(DType.F32, 2, 2);
    try (HostBuffer buffer = device.hostBuffer(16);
        Graph in = device.capture(() -> device.copy(buffer, tensor));
        Graph out = device.capture(() -> device.copy(tensor, buffer))) {
      closed.close();
      refused(IllegalStateException.class, in::launch, "launch: ", STRANGE);
      refused(IllegalStateException.class, out::launch, "launch: ", STRANGE);
    }
  }

  @Test
  void a_closed_weight_of_its_own_memory_is_refused_and_so_are_graphs_that_use_it() {
    Tensor x = arena.allocate(DType.F32, 2, 4);
    Tensor out = arena.allocate(DType.F32, 2, 3);
    Tensor matrix = arena.allocate(DType.F32, 3, 4);
    for (WeightFormat format : new WeightFormat[] {WeightFormat.BF16, WeightFormat.INT8}) {
      Weight narrow = device.weight(matrix, format, false);
      Runnable multiply = () -> ops.matmul(x, narrow, Epilogue.NONE, out);
      ops.refresh(narrow);
      try (Graph product = device.capture(multiply);
          Graph refresh = device.capture(() -> ops.refresh(narrow))) {
        product.launch();
        refresh.launch();
        narrow.close();
        refused(IllegalStateException.class, product::launch, "launch: ", "weight", "closed");
        refused(IllegalStateException.class, refresh::launch, "launch: ", "weight", "closed");
      }
      refused(IllegalStateException.class, multiply, "matmul: ", "weight", "closed");
      refused(IllegalStateException.class, () -> ops.refresh(narrow), "refresh: ", "closed");
    }
  }

  @Test
  void a_rounded_weight_outlives_its_source_but_is_not_refreshed_any_more() {
    Tensor x = arena.allocate(DType.F32, 2, 4);
    Tensor out = arena.allocate(DType.F32, 2, 3);
    Arena closed = device.memory().arena(STRANGE, BYTES);
    try (Weight narrow =
        device.weight(closed.allocate(DType.F32, 3, 4), WeightFormat.BF16, false)) {
      ops.refresh(narrow);
      device.stream().synchronize();
      closed.close();
      ops.matmul(x, narrow, Epilogue.NONE, out);
      refused(IllegalStateException.class, () -> ops.refresh(narrow), "refresh: ", STRANGE);
    }
  }

  @Test
  void a_weight_of_another_device_is_refused() {
    Tensor x = arena.allocate(DType.F32, 2, 4);
    Tensor out = arena.allocate(DType.F32, 2, 3);
    try (Device other = DeviceExtension.openAnother();
        Arena foreign = other.memory().arena(STRANGE, BYTES)) {
      Tensor matrix = foreign.allocate(DType.F32, 3, 4);
      for (WeightFormat format : WeightFormat.values()) {
        try (Weight its = other.weight(matrix, format, false)) {
          refused(
              IllegalArgumentException.class,
              () -> ops.matmul(x, its, Epilogue.NONE, out),
              "matmul: ",
              "another device");
        }
      }
    }
  }

  @Test
  void a_closed_graph_is_refused_and_may_be_closed_again() {
    Tensor x = arena.allocate(DType.F32, 3);
    Graph graph = device.capture(() -> ops.fill(x, 1));
    graph.close();
    graph.close();
    refused(IllegalStateException.class, graph::launch, "launch: the graph is closed");
    assertEquals(0, device.readFloats(x)[0]);
  }

  @Test
  void a_graph_goes_on_when_other_arenas_and_graphs_close() {
    Tensor x = arena.allocate(DType.F32, 2, 4);
    Tensor out = arena.allocate(DType.F32, 2, 4);
    device.write(x, 1, 2, 3, 4, 5, 6, 7, 8f);
    device.write(source, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1f);
    ops.refresh(weight);
    Runnable multiply = () -> ops.matmul(x, weight, Epilogue.NONE, out);
    try (Graph graph = device.capture(multiply)) {
      device.capture(multiply).close();
      device.memory().arena(STRANGE, BYTES).close();
      graph.launch();
      assertEquals(8, device.readFloats(out)[7]);
    }
  }

  @Test
  void tensors_of_a_plan_that_is_only_measured_are_refused() {
    Tensor[] planned = new Tensor[1];
    Allocator.measure(device, counter -> planned[0] = counter.allocate(DType.F32, 4));
    refused(IllegalStateException.class, () -> ops.fill(planned[0], 1), "fill: ", "measured");
  }
}
