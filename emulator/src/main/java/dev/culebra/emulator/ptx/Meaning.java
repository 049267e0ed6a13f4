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
   * @param name its unique name
   * @param elementBytes of an array's elements; 0 where it is no array
   */
  record Place(String name, StateSpace space, int elementBytes) implements Meaning {}

  /** A function or kernel. */
  record Callable(String name, Signature signature) implements Meaning {}

  /**
   * What a labelled directive declares.
   *
   * @param name its unique name
   * @param signature of whom a call with it calls; null for {@code .branchtargets}
   */
  record Directive(String name, Signature signature) implements Meaning {}

  /** A place that can be branched to. */
  record Target(Operand.Label label) implements Meaning {}

  /**
   * How many values a call takes and passes.
   *
   * @param open whether the last parameter, an array of no given size, may be left out
   */
  record Signature(int results, int parameters, boolean open) {
    static Signature of(List<Variable> results, List<Variable> parameters) {
      boolean open = !parameters.isEmpty() && parameters.getLast().elements() == 0;
      return new Signature(results.size(), parameters.size(), open);
    }

    /** Whether a call with so many results and arguments can be meant. */
    boolean fits(int passedResults, int passed) {
      return passedResults == results && (passed == parameters || open && passed == parameters - 1);
    }
  }
}
