package dev.culebra.emulator.exec;

import java.util.List;

/** Loads or stores a {@code wmma} fragment, part by part. */
final class WmmaOperation extends Operation {
  /**
   * What all parts share.
   *
   * @param address slot for the addresses of a part
   * @param stride slot of the distance of rows, or columns, in elements
   * @param elementBits width of an element
   * @param alignment of each row, or column, in bytes
   */
  record Common(
      boolean load,
      AddressOperand base,
      int address,
      int stride,
      int elementBits,
      int alignment,
      Site site) {}

  /**
   * A part of a register, by all lanes.
   *
   * @param majors row of each lane's element, or column where these are what lies together
   * @param minors the other of the two
   * @param register slot
   * @param shift where in the register
   * @param access loads or stores what the addresses say
   */
  record Part(int[] majors, int[] minors, int register, int shift, Operation access) {}

  private final Common common;
  private final Part[] parts;
  private final int value;
  private final int[] slots;
  private final int distinct;

  /**
   * @param value slot of an element on its way into or out of a register; -1 where whole registers
   *     are accessed
   * @param slots of the fragment's registers
   * @param distinct how many of these are not repetitions
   */
  WmmaOperation(Common common, List<Part> parts, int value, int[] slots, int distinct) {
    this.common = common;
    this.parts = parts.toArray(Part[]::new);
    this.value = value;
    this.slots = slots;
    this.distinct = distinct;
  }

  @Override
  void execute(Warp warp, int active) {
    long base = base(warp);
    long stride = stride(warp);
    requireAligned(warp, base + common.base.offset(), stride);
    for (Part part : parts) {
      address(warp, part, base, stride);
      if (!common.load && value >= 0) {
        shift(warp.words[part.register], -part.shift, warp.words[value]);
      }
      part.access.execute(warp, ALL);
      if (common.load && value >= 0) {
        insert(warp.words[value], part.shift, warp.words[part.register]);
      }
    }
    if (common.load) {
      for (int i = distinct; i < slots.length; i++) {
        System.arraycopy(warp.words[slots[i % distinct]], 0, warp.words[slots[i]], 0, LANES);
      }
    }
  }

  private void address(Warp warp, Part part, long base, long stride) {
    if (common.base.wide()) {
      long[] to = warp.longs[common.address];
      for (int lane = 0; lane < LANES; lane++) {
        to[lane] = base + bytes(part, lane, stride);
      }
    } else {
      int[] to = warp.words[common.address];
      for (int lane = 0; lane < LANES; lane++) {
        to[lane] = (int) (base + bytes(part, lane, stride));
      }
    }
  }

  private long bytes(Part part, int lane, long stride) {
    return (part.majors[lane] * stride + part.minors[lane]) * common.elementBits / Byte.SIZE;
  }

  private static void shift(int[] from, int by, int[] to) {
    for (int lane = 0; lane < LANES; lane++) {
      to[lane] = from[lane] >>> -by;
    }
  }

  private static void insert(int[] from, int by, int[] to) {
    for (int lane = 0; lane < LANES; lane++) {
      to[lane] = by == 0 ? from[lane] : to[lane] | from[lane] << by;
    }
  }

  private long base(Warp warp) {
    int slot = common.base.slot();
    return common.base.wide()
        ? uniform(warp, warp.longs[slot], "address")
        : uniform(warp, warp.words[slot], "address") & 0xffffffffL;
  }

  private long stride(Warp warp) {
    return uniform(warp, warp.words[common.stride], "stride");
  }

  private long uniform(Warp warp, long[] values, String what) {
    for (int lane = 1; lane < LANES; lane++) {
      if (values[lane] != values[0]) {
        throw differs(warp, lane, what, values[lane], values[0]);
      }
    }
    return values[0];
  }

  private int uniform(Warp warp, int[] values, String what) {
    for (int lane = 1; lane < LANES; lane++) {
      if (values[lane] != values[0]) {
        throw differs(warp, lane, what, values[lane], values[0]);
      }
    }
    return values[0];
  }

  private KernelFaultException differs(Warp warp, int lane, String what, long value, long first) {
    return warp.fault(
        KernelFault.ILLEGAL_INSTRUCTION,
        common.site,
        lane,
        common.site.instruction().spelling()
            + " needs the same "
            + what
            + " in all lanes; lane "
            + lane
            + " has 0x"
            + Long.toHexString(value)
            + ", lane 0 has 0x"
            + Long.toHexString(first));
  }

  private void requireAligned(Warp warp, long base, long stride) {
    long strideBytes = stride * common.elementBits / Byte.SIZE;
    if (((base | strideBytes) & common.alignment - 1) != 0) {
      throw warp.fault(
          KernelFault.MISALIGNED_ADDRESS,
          common.site,
          0,
          common.site.instruction().spelling()
              + " at 0x"
              + Long.toHexString(base)
              + " with rows "
              + strideBytes
              + " bytes apart: both have to be multiples of "
              + common.alignment);
    }
  }
}
