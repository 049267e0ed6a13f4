package dev.culebra.runtime.cpu;

import static dev.culebra.bindings.dnnl.dnnl_h.*;

import dev.culebra.bindings.dnnl.dnnl_version_t;
import dev.culebra.runtime.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The oneDNN library: its engine, its status codes as exceptions, its descriptors. One engine
 * serves all devices of the process; what runs concurrently (streams, memory objects, scratchpads)
 * belongs to one worker each.
 */
final class OneDnn {
  private static final MemorySegment ENGINE = createEngine();

  /**
   * {@code dnnl_memory_set_data_handle} with the pointer as the number that it is: the generated
   * method takes a segment, and those that the JIT compiler can't do away with fill the heap.
   */
  private static final MethodHandle SET_DATA_HANDLE = setDataHandle();

  private OneDnn() {}

  static MemorySegment engine() {
    return ENGINE;
  }

  /** A stream for one worker. The caller destroys it. */
  static MemorySegment createStream() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment stream = arena.allocate(ValueLayout.ADDRESS);
      check(
          dnnl_stream_create(stream, ENGINE, dnnl_stream_default_flags()),
          "dnnl_stream_create",
          "creating a worker's stream");
      return stream.get(ValueLayout.ADDRESS, 0);
    }
  }

  /**
   * A matrix descriptor, to be destroyed by the caller.
   *
   * @param rowStride elements between rows
   * @param columnStride elements between columns
   */
  static MemorySegment matrixDescriptor(
      DType dtype, long rows, long columns, long rowStride, long columnStride) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment descriptor = arena.allocate(ValueLayout.ADDRESS);
      check(
          dnnl_memory_desc_create_with_strides(
              descriptor,
              2,
              arena.allocateFrom(ValueLayout.JAVA_LONG, rows, columns),
              dataType(dtype),
              arena.allocateFrom(ValueLayout.JAVA_LONG, rowStride, columnStride)),
          "dnnl_memory_desc_create_with_strides",
          "describing a matrix [" + rows + ", " + columns + "]");
      return descriptor.get(ValueLayout.ADDRESS, 0);
    }
  }

  /** A memory object without memory, to be destroyed by the caller. */
  static MemorySegment createMemory(MemorySegment descriptor) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(ValueLayout.ADDRESS);
      check(
          dnnl_memory_create(memory, descriptor, ENGINE, MemorySegment.NULL),
          "dnnl_memory_create",
          "creating an argument of a product");
      return memory.get(ValueLayout.ADDRESS, 0);
    }
  }

  /** Points a memory object at memory. */
  static void bind(MemorySegment memory, long address) {
    int status;
    try {
      status = (int) SET_DATA_HANDLE.invokeExact(memory, address);
    } catch (Throwable t) { // a downcall itself throws nothing
      throw new IllegalStateException(t);
    }
    check(status, "dnnl_memory_set_data_handle", "binding a product's argument");
  }

  @SuppressWarnings("restricted") // this is what the generated bindings do too
  private static MethodHandle setDataHandle() {
    return Linker.nativeLinker()
        .downcallHandle(
            dnnl_memory_set_data_handle$address(),
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG));
  }

  /**
   * Throws unless {@code status} is success.
   *
   * @param call the function that returned it
   * @param doing what it was called for
   */
  static void check(int status, String call, String doing) {
    if (status != dnnl_success()) {
      throw new IllegalStateException(
          call + " returned " + status + " (" + statusName(status) + ") while " + doing);
    }
  }

  /** {@code 3.13.0}, say. */
  static String version() {
    MemorySegment version = dnnl_version();
    return dnnl_version_t.major(version)
        + "."
        + dnnl_version_t.minor(version)
        + "."
        + dnnl_version_t.patch(version);
  }

  /** The instruction set that oneDNN makes code for, in its words. */
  static String instructionSet() {
    int isa = dnnl_get_effective_cpu_isa();
    if (includes(isa, dnnl_cpu_isa_avx512_core_amx())) {
      return "AVX-512 with AMX";
    }
    if (includes(isa, dnnl_cpu_isa_avx512_core_bf16())) {
      return "AVX-512 with bfloat16";
    }
    if (includes(isa, dnnl_cpu_isa_avx512_core())) {
      return "AVX-512";
    }
    return includes(isa, dnnl_cpu_isa_avx2()) ? "AVX2" : "SSE4.1";
  }

  /** Whether oneDNN makes code of AVX-512. */
  static boolean hasAvx512() {
    return includes(dnnl_get_effective_cpu_isa(), dnnl_cpu_isa_avx512_core());
  }

  /** Whether products of bfloat16 run on instructions for them. */
  static boolean hasBf16Instructions() {
    return includes(dnnl_get_effective_cpu_isa(), dnnl_cpu_isa_avx512_core_bf16());
  }

  /** Whether oneDNN has products of bfloat16 on this processor, with instructions or without. */
  static boolean supportsBf16() {
    int isa = dnnl_get_effective_cpu_isa();
    return includes(isa, dnnl_cpu_isa_avx512_core()) || includes(isa, dnnl_cpu_isa_avx2_vnni_2());
  }

  /** oneDNN's instruction sets are bit masks in which each holds the bits of what it includes. */
  private static boolean includes(int isa, int wanted) {
    return (isa & wanted) == wanted;
  }

  static int dataType(DType dtype) {
    return switch (dtype) {
      case F32 -> dnnl_f32();
      case BF16 -> dnnl_bf16();
      case I32 -> dnnl_s32();
    };
  }

  private static MemorySegment createEngine() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment engine = arena.allocate(ValueLayout.ADDRESS);
      check(dnnl_engine_create(engine, dnnl_cpu(), 0), "dnnl_engine_create", "opening the CPU");
      return engine.get(ValueLayout.ADDRESS, 0);
    }
  }

  private static String statusName(int status) {
    if (status == dnnl_out_of_memory()) {
      return "out of memory";
    }
    if (status == dnnl_invalid_arguments()) {
      return "invalid arguments";
    }
    if (status == dnnl_unimplemented()) {
      return "unimplemented";
    }
    return status == dnnl_runtime_error() ? "runtime error" : "unknown status";
  }
}
