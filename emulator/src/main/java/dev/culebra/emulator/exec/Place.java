package dev.culebra.emulator.exec;

import dev.culebra.emulator.ptx.Variable;

/** Where what a name stands for lies. */
sealed interface Place {
  /** In the local memory of each call. */
  record Local(Variable variable, int offset) implements Place {}

  /** Among a kernel's parameters. */
  record Parameter(Variable variable, int offset) implements Place {}

  /** In the block's shared memory, as an address in that space. */
  record Shared(Variable variable, int address) implements Place {}

  /** In global or constant memory. */
  record Global(Variable variable, long address) implements Place {}

  /** A function's address. */
  record Callable(FunctionReference function, long address) implements Place {}
}
