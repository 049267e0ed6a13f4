package dev.culebra.emulator.blas;

import java.util.HashMap;
import java.util.Map;

/** Handles of libraries that callers hold, and what stands behind them. */
final class Handles<T> {
  private static final int STEP = 16;

  private final String what;
  private final Map<Long, T> objects = new HashMap<>();
  private long next;

  /**
   * @param what for reports
   * @param first a number that no other table's handles come near
   */
  Handles(String what, long first) {
    this.what = what;
    next = first;
  }

  long add(T object) {
    next += STEP;
    objects.put(next, object);
    return next;
  }

  /** What a handle stands for; refuses one that is none. */
  T get(long handle) {
    T object = objects.get(handle);
    BlasStatus.NOT_INITIALIZED.unless(object != null, describe(handle));
    return object;
  }

  void remove(long handle) {
    BlasStatus.NOT_INITIALIZED.unless(objects.remove(handle) != null, describe(handle));
  }

  private String describe(long handle) {
    return "0x" + Long.toHexString(handle) + " is no " + what;
  }
}
