package dev.culebra.emulator.driver;

import dev.culebra.emulator.memory.OutOfDeviceMemoryException;
import java.util.Map;
import java.util.TreeMap;

/** Device memory that the program allocated. */
final class DeviceBlocks {
  /** One allocation. */
  static final class Block implements Context.ContextResource {
    final long address;
    final long bytes;
    final long id;
    final Context context;

    /** Null for what cuMemAlloc gave. */
    final MemoryPool pool;

    private final DeviceBlocks blocks;
    private final CallSite site;
    private boolean freeing;

    /** CU_POINTER_ATTRIBUTE_SYNC_MEMOPS. */
    boolean synchronousCopies = true;

    private Block(DeviceBlocks blocks, Context context, long bytes, MemoryPool pool) {
      this.blocks = blocks;
      this.context = context;
      this.bytes = bytes;
      this.pool = pool;
      id = context.driver.newId();
      site = CallSite.current();
      address = blocks.place(context, bytes, label());
    }

    private String label() {
      return "device memory of " + site;
    }

    /** Whether it was freed in a stream that has not come to it. */
    boolean freeing() {
      return freeing;
    }

    void beginFreeing() {
      freeing = true;
    }

    @Override
    public String leak() {
      return bytes + " bytes of " + label();
    }

    @Override
    public void release() {
      blocks.free(this);
    }
  }

  private final Driver driver;
  private final TreeMap<Long, Block> blocks = new TreeMap<>();

  DeviceBlocks(Driver driver) {
    this.driver = driver;
  }

  /**
   * Allocates.
   *
   * @param pool null for none
   */
  Block allocate(Context context, long bytes, MemoryPool pool) {
    Block block = new Block(this, context, bytes, pool);
    blocks.put(block.address, block);
    context.own(block);
    if (pool != null) {
      pool.allocated(bytes);
    }
    return block;
  }

  /** Memory that is still to be freed by streams is waited for when there is no other. */
  private long place(Context context, long bytes, String label) {
    try {
      return driver.memory().allocate(bytes, label);
    } catch (OutOfDeviceMemoryException e) {
      driver.timeline.finishAllQuietly(context);
    }
    try {
      return driver.memory().allocate(bytes, label);
    } catch (OutOfDeviceMemoryException e) {
      throw Status.OUT_OF_MEMORY.because(e.getMessage());
    }
  }

  void free(Block block) {
    if (blocks.remove(block.address) != null) {
      driver.memory().free(block.address);
      block.context.disown(block);
      if (block.pool != null) {
        block.pool.freed(block.bytes);
      }
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
}
