package dev.culebra.emulator.driver;

import dev.culebra.emulator.memory.DeviceMemory;
import dev.culebra.emulator.memory.HostMemory;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Consumer;

/** Writes values to memory, and waits for values in memory, one after the other. */
record ValueCommand(List<Operation> operations) implements Command {
  /** How a value is compared with what is waited for ({@code CUstreamWaitValue_flags}). */
  enum Comparison {
    /** The difference, as a signed number, is not negative. */
    GEQ,
    EQ,
    AND,
    NOR
  }

  /**
   * One of them.
   *
   * @param bytes 4 or 8
   * @param comparison null for a write
   */
  record Operation(long address, int bytes, long value, Comparison comparison) {
    private long read(DeviceMemory memory) {
      MemorySegment place = memory.segment(address, bytes);
      return bytes == Long.BYTES
          ? place.get(HostMemory.LONG, 0)
          : place.get(HostMemory.INT, 0) & 0xffff_ffffL;
    }

    private boolean satisfied(DeviceMemory memory) {
      long found = read(memory);
      return switch (comparison) {
        case null -> true;
        case GEQ -> bytes == Long.BYTES ? found - value >= 0 : (int) found - (int) value >= 0;
        case EQ -> found == value;
        case AND -> (found & value) != 0;
        case NOR -> (~(found | value) & (bytes == Long.BYTES ? -1L : 0xffff_ffffL)) != 0;
      };
    }

    private void write(DeviceMemory memory) {
      MemorySegment place = memory.segment(address, bytes);
      if (bytes == Long.BYTES) {
        place.set(HostMemory.LONG, 0, value);
      } else {
        place.set(HostMemory.INT, 0, (int) value);
      }
      memory.markWritten(address, bytes);
    }
  }

  /** What comes before the first wait could be done earlier; nobody can tell. */
  @Override
  public boolean ready(Context context) {
    for (Operation operation : operations) {
      if (!operation.satisfied(context.driver.memory())) {
        return writtenBefore(operation);
      }
    }
    return true;
  }

  /** Whether a write of the same batch satisfies a wait. */
  private boolean writtenBefore(Operation wait) {
    for (Operation operation : operations) {
      if (operation == wait) {
        return false;
      }
      if (operation.comparison == null && operation.address == wait.address) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void run(Context context) {
    for (Operation operation : operations) {
      if (operation.comparison == null) {
        operation.write(context.driver.memory());
      }
    }
  }

  @Override
  public NodeType nodeType() {
    return NodeType.BATCH_MEM_OP;
  }

  @Override
  public void accesses(Context context, Consumer<MemoryAccess> sink) {
    // Flags are what orders others: two streams that touch one are no mistake.
  }
}
