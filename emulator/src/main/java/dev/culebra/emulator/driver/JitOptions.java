package dev.culebra.emulator.driver;

import static dev.culebra.bindings.cuda.cuda_h.CU_JIT_ERROR_LOG_BUFFER;
import static dev.culebra.bindings.cuda.cuda_h.CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES;
import static dev.culebra.bindings.cuda.cuda_h.CU_JIT_INFO_LOG_BUFFER;
import static dev.culebra.bindings.cuda.cuda_h.CU_JIT_INFO_LOG_BUFFER_SIZE_BYTES;
import static dev.culebra.bindings.cuda.cuda_h.CU_JIT_NUM_OPTIONS;
import static dev.culebra.bindings.cuda.cuda_h.CU_JIT_WALL_TIME;

import dev.culebra.emulator.memory.HostMemory;
import java.nio.charset.StandardCharsets;

/**
 * Options of a load: places for what the compiler has to say. Values of up to 8 bytes stand in the
 * array itself, results replace them. Options about the machine code (registers, optimisation,
 * debug information) have no meaning here and are taken as given.
 */
final class JitOptions {
  private final int count;
  private final long options;
  private final long values;
  private final long errorCapacity;
  private final long infoCapacity;
  private String errors = "";

  /**
   * @param options array of {@code CUjit_option}
   * @param values array of as many pointers
   */
  JitOptions(int count, long options, long values) {
    if (count < 0 || count > 0 && (options == 0 || values == 0)) {
      throw Status.INVALID_VALUE.because(count + " JIT options without their arrays");
    }
    this.count = count;
    this.options = options;
    this.values = values;
    for (int i = 0; i < count; i++) {
      int option = CallerMemory.getInt(options + (long) i * Integer.BYTES);
      if (option < 0 || option >= CU_JIT_NUM_OPTIONS()) {
        throw Status.INVALID_VALUE.because("no JIT option has number " + option);
      }
    }
    errorCapacity = capacity(CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES());
    infoCapacity = capacity(CU_JIT_INFO_LOG_BUFFER_SIZE_BYTES());
  }

  /** Bytes of a log's buffer, before they are replaced by those written. */
  private long capacity(int sizeOption) {
    int size = find(sizeOption);
    return size < 0 ? 0 : value(size) & 0xffff_ffffL;
  }

  static JitOptions none() {
    return new JitOptions(0, 0, 0);
  }

  /** What the error log is to say. */
  void error(String message) {
    errors = message;
  }

  /** Fills the caller's places in. */
  void answer(long startNanos) {
    put(CU_JIT_ERROR_LOG_BUFFER(), CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES(), errorCapacity, errors);
    put(CU_JIT_INFO_LOG_BUFFER(), CU_JIT_INFO_LOG_BUFFER_SIZE_BYTES(), infoCapacity, "");
    int time = find(CU_JIT_WALL_TIME());
    if (time >= 0) {
      float milliseconds = (System.nanoTime() - startNanos) / 1e6f;
      CallerMemory.putFloat(valueAt(time), milliseconds);
    }
  }

  private void put(int bufferOption, int sizeOption, long capacity, String text) {
    int buffer = find(bufferOption);
    int size = find(sizeOption);
    if (size < 0) {
      return;
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    long written = 0;
    if (buffer >= 0 && value(buffer) != 0 && capacity > 0) {
      CallerMemory.putString(value(buffer), capacity, text);
      written = Math.min(bytes.length, capacity - 1);
    }
    HostMemory.ALL.set(HostMemory.LONG, valueAt(size), written);
  }

  /** Place of an option; -1 where it was not given. */
  private int find(int option) {
    for (int i = 0; i < count; i++) {
      if (CallerMemory.getInt(options + (long) i * Integer.BYTES) == option) {
        return i;
      }
    }
    return -1;
  }

  private long valueAt(int index) {
    return values + (long) index * Long.BYTES;
  }

  private long value(int index) {
    return HostMemory.ALL.get(HostMemory.LONG, valueAt(index));
  }
}
