package dev.culebra.emulator.driver;

import static dev.culebra.bindings.cuda.cuda_h.CU_LAUNCH_PARAM_BUFFER_POINTER_AS_INT;
import static dev.culebra.bindings.cuda.cuda_h.CU_LAUNCH_PARAM_BUFFER_SIZE_AS_INT;
import static dev.culebra.bindings.cuda.cuda_h.CU_LAUNCH_PARAM_END_AS_INT;

import dev.culebra.emulator.exec.Kernel;
import dev.culebra.emulator.exec.KernelParameter;
import dev.culebra.emulator.memory.HostMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Reads what a launch gives a kernel, into one block of bytes as the kernel has it. */
final class KernelArguments {
  private static final long END = CU_LAUNCH_PARAM_END_AS_INT();
  private static final long BUFFER_POINTER = CU_LAUNCH_PARAM_BUFFER_POINTER_AS_INT();
  private static final long BUFFER_SIZE = CU_LAUNCH_PARAM_BUFFER_SIZE_AS_INT();

  /** The largest that a parameter can ask for. */
  private static final long ALIGNMENT = 128;

  private KernelArguments() {}

  /**
   * Copies the arguments.
   *
   * @param parameters array of a pointer for each parameter; 0 where {@code extra} is given
   * @param extra names and values: a buffer that is laid out already, and its size
   */
  static byte[] read(Kernel kernel, long parameters, long extra) {
    if (parameters != 0 && extra != 0) {
      throw Status.INVALID_VALUE.because("a launch with both kernelParams and extra");
    }
    if (extra != 0) {
      return buffer(kernel, extra);
    }
    byte[] bytes = new byte[kernel.parameterBytes()];
    int index = 0;
    for (KernelParameter parameter : kernel.parameters()) {
      if (parameters == 0) {
        throw Status.INVALID_VALUE.because(
            kernel.name() + " has " + kernel.parameters().size() + " parameters; none is given");
      }
      long value = CallerMemory.getLong(parameters, index++);
      CallerMemory.requireNonNull(value, "parameter " + (index - 1) + " of " + kernel.name());
      copy(value, bytes, parameter.offset(), parameter.bytes());
    }
    return bytes;
  }

  private static byte[] buffer(Kernel kernel, long extra) {
    long buffer = 0;
    long size = -1;
    for (int i = 0; CallerMemory.getLong(extra, i) != END; i += 2) {
      long name = CallerMemory.getLong(extra, i);
      long value = CallerMemory.getLong(extra, i + 1L);
      if (name == BUFFER_POINTER) {
        buffer = value;
      } else if (name == BUFFER_SIZE) {
        size = CallerMemory.getLong(value);
      } else {
        throw Status.INVALID_VALUE.because("extra holds " + name + " where a name belongs");
      }
    }
    if (size < 0 || buffer == 0 && size > 0) {
      throw Status.INVALID_VALUE.because("extra holds no buffer, or not its size");
    }
    byte[] bytes = new byte[kernel.parameterBytes()];
    if (size != bytes.length) {
      String sizes =
          "a buffer of "
              + size
              + " bytes for "
              + kernel.name()
              + ", whose parameters take "
              + bytes.length;
      if (size > bytes.length) {
        throw Driver.get().misuse(Status.LAUNCH_OUT_OF_RESOURCES, sizes);
      }
      Driver.get().report(sizes + "; the rest is undefined");
    }
    copy(buffer, bytes, 0, (int) size);
    return bytes;
  }

  /** Lays arguments out as {@code kernelParams}; the address of the array. */
  static long export(Kernel kernel, byte[] bytes, Arena arena) {
    MemorySegment values = arena.allocate(Math.max(1, bytes.length), ALIGNMENT);
    MemorySegment.copy(bytes, 0, values, HostMemory.BYTE, 0, bytes.length);
    MemorySegment array =
        arena.allocate(Math.max(1, kernel.parameters().size()) * (long) Long.BYTES, Long.BYTES);
    long at = 0;
    for (KernelParameter parameter : kernel.parameters()) {
      array.set(HostMemory.LONG, at, values.address() + parameter.offset());
      at += Long.BYTES;
    }
    return array.address();
  }

  private static void copy(long from, byte[] bytes, int offset, int count) {
    MemorySegment.copy(HostMemory.ALL, HostMemory.BYTE, from, bytes, offset, count);
  }
}
