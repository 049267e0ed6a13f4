package dev.culebra.emulator.exec;

import java.util.Arrays;

/** {@code ld.param} of a kernel's parameter by its name: the same for all threads of the launch. */
final class ParameterLoad extends Operation {
  final boolean wide;
  private final LoadOperation.Form form;
  private final int elementBytes;
  private final int offset;
  final int[] destinations;

  /**
   * @param wide whether the registers are longs
   * @param offset among the kernel's parameters, all of whose bytes are known to be there
   */
  ParameterLoad(
      boolean wide, LoadOperation.Form form, int elementBytes, int offset, int[] destinations) {
    this.wide = wide;
    this.form = form;
    this.elementBytes = elementBytes;
    this.offset = offset;
    this.destinations = destinations;
  }

  @Override
  void execute(Warp warp, int active) {
    long at = warp.block.grid().parameters() + offset;
    for (int i = 0; i < destinations.length; i++) {
      if (wide) {
        fill(warp.longs[destinations[i]], active, form.wide(at + (long) i * elementBytes));
      } else {
        fill(warp.words[destinations[i]], active, form.word(at + (long) i * elementBytes));
      }
    }
  }

  private static void fill(int[] target, int active, int value) {
    if (active == ALL) {
      Arrays.fill(target, value);
      return;
    }
    for (int left = active; left != 0; left &= left - 1) {
      target[Integer.numberOfTrailingZeros(left)] = value;
    }
  }

  private static void fill(long[] target, int active, long value) {
    if (active == ALL) {
      Arrays.fill(target, value);
      return;
    }
    for (int left = active; left != 0; left &= left - 1) {
      target[Integer.numberOfTrailingZeros(left)] = value;
    }
  }
}
