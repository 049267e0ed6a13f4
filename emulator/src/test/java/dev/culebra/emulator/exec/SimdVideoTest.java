package dev.culebra.emulator.exec;

import org.junit.jupiter.api.Test;

/** Video instructions on halves and bytes, against arithmetic one element at a time. */
class SimdVideoTest {
  private final InstructionCheck check = new InstructionCheck(System.nanoTime());

  /** What becomes of one element. */
  private interface Element {
    int of(int a, int b);
  }

  private static long merged(long[] in, int width, boolean signed, Element element) {
    int result = 0;
    for (int i = 0; i < 32; i += width) {
      int a = (int) in[0] << 32 - width - i;
      int b = (int) in[1] << 32 - width - i;
      int shift = 32 - width;
      int value = element.of(signed ? a >> shift : a >>> shift, signed ? b >> shift : b >>> shift);
      result |= (value & (1 << width) - 1) << i;
    }
    return result & 0xffffffffL;
  }

  private static long sum(long[] in, int width, Element element) {
    long sum = in[2];
    for (int i = 0; i < 32; i += width) {
      int mask = (1 << width) - 1;
      sum += element.of((int) (in[0] >>> i) & mask, (int) (in[1] >>> i) & mask);
    }
    return sum & 0xffffffffL;
  }

  private void each(String instruction, InstructionCheck.Reference reference) {
    check.check(instruction + " %r0, %r1, %r2, %r3", reference);
  }

  @Test
  void elements_are_merged_or_added_up() {
    for (int width : new int[] {16, 8}) {
      String n = width == 16 ? "2" : "4";
      int most = (1 << width) - 1;
      each("vadd" + n + ".u32.u32.u32", in -> merged(in, width, false, Integer::sum));
      each(
          "vadd" + n + ".u32.u32.u32.sat",
          in -> merged(in, width, false, (a, b) -> Math.min(a + b, most)));
      each(
          "vsub" + n + ".s32.s32.s32.sat",
          in -> merged(in, width, true, (a, b) -> Math.clamp(a - b, -(most / 2) - 1, most / 2)));
      each("vavrg" + n + ".u32.u32.u32", in -> merged(in, width, false, (a, b) -> a + b + 1 >> 1));
      each("vmin" + n + ".s32.s32.s32", in -> merged(in, width, true, Math::min));
      each("vmax" + n + ".u32.u32.u32", in -> merged(in, width, false, Math::max));
      each(
          "vabsdiff" + n + ".u32.u32.u32",
          in -> merged(in, width, false, (a, b) -> Math.abs(a - b)));
      each("vabsdiff" + n + ".u32.u32.u32.add", in -> sum(in, width, (a, b) -> Math.abs(a - b)));
      each("vset" + n + ".s32.s32.lt", in -> merged(in, width, true, (a, b) -> a < b ? 1 : 0));
      each("vset" + n + ".u32.u32.ge.add", in -> sum(in, width, (a, b) -> a >= b ? 1 : 0));
    }
  }

  @Test
  void elements_are_selected_and_others_kept() {
    check.check(
        "vadd2.u32.u32.u32 %r0.h1, %r1.h21, %r2.h03, %r3",
        in -> (in[1] + in[0] & 0xffff) << 16 | in[2] & 0xffff);
    check.check(
        "vmax4.u32.u32.u32.add %r0.b20, %r1.b7123, %r2.b4567, %r3",
        in ->
            in[2]
                    + Math.max(in[0] >>> 24 & 0xff, in[1] >>> 24 & 0xff)
                    + Math.max(in[0] >>> 8 & 0xff, in[1] >>> 8 & 0xff)
                & 0xffffffffL);
  }
}
