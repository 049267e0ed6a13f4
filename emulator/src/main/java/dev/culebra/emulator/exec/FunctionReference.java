package dev.culebra.emulator.exec;

import dev.culebra.emulator.ptx.Function;

/** A function that is called or whose address is taken; decoded when it is first needed. */
final class FunctionReference {
  private final Kernel kernel;
  private final Function function;
  private volatile Code code;

  FunctionReference(Kernel kernel, Function function) {
    this.kernel = kernel;
    this.function = function;
  }

  Function function() {
    return function;
  }

  /**
   * @throws UnsupportedPtxException when the function holds what is not emulated
   */
  Code code() {
    Code known = code;
    if (known == null) {
      known = kernel.decode(function);
      code = known;
    }
    return known;
  }
}
