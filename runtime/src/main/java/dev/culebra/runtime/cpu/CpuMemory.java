package dev.culebra.runtime.cpu;

import dev.culebra.bindings.AnonymousMemory;
import dev.culebra.runtime.Allocator;
import dev.culebra.runtime.Arena;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.Device;
import dev.culebra.runtime.Memory;
import dev.culebra.runtime.OutOfDeviceMemoryException;
import dev.culebra.runtime.Tensor;
import dev.culebra.runtime.TensorChecks;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.Collectors;

/** Off-heap host memory, accounted for by arena. */
final class CpuMemory implements Memory {
  private final Device device;
  private final CpuStream stream;
  private final Set<CpuArena> arenas = new LinkedHashSet<>();
  private long used;
  private long peak;

  CpuMemory(Device device, CpuStream stream) {
    this.device = device;
    this.stream = stream;
  }

  @Override
  public synchronized Arena arena(String name, long bytes) {
    stream.requireNoCapture("allocation of '" + name + "'");
    if (bytes < 0) {
      throw new IllegalArgumentException("arena " + name + ": " + bytes + " bytes");
    }
    long size = Math.max(Allocator.align(bytes), Allocator.ALIGNMENT);
    if (size > free()) {
      throw outOfMemory(name, size);
    }
    CpuArena arena;
    try {
      arena = new CpuArena(name, size);
    } catch (OutOfMemoryError e) {
      throw outOfMemory(name, size);
    }
    arenas.add(arena);
    used += size;
    peak = Math.max(peak, used);
    return arena;
  }

  @Override
  public synchronized long used() {
    return used;
  }

  @Override
  public synchronized long peak() {
    return peak;
  }

  @Override
  public long free() {
    return HostMemory.available();
  }

  /**
   * What every operation begins with, as it is enqueued: its tensors (those that are not null) must
   * lie on this device in open arenas. A graph that is being captured looks at the arenas again
   * whenever it is launched.
   */
  void use(String operation, Tensor... tensors) {
    for (Tensor tensor : tensors) {
      if (tensor != null) {
        TensorChecks.usable(operation, tensor, device);
        stream.captureUse(tensor.arena());
      }
    }
  }

  void closeAll() {
    for (CpuArena arena : Set.copyOf(arenas)) {
      arena.close();
    }
  }

  private OutOfDeviceMemoryException outOfMemory(String name, long size) {
    String holders =
        arenas.stream()
            .map(arena -> arena.name() + " " + mebibytes(arena.size()))
            .collect(Collectors.joining(", "));
    return new OutOfDeviceMemoryException(
        name
            + " needs "
            + mebibytes(size)
            + ", the machine has "
            + mebibytes(free())
            + " available"
            + (holders.isEmpty() ? "" : "; in use: " + holders));
  }

  private static String mebibytes(long bytes) {
    return (bytes + (1 << 20) - 1 >> 20) + " MiB";
  }

  private final class CpuArena implements Arena {
    private final String name;
    private final long size;
    private final java.lang.foreign.Arena owner = java.lang.foreign.Arena.ofShared();
    private final long address;
    private long offset;
    private boolean open = true;

    CpuArena(String name, long size) {
      this.name = name;
      this.size = size;
      this.address = AnonymousMemory.allocate(owner, size, ALIGNMENT).address();
    }

    @Override
    public Tensor allocate(DType dtype, long... shape) {
      if (!open) {
        throw new IllegalStateException("arena " + name + " is closed");
      }
      Tensor tensor = Tensor.contiguous(this, address + offset, dtype, shape);
      long bytes = Allocator.align(tensor.bytes());
      if (bytes > size - offset) {
        throw new IllegalStateException(
            "arena "
                + name
                + " of "
                + size
                + " bytes is full: "
                + tensor
                + " needs "
                + bytes
                + ", "
                + (size - offset)
                + " are left");
      }
      offset += bytes;
      return tensor;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public Device device() {
      return device;
    }

    @Override
    public boolean isOpen() {
      return open;
    }

    @Override
    public long size() {
      return size;
    }

    @Override
    public long used() {
      return offset;
    }

    @Override
    public void close() {
      synchronized (CpuMemory.this) {
        if (open) {
          open = false;
          arenas.remove(this);
          used -= size;
          owner.close();
        }
      }
    }
  }
}
