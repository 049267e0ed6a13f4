package dev.culebra.emulator.driver;

import java.util.function.Consumer;

/**
 * Memory becomes usable in a stream's order. Its address was fixed before; it holds nothing yet.
 */
record AllocateCommand(long address, long bytes) implements Command {
  @Override
  public void run(Context context) {
    context.driver.memory().markUnwritten(address, bytes);
  }

  @Override
  public NodeType nodeType() {
    return NodeType.MEM_ALLOC;
  }

  @Override
  public void accesses(Context context, Consumer<MemoryAccess> sink) {
    sink.accept(new MemoryAccess(address, bytes, true));
  }
}
