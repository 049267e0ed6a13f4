package dev.culebra.emulator.exec;

import java.util.ArrayList;
import java.util.List;

/**
 * What an instruction does to one lane, composed of methods: {@code before} is applied to each
 * operand of its type ({@code .ftz}), then {@code core} to all of them, then each of {@code after}
 * to the result in turn ({@code .ftz}, {@code .sat}, {@code .relu}).
 *
 * @param before null where operands are taken as they are
 */
record LaneFunction(ScalarMethod core, ScalarMethod before, List<ScalarMethod> after) {
  LaneFunction(ScalarMethod core) {
    this(core, null, List.of());
  }

  /** This function of operands that have gone through {@code method}. */
  LaneFunction withOperandsThrough(ScalarMethod method) {
    return new LaneFunction(core, method, after);
  }

  /** This function, then {@code method} of its result. */
  LaneFunction then(ScalarMethod method) {
    if (method.parameters() != 1 || method.parameter(0) != result()) {
      throw new IllegalArgumentException(
          method.name() + " does not take what " + core.name() + " gives");
    }
    List<ScalarMethod> more = new ArrayList<>(after);
    more.add(method);
    return new LaneFunction(core, before, List.copyOf(more));
  }

  int operands() {
    return core.parameters();
  }

  /** JVM's letter for the type of an operand. */
  char operand(int index) {
    return core.parameter(index);
  }

  /** JVM's letter for the type of the result. */
  char result() {
    return (after.isEmpty() ? core : after.getLast()).result();
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
