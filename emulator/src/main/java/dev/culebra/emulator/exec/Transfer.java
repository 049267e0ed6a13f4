package dev.culebra.emulator.exec;

import dev.culebra.emulator.memory.HostMemory;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** One value that a call passes, from one frame to another. */
record Transfer(Argument from, Argument to) {
  /**
   * Binds values to those who take them, in order.
   *
   * @throws UnsupportedPtxException when they don't match
   */
  static List<Transfer> between(List<Argument> from, List<Argument> to, Site site) {
    boolean matches = from.size() == to.size();
    List<Transfer> transfers = new ArrayList<>();
    for (int i = 0; matches && i < from.size(); i++) {
      matches = from.get(i).bytes() == to.get(i).bytes();
      transfers.add(new Transfer(from.get(i), to.get(i)));
    }
    if (!matches) {
      throw new UnsupportedPtxException(
          "arguments or results of this call are not those of the function that it calls, "
              + site.module()
              + ":"
              + site.instruction().position());
    }
    return List.copyOf(transfers);
  }

  void apply(Warp warp, Frame source, Frame target, int lanes) {
    for (int left = lanes; left != 0; left &= left - 1) {
      int lane = Integer.numberOfTrailingZeros(left);
      if (from instanceof Argument.Memory(long offset, int bytes)
          && to instanceof Argument.Memory(long targetOffset, int _)) {
        MemorySegment.copy(
            HostMemory.ALL,
            warp.block.localNative(warp, lane) + source.localBase + offset,
            HostMemory.ALL,
            warp.block.localNative(warp, lane) + target.localBase + targetOffset,
            bytes);
      } else {
        put(to, warp, target, lane, get(from, warp, source, lane));
      }
    }
  }

  /** Reads a value of a frame. */
  static long get(Argument from, Warp warp, Frame frame, int lane) {
    return switch (from) {
      case Argument.Memory(long offset, int bytes) -> {
        long at = warp.block.localNative(warp, lane) + frame.localBase + offset;
        yield switch (bytes) {
          case 1 -> HostMemory.ALL.get(HostMemory.BYTE, at) & 0xff;
          case 2 -> HostMemory.ALL.get(HostMemory.SHORT, at) & 0xffff;
          case 4 -> HostMemory.ALL.get(HostMemory.INT, at);
          default -> HostMemory.ALL.get(HostMemory.LONG, at);
        };
      }
      case Argument.Slot(var bank, int slot, int _) ->
          switch (bank) {
            case WORD -> frame.words[slot][lane];
            case LONG -> frame.longs[slot][lane];
            case PREDICATE -> frame.predicates[slot] >>> lane & 1;
          };
    };
  }

  /** Writes a value of a frame. */
  static void put(Argument to, Warp warp, Frame frame, int lane, long value) {
    switch (to) {
      case Argument.Memory(long offset, int bytes) -> {
        long at = warp.block.localNative(warp, lane) + frame.localBase + offset;
        switch (bytes) {
          case 1 -> HostMemory.ALL.set(HostMemory.BYTE, at, (byte) value);
          case 2 -> HostMemory.ALL.set(HostMemory.SHORT, at, (short) value);
          case 4 -> HostMemory.ALL.set(HostMemory.INT, at, (int) value);
          default -> HostMemory.ALL.set(HostMemory.LONG, at, value);
        }
      }
      case Argument.Slot(var bank, int slot, int _) -> {
        switch (bank) {
          case WORD -> frame.words[slot][lane] = (int) value;
          case LONG -> frame.longs[slot][lane] = value;
          case PREDICATE ->
              frame.predicates[slot] =
                  frame.predicates[slot] & ~(1 << lane) | ((int) value & 1) << lane;
        }
      }
    }
  }
}
