package dev.culebra.emulator.ptx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Names between two braces; names of inner scopes hide those of outer ones. */
final class Scope {
  /** Registers declared as a range, {@code %r<100>}. */
  private record Range(ScalarType type, int lanes, long count) {}

  /** Where a branch to a label that may still follow waits for it. */
  private record Branch(String label, SourcePosition position, Operand[] place, int index) {}

  private final Scope outer;
  private final Map<String, Meaning> meanings = new HashMap<>();
  private final Map<String, List<Range>> ranges = new HashMap<>();
  private final Map<String, Operand.Label> labels = new HashMap<>();
  private final List<Branch> branches = new ArrayList<>();

  /**
   * @param outer null at module level
   */
  Scope(Scope outer) {
    this.outer = outer;
  }

  Scope outer() {
    return outer;
  }

  /** Declares a name; false where this scope has it already. */
  boolean declare(String name, Meaning meaning) {
    return rangeOf(name) == null && meanings.putIfAbsent(name, meaning) == null;
  }

  /** Gives a declared name another meaning. */
  void redeclare(String name, Meaning meaning) {
    meanings.put(name, meaning);
  }

  /** Declares {@code prefix0} and so on; false where this scope has one of these already. */
  boolean declareRange(String prefix, ScalarType type, int lanes, long count) {
    List<Range> same = ranges.computeIfAbsent(prefix, key -> new ArrayList<>(1));
    if (!same.isEmpty()) {
      return false;
    }
    for (String name : meanings.keySet()) {
      if (name.startsWith(prefix) && index(name, prefix.length()) < count) {
        return false;
      }
    }
    same.add(new Range(type, lanes, count));
    return true;
  }

  /**
   * What a name means here; null where it means nothing. A register is made when it is first asked
   * for: code names thousands that it doesn't use.
   */
  Meaning find(String name, RegisterFile registers) {
    for (Scope scope = this; scope != null; scope = scope.outer) {
      Meaning meaning = scope.meanings.get(name);
      if (meaning instanceof Meaning.Unused(ScalarType type, int lanes)) {
        meaning = registers.add(name, type, lanes);
        scope.meanings.put(name, meaning);
      }
      if (meaning != null) {
        return meaning;
      }
      Range range = scope.ranges.isEmpty() ? null : scope.rangeOf(name);
      if (range != null) {
        meaning = registers.add(name, range.type, range.lanes);
        scope.meanings.put(name, meaning);
        return meaning;
      }
    }
    return null;
  }

  /** What a name means in this scope alone. */
  Meaning own(String name) {
    return meanings.get(name);
  }

  private Range rangeOf(String name) {
    for (int split = name.length() - 1; split > 0 && isDigit(name.charAt(split)); split--) {
      List<Range> found = ranges.get(name.substring(0, split));
      if (found != null && index(name, split) < found.getFirst().count) {
        return found.getFirst();
      }
    }
    return null;
  }

  /** The number that a name ends in, if PTX would write it so; else the largest long. */
  private static long index(String name, int from) {
    int digits = name.length() - from;
    if (digits == 0 || digits > 10 || digits > 1 && name.charAt(from) == '0') {
      return Long.MAX_VALUE;
    }
    long index = 0;
    for (int i = from; i < name.length(); i++) {
      if (!isDigit(name.charAt(i))) {
        return Long.MAX_VALUE;
      }
      index = index * 10 + name.charAt(i) - '0';
    }
    return index;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  /** Declares a label; false where this scope has it already. */
  boolean declareLabel(Operand.Label label) {
    return labels.putIfAbsent(label.name(), label) == null;
  }

  /** Puts the label, which may still follow, into {@code place[index]} when the scope is closed. */
  void branch(String label, SourcePosition position, Operand[] place, int index) {
    branches.add(new Branch(label, position, place, index));
  }

  /** Finds the labels that were branched to; leaves what it lacks to the outer scope. */
  void close(Lexer lexer, boolean outermost) {
    for (Branch branch : branches) {
      Operand.Label label = labels.get(branch.label);
      if (label != null) {
        branch.place[branch.index] = label;
      } else if (outermost) {
        throw lexer.error(branch.position, "there is no label " + branch.label + " in reach");
      } else {
        outer.branches.add(branch);
      }
    }
  }
}
