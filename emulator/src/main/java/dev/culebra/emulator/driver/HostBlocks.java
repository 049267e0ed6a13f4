package dev.culebra.emulator.driver;

import static dev.culebra.bindings.cuda.cuda_h.CU_MEMHOSTREGISTER_READ_ONLY;

import dev.culebra.emulator.memory.DeviceMemory;
import dev.culebra.emulator.memory.HostMemory;
import dev.culebra.emulator.memory.IllegalDeviceAddressException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Memory of the host that the device can reach: pinned, registered or managed. */
final class HostBlocks implements AutoCloseable {
  private static final long PAGE = 4096;

  /** How a block came to be. */
  enum Kind {
    PINNED,
    REGISTERED,
    MANAGED;

    String text() {
      return switch (this) {
        case PINNED -> "pinned host memory";
        case REGISTERED -> "registered host memory";
        case MANAGED -> "managed memory";
      };
    }
  }

  /** One block. */
  static final class Block implements Context.ContextResource {
    final Kind kind;
    final long address;
    final long bytes;
    final int flags;
    final long id;
    final Context context;
    private final CallSite site;
    private final Arena arena;
    private final HostBlocks blocks;
    private ManagedHints hints;

    /** CU_POINTER_ATTRIBUTE_SYNC_MEMOPS. */
    boolean synchronousCopies;

    private Block(
        HostBlocks blocks,
        Kind kind,
        Context context,
        MemorySegment memory,
        int flags,
        Arena arena) {
      this.blocks = blocks;
      this.kind = kind;
      this.context = context;
      this.flags = flags;
      this.arena = arena;
      synchronousCopies = kind == Kind.MANAGED;
      address = memory.address();
      bytes = memory.byteSize();
      id = context.driver.newId();
      site = CallSite.current();
    }

    /** What was said about managed memory. */
    ManagedHints hints() {
      if (hints == null) {
        hints = new ManagedHints(address, bytes);
      }
      return hints;
    }

    /** Whether it was registered for reading alone. */
    boolean readOnly() {
      return kind == Kind.REGISTERED && (flags & CU_MEMHOSTREGISTER_READ_ONLY()) != 0;
    }

    /** "pinned host memory of Trainer.main (Trainer.java:12)". */
    String label() {
      return kind.text() + " of " + site;
    }

    @Override
    public String leak() {
      return bytes + " bytes of " + label();
    }

    @Override
    public void release() {
      blocks.remove(this);
    }
  }

  private final DeviceMemory memory;
  private final TreeMap<Long, Block> blocks = new TreeMap<>();

  HostBlocks(DeviceMemory memory) {
    this.memory = memory;
  }

  /** Allocates memory of the host; zeroed. */
  Block allocate(Context context, Kind kind, long bytes, int flags) {
    Arena arena = Arena.ofShared();
    try {
      return add(context, kind, arena.allocate(bytes, PAGE), flags, arena);
    } catch (OutOfMemoryError e) {
      arena.close();
      throw Status.OUT_OF_MEMORY.because("the host has no " + bytes + " bytes left");
    }
  }

  /** Registers memory of the program. */
  Block register(Context context, long address, long bytes, int flags) {
    Block other = holding(address);
    if (other != null && other.kind != Kind.REGISTERED) {
      throw Status.INVALID_VALUE.because(other.label() + " can't be registered");
    }
    MemorySegment segment = HostMemory.ALL.asSlice(address, bytes);
    return add(context, Kind.REGISTERED, segment, flags, null);
  }

  private Block add(Context context, Kind kind, MemorySegment segment, int flags, Arena arena) {
    Block block = new Block(this, kind, context, segment, flags, arena);
    try {
      memory.registerHost(block.address, block.bytes, block.label());
    } catch (IllegalDeviceAddressException e) {
      throw Status.HOST_MEMORY_ALREADY_REGISTERED.because(e.getMessage());
    }
    blocks.put(block.address, block);
    context.own(block);
    return block;
  }

  /** Gives a block back. */
  void remove(Block block) {
    blocks.remove(block.address);
    block.context.disown(block);
    memory.unregisterHost(block.address);
    if (block.arena != null) {
      block.arena.close();
    }
  }

  /** The block that begins at an address; null where none does. */
  Block at(long address) {
    return blocks.get(address);
  }

  /** The block that holds a byte; null where none does. */
  Block holding(long address) {
    Map.Entry<Long, Block> entry = blocks.floorEntry(address);
    return entry != null && address - entry.getKey() < entry.getValue().bytes
        ? entry.getValue()
        : null;
  }

  @Override
  public void close() {
    for (Block block : List.copyOf(blocks.values())) {
      remove(block);
    }
  }
}
