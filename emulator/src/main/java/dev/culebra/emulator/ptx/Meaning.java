package dev.culebra.emulator.ptx;

import java.util.List;

/** What a name stands for. */
sealed interface Meaning {
  /** A register of one value. */
  record Scalar(Operand.Register register) implements Meaning {}

  /** A register of two or four values, each a register of its own in the model. */
  record VectorRegister(List<Operand> components) implements Meaning {}

  /** A register that nothing has used yet. */
  record Unused(ScalarType type, int lanes) implements Meaning {}

  /**
   * A variable or parameter in memory.
   *
   * @param variable under its unique name
   */
  record Place(Variable variable) implements Meaning {}

  /** A function or kernel. */
  record Callable(String name) implements Meaning {}

  /** What a labelled directive declares, under its unique name. */
  record Directive(String name) implements Meaning {}
}
