package dev.culebra.emulator.exec;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What an instruction does to one lane, composed of methods: each operand goes through its steps
 * ({@code .ftz}), then all of them through {@code core}, then the result through the steps of
 * {@code after} ({@code .ftz}, {@code .sat}, {@code .relu}).
 *
 * @param before steps of each operand, mostly none
 * @param parts whether registers are taken whole or hold two elements
 */
record LaneFunction(
    ScalarMethod core, List<List<ScalarMethod>> before, List<ScalarMethod> after, Parts parts) {

  /** Which parts of registers a function is applied to. */
  enum Parts {
    WHOLE,
    /** The lower half of each operand. */
    LOWER,
    /** The upper half of each operand. */
    UPPER,
    /** Both halves, each on its own: {@code .f16x2}, {@code .f32x2}. */
    BOTH
  }

  LaneFunction(ScalarMethod core) {
    this(core, Collections.nCopies(core.parameters(), List.of()), List.of(), Parts.WHOLE);
  }

  /** Methods one after the other, each of one parameter. */
  static LaneFunction chain(List<ScalarMethod> methods) {
    LaneFunction function = new LaneFunction(methods.getFirst());
    for (ScalarMethod method : methods.subList(1, methods.size())) {
      function = function.then(method);
    }
    return function;
  }

  /**
   * This function, after all operands of its type have gone through {@code method} first of all.
   */
  LaneFunction withOperandsThrough(ScalarMethod method) {
    LaneFunction function = this;
    for (int i = 0; i < operands(); i++) {
      if (element(i) == method.result()) {
        function = function.withOperandThrough(i, method);
      }
    }
    return function;
  }

  /** This function, after one operand has gone through {@code method} first of all. */
  LaneFunction withOperandThrough(int operand, ScalarMethod method) {
    if (method.parameters() != 1 || method.result() != element(operand)) {
      throw new IllegalArgumentException(
          method.name() + " does not give what " + core.name() + " takes");
    }
    List<ScalarMethod> steps = new ArrayList<>(before.get(operand));
    steps.addFirst(method);
    List<List<ScalarMethod>> all = new ArrayList<>(before);
    all.set(operand, List.copyOf(steps));
    return new LaneFunction(core, List.copyOf(all), after, parts);
  }

  /** This function, then {@code method} of its result. */
  LaneFunction then(ScalarMethod method) {
    if (method.parameters() != 1 || method.parameter(0) != elementOfResult()) {
      throw new IllegalArgumentException(
          method.name() + " does not take what " + core.name() + " gives");
    }
    List<ScalarMethod> more = new ArrayList<>(after);
    more.add(method);
    return new LaneFunction(core, before, List.copyOf(more), parts);
  }

  /** This function of halves of registers. */
  LaneFunction of(Parts others) {
    return new LaneFunction(core, before, after, others);
  }

  /** Whether it gives all bits of its operand's register as they are. */
  boolean isMove() {
    return (core.name().equals("move32") || core.name().equals("move64"))
        && before.stream().allMatch(List::isEmpty)
        && after.isEmpty()
        && parts == Parts.WHOLE;
  }

  int operands() {
    return core.parameters();
  }

  /** JVM's letter for the type that an operand's steps begin with. */
  char element(int operand) {
    List<ScalarMethod> steps = before.get(operand);
    return steps.isEmpty() ? core.parameter(operand) : steps.getFirst().parameter(0);
  }

  /** JVM's letter for the type that the last step gives. */
  char elementOfResult() {
    return (after.isEmpty() ? core : after.getLast()).result();
  }

  /** JVM's letter for the register that holds an operand. */
  char operand(int index) {
    return parts == Parts.WHOLE ? element(index) : twice(element(index));
  }

  /** JVM's letter for the register that the result goes to. */
  char result() {
    return parts == Parts.BOTH ? twice(elementOfResult()) : elementOfResult();
  }

  private static char twice(char letter) {
    return switch (letter) {
      case 'S', 'C' -> 'I';
      case 'F' -> 'J';
      default -> throw new IllegalArgumentException("no register holds two of " + letter);
    };
  }

  /** Where values of a type lie, by JVM's letter. */
  static FrameLayout.Bank bank(char letter) {
    return switch (letter) {
      case 'I', 'F', 'S', 'C' -> FrameLayout.Bank.WORD;
      case 'J', 'D' -> FrameLayout.Bank.LONG;
      case 'Z' -> FrameLayout.Bank.PREDICATE;
      default -> throw new IllegalArgumentException("no register holds a " + letter);
    };
  }
}
