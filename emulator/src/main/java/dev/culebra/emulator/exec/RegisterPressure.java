package dev.culebra.emulator.exec;

import dev.culebra.emulator.ptx.Function;
import dev.culebra.emulator.ptx.Instruction;
import dev.culebra.emulator.ptx.Operand;
import java.util.Arrays;
import java.util.List;

/**
 * An estimate of the registers that a function would be given: PTX's are unlimited, and the real
 * number is ptxas's secret.
 */
final class RegisterPressure {
  private static final int LEAST = 16;
  private static final int MOST = 255;
  private static final int WORD_BITS = 32;

  private RegisterPressure() {}

  /** The most words of registers alive at one instruction, in the order of the text. */
  static int of(Function function) {
    List<Instruction> instructions = function.body().instructions();
    List<Operand.Register> registers = function.body().registers();
    int[] first = new int[registers.size()];
    int[] last = new int[registers.size()];
    Arrays.fill(first, -1);
    for (int i = 0; i < instructions.size(); i++) {
      Instruction instruction = instructions.get(i);
      if (instruction.guard() != null) {
        touch(instruction.guard().predicate(), i, first, last);
      }
      for (Operand operand : instruction.operands()) {
        touch(operand, i, first, last);
      }
    }
    extendOverLoops(instructions, first, last);
    int[] change = new int[instructions.size() + 2];
    for (int r = 0; r < first.length; r++) {
      int words = words(registers.get(r));
      if (first[r] >= 0) {
        change[first[r]] += words;
        change[last[r] + 1] -= words;
      }
    }
    int alive = 0;
    int most = LEAST;
    for (int step : change) {
      alive += step;
      most = Math.max(most, alive);
    }
    int limit =
        function.bounds() == null || function.bounds().maxRegisters() == 0
            ? MOST
            : Math.min(MOST, function.bounds().maxRegisters());
    return Math.min(most, limit);
  }

  /** What lives into a loop and is used there lives to the loop's end. */
  private static void extendOverLoops(List<Instruction> instructions, int[] first, int[] last) {
    for (int i = 0; i < instructions.size(); i++) {
      for (Operand operand : instructions.get(i).operands()) {
        if (operand instanceof Operand.Label label && label.target() <= i) {
          for (int r = 0; r < first.length; r++) {
            if (first[r] >= 0 && first[r] < label.target() && last[r] >= label.target()) {
              last[r] = Math.max(last[r], i);
            }
          }
        }
      }
    }
  }

  private static int words(Operand.Register register) {
    int bits = register.type().bits();
    return bits == 1 ? 0 : (bits + WORD_BITS - 1) / WORD_BITS;
  }

  private static void touch(Operand operand, int at, int[] first, int[] last) {
    switch (operand) {
      case Operand.Register register -> {
        if (first[register.index()] < 0) {
          first[register.index()] = at;
        }
        last[register.index()] = at;
      }
      case Operand.Address address when address.base() != null ->
          touch(address.base(), at, first, last);
      case Operand.Vector vector -> vector.elements().forEach(e -> touch(e, at, first, last));
      case Operand.Arguments arguments ->
          arguments.elements().forEach(e -> touch(e, at, first, last));
      case Operand.Pair pair -> {
        touch(pair.first(), at, first, last);
        touch(pair.second(), at, first, last);
      }
      case Operand.NegatedPredicate negated -> touch(negated.register(), at, first, last);
      default -> {
        // No register of the function.
      }
    }
  }
}
