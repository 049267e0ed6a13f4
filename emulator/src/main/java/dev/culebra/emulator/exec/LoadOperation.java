package dev.culebra.emulator.exec;

import dev.culebra.emulator.memory.HostMemory;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/** {@code ld} (PTX ISA 9.7.9.8): one value, or a vector of them, for each lane. */
abstract class LoadOperation extends MemoryOperation {
  /** How memory's bits become a register's. */
  enum Form {
    UNSIGNED_8,
    UNSIGNED_16,
    /** 32 bits, into longs zero-extended. */
    UNSIGNED_32,
    SIGNED_8,
    SIGNED_16,
    SIGNED_32,
    /** 8 bits signed, into a register of 16. */
    SIGNED_8_TO_16,
    BITS_64;

    /** Reads what goes into a word. */
    int word(long at) {
      return switch (this) {
        case UNSIGNED_8 -> HostMemory.ALL.get(HostMemory.BYTE, at) & 0xff;
        case SIGNED_8 -> HostMemory.ALL.get(HostMemory.BYTE, at);
        case SIGNED_8_TO_16 -> HostMemory.ALL.get(HostMemory.BYTE, at) & 0xffff;
        case UNSIGNED_16 -> HostMemory.ALL.get(HostMemory.SHORT, at) & 0xffff;
        case SIGNED_16 -> HostMemory.ALL.get(HostMemory.SHORT, at);
        default -> HostMemory.ALL.get(HostMemory.INT, at);
      };
    }

    /** Reads what goes into a long. */
    long wide(long at) {
      return switch (this) {
        case UNSIGNED_8 -> HostMemory.ALL.get(HostMemory.BYTE, at) & 0xffL;
        case SIGNED_8, SIGNED_8_TO_16 -> HostMemory.ALL.get(HostMemory.BYTE, at);
        case UNSIGNED_16 -> HostMemory.ALL.get(HostMemory.SHORT, at) & 0xffffL;
        case SIGNED_16 -> HostMemory.ALL.get(HostMemory.SHORT, at);
        case UNSIGNED_32 -> HostMemory.ALL.get(HostMemory.INT, at) & 0xffffffffL;
        case SIGNED_32 -> HostMemory.ALL.get(HostMemory.INT, at);
        case BITS_64 -> HostMemory.ALL.get(HostMemory.LONG, at);
      };
    }
  }

  final Form form;
  final int elementBytes;
  final int[] destinations;
  private final MemoryOrder order;

  private LoadOperation(
      AddressOperand address,
      Form form,
      int elementBytes,
      int[] destinations,
      MemoryOrder order,
      Site site) {
    super(address, Kind.LOAD, elementBytes * destinations.length, site);
    this.form = form;
    this.elementBytes = elementBytes;
    this.destinations = destinations;
    this.order = order;
  }

  static LoadOperation of(
      AddressOperand address,
      boolean wide,
      Form form,
      int elementBytes,
      int[] destinations,
      MemoryOrder order,
      Site site) {
    return wide
        ? new Longs(address, form, elementBytes, destinations, order, site)
        : new Words(address, form, elementBytes, destinations, order, site);
  }

  @Override
  final MemoryOrder order() {
    return order;
  }

  @Override
  final void execute(Warp warp, int active) {
    if (order.strong()) {
      warp.polled();
    }
    if (order.strong() && bytes > Long.BYTES) {
      resolve(warp, active);
      loadWhole(warp, active);
    } else {
      loadPlainly(warp, active);
    }
    if (order.acquires()) {
      VarHandle.acquireFence();
    }
    if (order.strong() && warp.block.observer != null) {
      warp.block.observer.saw(warp, this, active);
    }
  }

  private void loadPlainly(Warp warp, int active) {
    long first = active == ALL ? contiguous(warp) : 0;
    if (first != 0) {
      loadContiguous(warp, first);
    } else {
      resolve(warp, active);
      for (int i = 0; i < destinations.length; i++) {
        load(warp, active, destinations[i], (long) i * elementBytes);
      }
    }
  }

  /** Loads each lane's vector in one piece, see {@link WholeVectors}. */
  private void loadWhole(Warp warp, int active) {
    for (int left = active; left != 0; left &= left - 1) {
      int lane = Integer.numberOfTrailingZeros(left);
      synchronized (WholeVectors.lock(warp.natives[lane])) {
        for (int i = 0; i < destinations.length; i++) {
          load(warp, 1 << lane, destinations[i], (long) i * elementBytes);
        }
      }
    }
  }

  /** Loads for all lanes from one stretch of memory. */
  abstract void loadContiguous(Warp warp, long first);

  /** Loads an element for the active lanes, from {@link Warp#natives} and so many bytes on. */
  abstract void load(Warp warp, int active, int destination, long at);

  /** Into words. */
  private static final class Words extends LoadOperation {
    private Words(
        AddressOperand address,
        Form form,
        int elementBytes,
        int[] destinations,
        MemoryOrder order,
        Site site) {
      super(address, form, elementBytes, destinations, order, site);
    }

    @Override
    void loadContiguous(Warp warp, long first) {
      if (elementBytes == bytes && bytes == Integer.BYTES) {
        MemorySegment.copy(
            HostMemory.ALL, HostMemory.INT, first, warp.words[destinations[0]], 0, LANES);
        return;
      }
      for (int i = 0; i < destinations.length; i++) {
        int[] target = warp.words[destinations[i]];
        long at = first + (long) i * elementBytes;
        if (elementBytes == Integer.BYTES) {
          for (int lane = 0; lane < LANES; lane++) {
            target[lane] = HostMemory.ALL.get(HostMemory.INT, at + (long) lane * bytes);
          }
        } else {
          for (int lane = 0; lane < LANES; lane++) {
            target[lane] = form.word(at + (long) lane * bytes);
          }
        }
      }
    }

    @Override
    void load(Warp warp, int active, int destination, long at) {
      int[] target = warp.words[destination];
      long[] natives = warp.natives;
      if (elementBytes != Integer.BYTES) {
        for (int left = active; left != 0; left &= left - 1) {
          int lane = Integer.numberOfTrailingZeros(left);
          target[lane] = form.word(natives[lane] + at);
        }
      } else if (active == ALL) {
        for (int lane = 0; lane < LANES; lane++) {
          target[lane] = HostMemory.ALL.get(HostMemory.INT, natives[lane] + at);
        }
      } else {
        for (int left = active; left != 0; left &= left - 1) {
          int lane = Integer.numberOfTrailingZeros(left);
          target[lane] = HostMemory.ALL.get(HostMemory.INT, natives[lane] + at);
        }
      }
    }
  }

  /** Into longs. */
  private static final class Longs extends LoadOperation {
    private Longs(
        AddressOperand address,
        Form form,
        int elementBytes,
        int[] destinations,
        MemoryOrder order,
        Site site) {
      super(address, form, elementBytes, destinations, order, site);
    }

    @Override
    void loadContiguous(Warp warp, long first) {
      for (int i = 0; i < destinations.length; i++) {
        long[] target = warp.longs[destinations[i]];
        long at = first + (long) i * elementBytes;
        if (elementBytes == Long.BYTES) {
          for (int lane = 0; lane < LANES; lane++) {
            target[lane] = HostMemory.ALL.get(HostMemory.LONG, at + (long) lane * bytes);
          }
        } else {
          for (int lane = 0; lane < LANES; lane++) {
            target[lane] = form.wide(at + (long) lane * bytes);
          }
        }
      }
    }

    @Override
    void load(Warp warp, int active, int destination, long at) {
      long[] target = warp.longs[destination];
      long[] natives = warp.natives;
      if (active == ALL && elementBytes == Long.BYTES) {
        for (int lane = 0; lane < LANES; lane++) {
          target[lane] = HostMemory.ALL.get(HostMemory.LONG, natives[lane] + at);
        }
      } else {
        for (int left = active; left != 0; left &= left - 1) {
          int lane = Integer.numberOfTrailingZeros(left);
          target[lane] = form.wide(natives[lane] + at);
        }
      }
    }
  }
}
