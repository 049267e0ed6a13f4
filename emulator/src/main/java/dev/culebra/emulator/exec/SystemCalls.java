package dev.culebra.emulator.exec;

import java.util.List;

/** Functions that the system provides (CUDA C++ Programming Guide, formatted output, assertion). */
final class SystemCalls {
  private SystemCalls() {}

  static Operation decode(
      String name, List<Argument> arguments, List<Argument> results, Site site) {
    throw new UnsupportedPtxException(
        name
            + " is not defined in this module, "
            + site.module()
            + ":"
            + site.instruction().position());
  }
}
