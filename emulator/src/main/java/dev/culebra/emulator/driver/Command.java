package dev.culebra.emulator.driver;

import java.util.function.Consumer;

/** Something that a stream or a graph does: immutable, so that it can be done again and again. */
sealed interface Command
    permits KernelCommand,
        CopyCommand,
        FillCommand,
        HostCommand,
        CallbackCommand,
        EmptyCommand,
        RecordCommand,
        WaitCommand,
        GraphCommand,
        AllocateCommand,
        FreeCommand,
        ValueCommand,
        LibraryCommand {

  /**
   * Does it.
   *
   * @throws DeviceFault when the device fails over it
   */
  void run(Context context);

  /** What a graph calls a node that does this. */
  NodeType nodeType();

  /** Whether it can run now; until then its stream waits. */
  default boolean ready(Context context) {
    return true;
  }

  /** Whether it may run a kernel, of which there is one at a time. */
  default boolean runsKernels() {
    return false;
  }

  /** Whether it may wait for something that only the program's threads can do. */
  default boolean mayWaitForProgram() {
    return runsKernels();
  }

  /** Tells what memory it touches, as far as that is known exactly. */
  default void accesses(Context context, Consumer<MemoryAccess> sink) {}

  /** Whether it may write memory of the host that {@link #accesses} does not tell of. */
  default boolean mayWriteHostMemory(Context context) {
    return false;
  }
}
