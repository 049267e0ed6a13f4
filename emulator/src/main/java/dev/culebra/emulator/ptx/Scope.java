package dev.culebra.emulator.ptx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Names between two braces; names of inner scopes hide those of outer ones. */
final class Scope {
  private static final int MAXIMUM_DIGITS = 10;

  /** Registers declared as a range, {@code %r<100>}. */
  private record Range(ScalarType type, int lanes, long count) {}

  /** A branch to a label that may still follow. */
  private record Branch(String label, long at, Operand.Label[] table, int index) {}

  private final Scope outer;
  private final Map<String, Meaning> meanings = new HashMap<>();
  private final Map<String, Range> ranges = new HashMap<>();

  /** The smallest number that a declared name has behind a prefix: 3 for {@code %p} of %p3, %p7. */
  private final Map<String, Long> smallest = new HashMap<>();

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
    if (rangeOf(name) != null || meanings.putIfAbsent(name, meaning) != null) {
      return false;
    }
    for (int split = name.length() - 1; isIndex(name, split); split--) {
      smallest.merge(name.substring(0, split), index(name, split), Math::min);
    }
    return true;
  }

  /** Gives a declared name another meaning. */
  void redeclare(String name, Meaning meaning) {
    meanings.put(name, meaning);
  }

  /** Declares {@code prefix0} and so on; false where this scope has one of these already. */
  boolean declareRange(String prefix, ScalarType type, int lanes, long count) {
    return smallest.getOrDefault(prefix, Long.MAX_VALUE) >= count
        && ranges.putIfAbsent(prefix, new Range(type, lanes, count)) == null;
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
      Range range = scope.rangeOf(name);
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
    if (ranges.isEmpty()) {
      return null;
    }
    for (int split = name.length() - 1; isIndex(name, split); split--) {
      Range range = ranges.get(name.substring(0, split));
      if (range != null && index(name, split) < range.count) {
        return range;
      }
    }
    return null;
  }

  /** Whether digits that could be an index stand from {@code split} to the end of a name. */
  private static boolean isIndex(String name, int split) {
    return split > 0 && name.length() - split <= MAXIMUM_DIGITS && isDigit(name.charAt(split));
  }

  /** The number from {@code split} on, if PTX would write it so; else the largest long. */
  private static long index(String name, int split) {
    if (name.charAt(split) == '0' && split < name.length() - 1) {
      return Long.MAX_VALUE;
    }
    long index = 0;
    for (int i = split; i < name.length(); i++) {
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
