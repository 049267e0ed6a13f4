package dev.culebra.emulator.count;

import dev.culebra.emulator.ptx.Instruction;

/** What kind of access of memory a request is. */
public enum AccessKind {
  LOAD("loads"),
  STORE("stores"),
  /** {@code atom} and {@code red}. */
  ATOMIC("atomics"),
  /** {@code cp.async}, bulk copies too. */
  ASYNC_COPY("async copies");

  private final String title;

  AccessKind(String title) {
    this.title = title;
  }

  /** For tables. */
  public String title() {
    return title;
  }

  /** That of an instruction; null where it accesses none, or constants and parameters alone. */
  static AccessKind of(Instruction instruction) {
    if (Work.of(instruction).kind() == InstructionClass.CONSTANT_MEMORY) {
      return null;
    }
    return switch (instruction.opcode()) {
      case "ld", "ldu", "ldmatrix" -> LOAD;
      case "st", "stmatrix" -> STORE;
      case "wmma" ->
          instruction.modifiers().contains("load")
              ? LOAD
              : instruction.modifiers().contains("store") ? STORE : null;
      case "atom", "red" -> ATOMIC;
      case "cp" -> ASYNC_COPY;
      default -> null;
    };
  }
}
