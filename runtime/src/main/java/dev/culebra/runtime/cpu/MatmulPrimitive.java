package dev.culebra.runtime.cpu;

import static dev.culebra.bindings.dnnl.dnnl_h.*;

import dev.culebra.bindings.dnnl.dnnl_exec_arg_t;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Compiled code for one {@link MatmulShape}, and for each worker the argument objects to call it
 * with. Only their addresses change from call to call, so that a call allocates nothing.
 */
final class MatmulPrimitive implements AutoCloseable {
  private static final int SOURCE = 0;
  private static final int WEIGHTS = 1;
  private static final int RESULT = 2;
  private static final int SCRATCHPAD = 3;
  private static final int BIAS = 4;
  private static final int ARGUMENTS = 5;

  private final Arena arena = Arena.ofShared();
  private final MatmulShape shape;
  private final MemorySegment primitive;
  private final long scratchBytes;
  private final Arguments[] arguments;
  private boolean open = true;

  /**
   * @param workers how many may call it, each at any time
   */
  MatmulPrimitive(MatmulShape shape, int workers) {
    this.shape = shape;
    MemorySegment[] descriptors = descriptors(shape);
    MemorySegment description = describe(shape, descriptors);
    try {
      MemorySegment scratchpad =
          dnnl_primitive_desc_query_md(description, dnnl_query_scratchpad_md(), 0);
      scratchBytes = dnnl_memory_desc_get_size(scratchpad);
      descriptors[SCRATCHPAD] = scratchpad;
      MemorySegment pointer = arena.allocate(ValueLayout.ADDRESS);
      OneDnn.check(
          dnnl_primitive_create(pointer, description),
          "dnnl_primitive_create",
          "compiling the product " + shape);
      primitive = pointer.get(ValueLayout.ADDRESS, 0);
      arguments = new Arguments[workers];
      for (int i = 0; i < workers; i++) {
        arguments[i] = new Arguments(arena, descriptors);
      }
    } finally {
      dnnl_primitive_desc_destroy(description);
      for (int i = 0; i < ARGUMENTS; i++) {
        if (i != SCRATCHPAD && descriptors[i] != null) { // the scratchpad's is the description's
          dnnl_memory_desc_destroy(descriptors[i]);
        }
      }
    }
  }

  /** Bytes of working memory that {@link #execute} needs. */
  long scratchBytes() {
    return scratchBytes;
  }

  /**
   * Computes the product on the calling worker's thread.
   *
   * @param bias address, ignored where the shape has none
   * @param scratch address of {@link #scratchBytes} of memory that only this worker uses: oneDNN's
   *     own scratchpad is shared by the threads that call one primitive, silently wrong
   */
  void execute(int worker, MemorySegment stream, long a, long b, long bias, long c, long scratch) {
    Arguments own = arguments[worker];
    own.bind(SOURCE, a);
    own.bind(WEIGHTS, b);
    own.bind(RESULT, c);
    own.bind(SCRATCHPAD, scratch);
    if (own.count == ARGUMENTS) {
      own.bind(BIAS, bias);
    }
    int status = dnnl_primitive_execute(primitive, stream, own.count, own.array);
    if (status != dnnl_success()) {
      OneDnn.check(status, "dnnl_primitive_execute", "computing the product " + shape);
    }
  }

  @Override
  public void close() {
    if (open) {
      open = false;
      for (Arguments own : arguments) {
        own.close();
      }
      dnnl_primitive_destroy(primitive);
      arena.close();
    }
  }

  private static MemorySegment[] descriptors(MatmulShape s) {
    MemorySegment[] descriptors = new MemorySegment[ARGUMENTS];
    descriptors[SOURCE] =
        OneDnn.matrixDescriptor(s.operandType(), s.m(), s.k(), s.aRowStride(), s.aColumnStride());
    descriptors[WEIGHTS] =
        OneDnn.matrixDescriptor(s.operandType(), s.k(), s.n(), s.bRowStride(), s.bColumnStride());
    descriptors[RESULT] = OneDnn.matrixDescriptor(s.resultType(), s.m(), s.n(), s.cRowStride(), 1);
    if (s.bias()) {
      descriptors[BIAS] = OneDnn.matrixDescriptor(s.resultType(), 1, s.n(), s.n(), 1);
    }
    return descriptors;
  }

  private static MemorySegment describe(MatmulShape shape, MemorySegment[] descriptors) {
    try (Arena temporary = Arena.ofConfined()) {
      MemorySegment pointer = temporary.allocate(ValueLayout.ADDRESS);
      String doing = "describing the product " + shape;
      OneDnn.check(dnnl_primitive_attr_create(pointer), "dnnl_primitive_attr_create", doing);
      MemorySegment attributes = pointer.get(ValueLayout.ADDRESS, 0);
      try {
        OneDnn.check(
            dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user()),
            "dnnl_primitive_attr_set_scratchpad_mode",
            doing);
        setPostOperations(shape, attributes, pointer);
        OneDnn.check(
            dnnl_matmul_primitive_desc_create(
                pointer,
                OneDnn.engine(),
                descriptors[SOURCE],
                descriptors[WEIGHTS],
                shape.bias() ? descriptors[BIAS] : MemorySegment.NULL,
                descriptors[RESULT],
                attributes),
            "dnnl_matmul_primitive_desc_create",
            doing);
        return pointer.get(ValueLayout.ADDRESS, 0);
      } finally {
        dnnl_primitive_attr_destroy(attributes);
      }
    }
  }

  private static void setPostOperations(
      MatmulShape shape, MemorySegment attributes, MemorySegment pointer) {
    String doing = "describing what follows the product " + shape;
    OneDnn.check(dnnl_post_ops_create(pointer), "dnnl_post_ops_create", doing);
    MemorySegment operations = pointer.get(ValueLayout.ADDRESS, 0);
    try {
      if (shape.gelu()) {
        OneDnn.check(
            dnnl_post_ops_append_eltwise(operations, dnnl_eltwise_gelu_tanh(), 0, 0),
            "dnnl_post_ops_append_eltwise",
            doing);
      }
      if (shape.accumulate()) {
        OneDnn.check(
            dnnl_post_ops_append_sum(operations, 1, 0, dnnl_data_type_undef()),
            "dnnl_post_ops_append_sum",
            doing);
      }
      OneDnn.check(
          dnnl_primitive_attr_set_post_ops(attributes, operations),
          "dnnl_primitive_attr_set_post_ops",
          doing);
    } finally {
      dnnl_post_ops_destroy(operations);
    }
  }

  /** One worker's memory objects, in the array that oneDNN takes, and the addresses they hold. */
  private static final class Arguments {
    private final MemorySegment[] memories = new MemorySegment[ARGUMENTS];
    private final long[] addresses = new long[ARGUMENTS];
    private final MemorySegment array;
    private final int count;

    Arguments(Arena arena, MemorySegment[] descriptors) {
      int[] roles = {
        DNNL_ARG_SRC(), DNNL_ARG_WEIGHTS(), DNNL_ARG_DST(), DNNL_ARG_SCRATCHPAD(), DNNL_ARG_BIAS()
      };
      count = descriptors[BIAS] == null ? ARGUMENTS - 1 : ARGUMENTS;
      array = dnnl_exec_arg_t.allocateArray(count, arena);
      for (int i = 0; i < count; i++) {
        memories[i] = OneDnn.createMemory(descriptors[i]);
        MemorySegment argument = dnnl_exec_arg_t.asSlice(array, i);
        dnnl_exec_arg_t.arg(argument, roles[i]);
        dnnl_exec_arg_t.memory(argument, memories[i]);
      }
    }

    /** Points an argument at memory. Layers of one shape share a primitive, each rebinding it. */
    void bind(int argument, long address) {
      if (addresses[argument] != address) {
        OneDnn.bind(memories[argument], address);
        addresses[argument] = address;
      }
    }

    void close() {
      for (int i = 0; i < count; i++) {
        dnnl_memory_destroy(memories[i]);
      }
    }
  }
}
