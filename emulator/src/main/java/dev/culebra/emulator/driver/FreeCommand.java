package dev.culebra.emulator.driver;

import java.util.function.Consumer;

/**
 * Memory is freed in a stream's order.
 *
 * @param block null for memory of a graph, which stays with the graph
 */
record FreeCommand(long address, long bytes, DeviceBlocks.Block block) implements Command {
  @Override
  public void run(Context context) {
    if (block == null) {
      context.driver.memory().markUnwritten(address, bytes);
    } else {
      context.driver.deviceBlocks.free(block);
    }
  }

  @Override
  public NodeType nodeType() {
    return NodeType.MEM_FREE;
  }

  @Override
  public void accesses(Context context, Consumer<MemoryAccess> sink) {
    sink.accept(new MemoryAccess(address, bytes, true));
  }
}
