package dev.culebra.emulator.ptx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Names between two braces; names of inner scopes hide those of outer ones. */
final class Scope {
  /** Registers declared as a range, {@code %r<100>}. */
  private record Range(ScalarType type, int lanes, long count) {}

  /** A branch to a label that may still follow. */
  private record Branch(String label, long at, Operand.Label[] table, int index) {}

  private final Scope outer;
  private final Map<String, Meaning> meanings = new HashMap<>();
  private final Map<String, List<Range>> ranges = new HashMap<>();
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

  /** What a name means here, without making a register of it; null where it means nothing. */
  Meaning look(String name) {
    for (Scope scope = this; scope != null; scope = scope.outer) {
      Meaning meaning = scope.meanings.get(name);
      if (meaning != null) {
        return meaning;
      }
      Range range = scope.rangeOf(name);
      if (range != null) {
        return new Meaning.Unused(range.type, range.lanes);
      }
    }
    return null;
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

  /**
   * Notes that an instruction branches to a label, which may still follow.
   *
   * @param at where the label is written
   */
  void branch(String label, long at, int instruction) {
    branches.add(new Branch(label, at, null, instruction));
  }

  /** Notes that {@code table[index]} is to be a label, which may still follow. */
  void branch(String label, long at, Operand.Label[] table, int index) {
    branches.add(new Branch(label, at, table, index));
  }

  /**
   * Finds the labels that were branched to, and gives them to the instructions; leaves what it
   * lacks to the outer scope.
   */
  void close(Lexer lexer, List<Instruction> instructions, boolean outermost) {
    for (Branch branch : branches) {
      if (meanings.get(branch.label) instanceof Meaning.Target(Operand.Label label)) {
        if (branch.table != null) {
          branch.table[branch.index] = label;
        } else {
          instructions.set(
              branch.index, instructions.get(branch.index).withOperands(List.of(label)));
        }
      } else if (outermost) {
        throw lexer.error(branch.at, "there is no label " + branch.label + " in reach");
      } else {
        outer.branches.add(branch);
      }
    }
  }
}
