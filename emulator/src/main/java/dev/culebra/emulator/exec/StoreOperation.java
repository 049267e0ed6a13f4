package dev.culebra.emulator.exec;

import dev.culebra.emulator.memory.HostMemory;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/** {@code st} (PTX ISA 9.7.9.11): the low bits of one register, or of several, for each lane. */
final class StoreOperation extends MemoryOperation {
  /** Odd, its bits spread evenly. */
  private static final long MIX = 0x9e3779b97f4a7c15L;

  private final boolean wide;
  private final int elementBytes;
  private final int[] sources;
  private final MemoryOrder order;

  /**
   * @param wide whether the registers are longs
   */
  StoreOperation(
      AddressOperand address,
      boolean wide,
      int elementBytes,
      int[] sources,
      MemoryOrder order,
      Site site) {
    super(address, Kind.STORE, elementBytes * sources.length, site);
    this.wide = wide;
    this.elementBytes = elementBytes;
    this.sources = sources;
    this.order = order;
  }

  int elementBytes() {
    return elementBytes;
  }

  @Override
  MemoryOrder order() {
    return order;
  }

  @Override
  boolean leavesAsIs(Warp warp, int lane) {
    for (int i = 0; i < sources.length; i++) {
      long at = warp.natives[lane] + (long) i * elementBytes;
      long value = wide ? warp.longs[sources[i]][lane] : warp.words[sources[i]][lane];
      long change =
          switch (elementBytes) {
            case 1 -> (byte) value ^ HostMemory.ALL.get(HostMemory.BYTE, at);
            case 2 -> (short) value ^ HostMemory.ALL.get(HostMemory.SHORT, at);
            case 4 -> (int) value ^ HostMemory.ALL.get(HostMemory.INT, at);
            default -> value ^ HostMemory.ALL.get(HostMemory.LONG, at);
          };
      if (change != 0) {
        return false;
      }
    }
    return true;
  }

  @Override
  long value(Warp warp, int lane) {
    long value = 0;
    for (int source : sources) {
      long next = wide ? warp.longs[source][lane] : warp.words[source][lane];
      value = sources.length == 1 ? next : (value ^ next) * MIX;
    }
    return value;
  }

  @Override
  void execute(Warp warp, int active) {
    if (order.releases()) {
      VarHandle.releaseFence();
      warp.block.epoch++;
    }
    if (order.strong() && bytes > Long.BYTES) {
      resolve(warp, active);
      storeWhole(warp, active);
      return;
    }
    long first = active == ALL ? contiguous(warp) : 0;
    if (first != 0 && !wide && sources.length == 1 && bytes == Integer.BYTES) {
      MemorySegment.copy(warp.words[sources[0]], 0, HostMemory.ALL, HostMemory.INT, first, LANES);
      return;
    }
    if (first == 0) {
      resolve(warp, active);
    } else {
      for (int lane = 0; lane < LANES; lane++) {
        warp.natives[lane] = first + (long) lane * bytes;
      }
    }
    store(warp, active);
  }

  /** Stores each lane's vector in one piece, see {@link WholeVectors}. */
  private void storeWhole(Warp warp, int active) {
    for (int left = active; left != 0; left &= left - 1) {
      int lane = Integer.numberOfTrailingZeros(left);
      synchronized (WholeVectors.lock(warp.natives[lane])) {
        store(warp, 1 << lane);
      }
    }
  }

  private void store(Warp warp, int active) {
    for (int i = 0; i < sources.length; i++) {
      if (wide) {
        storeLongs(warp.longs[sources[i]], warp.natives, (long) i * elementBytes, active);
      } else {
        storeWords(warp.words[sources[i]], warp.natives, (long) i * elementBytes, active);
      }
    }
  }

  private void storeWords(int[] values, long[] natives, long at, int active) {
    if (active == ALL && elementBytes == Integer.BYTES) {
      for (int lane = 0; lane < LANES; lane++) {
        HostMemory.ALL.set(HostMemory.INT, natives[lane] + at, values[lane]);
      }
      return;
    }
    for (int left = active; left != 0; left &= left - 1) {
      int lane = Integer.numberOfTrailingZeros(left);
      long target = natives[lane] + at;
      switch (elementBytes) {
        case 1 -> HostMemory.ALL.set(HostMemory.BYTE, target, (byte) values[lane]);
        case 2 -> HostMemory.ALL.set(HostMemory.SHORT, target, (short) values[lane]);
        default -> HostMemory.ALL.set(HostMemory.INT, target, values[lane]);
      }
    }
  }

  private void storeLongs(long[] values, long[] natives, long at, int active) {
    if (active == ALL && elementBytes == Long.BYTES) {
      for (int lane = 0; lane < LANES; lane++) {
        HostMemory.ALL.set(HostMemory.LONG, natives[lane] + at, values[lane]);
      }
      return;
    }
    for (int left = active; left != 0; left &= left - 1) {
      int lane = Integer.numberOfTrailingZeros(left);
      long target = natives[lane] + at;
      switch (elementBytes) {
        case 1 -> HostMemory.ALL.set(HostMemory.BYTE, target, (byte) values[lane]);
        case 2 -> HostMemory.ALL.set(HostMemory.SHORT, target, (short) values[lane]);
        case 4 -> HostMemory.ALL.set(HostMemory.INT, target, (int) values[lane]);
        default -> HostMemory.ALL.set(HostMemory.LONG, target, values[lane]);
      }
    }
  }
}
