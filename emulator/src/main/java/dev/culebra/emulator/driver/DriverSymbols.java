package dev.culebra.emulator.driver;

import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * Names that cuGetProcAddress knows: without the ending that tells one version of a function from
 * the next. The emulated driver has one version of each, the newest that the bindings know.
 */
final class DriverSymbols {
  /** The first version of CUDA in which cuGetProcAddress exists. */
  private static final int OLDEST = 11030;

  private static final int NEWEST_ENDING = 4;

  private DriverSymbols() {}

  /**
   * The newest function of a base name.
   *
   * @param version of CUDA that the caller was built for; older than any here finds nothing
   * @param perThread whether its stream 0 is to be the calling thread's own
   */
  static Optional<MemorySegment> newest(
      StubTable stubs, String base, int version, boolean perThread) {
    if (version < OLDEST) {
      return Optional.empty();
    }
    for (int ending = NEWEST_ENDING; ending >= 1; ending--) {
      String name = ending == 1 ? base : base + "_v" + ending;
      if (stubs.exported().contains(name)) {
        return stubs.find(perThread ? name + "_ptsz" : name);
      }
    }
    return Optional.empty();
  }
}
