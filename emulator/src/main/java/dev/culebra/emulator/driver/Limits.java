package dev.culebra.emulator.driver;

import static dev.culebra.bindings.cuda.cuda_h.CU_LIMIT_DEV_RUNTIME_PENDING_LAUNCH_COUNT;
import static dev.culebra.bindings.cuda.cuda_h.CU_LIMIT_DEV_RUNTIME_SYNC_DEPTH;
import static dev.culebra.bindings.cuda.cuda_h.CU_LIMIT_MALLOC_HEAP_SIZE;
import static dev.culebra.bindings.cuda.cuda_h.CU_LIMIT_MAX_L2_FETCH_GRANULARITY;
import static dev.culebra.bindings.cuda.cuda_h.CU_LIMIT_PERSISTING_L2_CACHE_SIZE;
import static dev.culebra.bindings.cuda.cuda_h.CU_LIMIT_PRINTF_FIFO_SIZE;
import static dev.culebra.bindings.cuda.cuda_h.CU_LIMIT_STACK_SIZE;

import dev.culebra.emulator.profile.DeviceProfile;
import java.util.HashMap;
import java.util.Map;

/** What a context sets aside ({@code CUlimit}). Kept and given back; nothing here runs short. */
final class Limits {
  private static final long STACK_BYTES = 1024;
  private static final long STACK_UNIT = 16;

  /** Local memory of a thread on every device. */
  private static final long LARGEST_STACK_BYTES = 512 << 10;

  private static final long PRINTF_BYTES = 1 << 20;
  private static final long HEAP_BYTES = 8 << 20;
  private static final long PENDING_LAUNCHES = 2048;
  private static final long FETCH_BYTES = 64;
  private static final long LARGEST_FETCH_BYTES = 128;

  private final DeviceProfile profile;
  private final Map<Integer, Long> values = new HashMap<>();

  Limits(DeviceProfile profile) {
    this.profile = profile;
    values.put(CU_LIMIT_STACK_SIZE(), STACK_BYTES);
    values.put(CU_LIMIT_PRINTF_FIFO_SIZE(), PRINTF_BYTES);
    values.put(CU_LIMIT_MALLOC_HEAP_SIZE(), HEAP_BYTES);
    values.put(CU_LIMIT_DEV_RUNTIME_PENDING_LAUNCH_COUNT(), PENDING_LAUNCHES);
    values.put(CU_LIMIT_MAX_L2_FETCH_GRANULARITY(), FETCH_BYTES);
    values.put(CU_LIMIT_PERSISTING_L2_CACHE_SIZE(), 0L);
  }

  long get(int limit) {
    return values.get(known(limit));
  }

  void set(int limit, long value) {
    known(limit);
    if (limit == CU_LIMIT_PERSISTING_L2_CACHE_SIZE()) {
      values.put(limit, Math.min(value, profile.persistingL2Bytes()));
    } else if (limit == CU_LIMIT_MAX_L2_FETCH_GRANULARITY()) {
      values.put(limit, Math.min(value, LARGEST_FETCH_BYTES));
    } else if (limit == CU_LIMIT_STACK_SIZE()) {
      if (value < 0 || value > LARGEST_STACK_BYTES) {
        throw Status.INVALID_VALUE.because("a stack of " + Long.toUnsignedString(value) + " bytes");
      }
      values.put(limit, (value + STACK_UNIT - 1) / STACK_UNIT * STACK_UNIT);
    } else {
      values.put(limit, value);
    }
  }

  private int known(int limit) {
    if (limit == CU_LIMIT_DEV_RUNTIME_SYNC_DEPTH()) {
      throw Status.UNSUPPORTED_LIMIT.because("no device of today has a synchronisation depth");
    }
    if (!values.containsKey(limit)) {
      throw Status.INVALID_VALUE.because("no limit has number " + limit);
    }
    return limit;
  }
}
