package dev.culebra.emulator.exec;

import dev.culebra.emulator.ptx.Function;
import dev.culebra.emulator.ptx.FunctionBody;
import dev.culebra.emulator.ptx.Instruction;
import dev.culebra.emulator.ptx.Operand;
import dev.culebra.emulator.ptx.StateSpace;
import dev.culebra.emulator.ptx.Variable;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * Where a function assigns its registers, and where it reads them: compilers assign most in one
 * place. Results are first operands (PTX ISA 6.1); what else stands there is taken for one, too.
 */
final class RegisterUse {
  private final List<Instruction> instructions;

  /** Instructions that assign a register, and one behind all where its caller does. */
  private final Positions[] assigned;

  /** The first and the last instruction that reads a register. */
  private final int[] firstRead;

  private final int[] lastRead;

  /** Instructions that are not reached from the one before alone: those with labels. */
  private final BitSet targets = new BitSet();

  /** Indices of instructions, ascending: those of one register are few. */
  private static final class Positions {
    private int[] indices = new int[1];
    private int count;

    private void add(int index) {
      if (count > 0 && indices[count - 1] == index) {
        return;
      }
      if (count == indices.length) {
        indices = Arrays.copyOf(indices, 2 * count);
      }
      indices[count++] = index;
    }

    /** The first that is {@code from} or behind it; -1 where none is. */
    private int next(int from) {
      int found = Arrays.binarySearch(indices, 0, count, from);
      int place = found < 0 ? -found - 1 : found;
      return place < count ? indices[place] : -1;
    }
  }

  RegisterUse(Function function) {
    FunctionBody body = function.body();
    instructions = body.instructions();
    int registers = body.registers().size();
    assigned = new Positions[registers];
    Arrays.setAll(assigned, index -> new Positions());
    firstRead = new int[registers];
    Arrays.fill(firstRead, Integer.MAX_VALUE);
    lastRead = new int[registers];
    for (int i = 0; i < instructions.size(); i++) {
      note(i, instructions.get(i));
    }
    body.branchTargets().values().forEach(labels -> labels.forEach(label -> read(0, label)));
    for (Operand.Register register : body.registers()) {
      if (isAmong(function.parameters(), register)) {
        assigned[register.index()].add(instructions.size());
      }
      if (isAmong(function.results(), register)) {
        readAt(instructions.size(), register);
      }
    }
  }

  private static boolean isAmong(List<Variable> variables, Operand.Register register) {
    return variables.stream()
        .anyMatch(
            variable ->
                variable.space() == StateSpace.REG && variable.name().equals(register.name()));
  }

  private void note(int i, Instruction instruction) {
    if (instruction.guard() != null) {
      readAt(i, instruction.guard().predicate());
    }
    List<Operand> operands = instruction.operands();
    for (int operand = 0; operand < operands.size(); operand++) {
      if (operand == 0) {
        assign(i, operands.getFirst());
      } else {
        read(i, operands.get(operand));
      }
    }
  }

  private void assign(int i, Operand operand) {
    switch (operand) {
      case Operand.Register register -> assigned[register.index()].add(i);
      case Operand.Vector(List<Operand> elements) -> elements.forEach(each -> assign(i, each));
      case Operand.Arguments(List<Operand> elements) -> elements.forEach(each -> assign(i, each));
      case Operand.Pair(Operand first, Operand second) -> {
        assign(i, first);
        assign(i, second);
      }
      case Operand.Selected selected -> {
        assigned[selected.register().index()].add(i);
        readAt(i, selected.register());
      }
      default -> read(i, operand);
    }
    if (!instructions.get(i).opcode().equals("mov")) {
      // A store's or a barrier's first operand is read.
      read(i, operand);
    }
  }

  private void read(int i, Operand operand) {
    switch (operand) {
      case null -> {
        // An absolute address has no base.
      }
      case Operand.Register register -> readAt(i, register);
      case Operand.NegatedPredicate negated -> readAt(i, negated.register());
      case Operand.Negated negated -> read(i, negated.operand());
      case Operand.Selected selected -> readAt(i, selected.register());
      case Operand.Address address -> read(i, address.base());
      case Operand.UnifiedAddress unified -> read(i, unified.address());
      case Operand.ElementAddress element -> readAt(i, element.index());
      case Operand.TensorAddress tensor -> {
        read(i, tensor.map());
        read(i, tensor.sampler());
        tensor.coordinates().forEach(each -> read(i, each));
      }
      case Operand.Vector(List<Operand> elements) -> elements.forEach(each -> read(i, each));
      case Operand.Arguments(List<Operand> elements) -> elements.forEach(each -> read(i, each));
      case Operand.Pair(Operand first, Operand second) -> {
        read(i, first);
        read(i, second);
      }
      case Operand.Label label -> targets.set(label.target());
      case Operand.SpecialRegister _,
          Operand.IntegerConstant _,
          Operand.FloatConstant _,
          Operand.SymbolAddress _,
          Operand.DirectiveLabel _,
          Operand.Sink _ -> {
        // No register of the function.
      }
    }
  }

  private void readAt(int i, Operand.Register register) {
    firstRead[register.index()] = Math.min(firstRead[register.index()], i);
    lastRead[register.index()] = Math.max(lastRead[register.index()], i);
  }

  /** Whether one place assigns a register at most. */
  boolean isAssignedOnce(Operand.Register register) {
    return assigned[register.index()].count <= 1;
  }

  /**
   * Whether a register that instruction {@code at} alone assigns, by moving another to it, is the
   * other wherever it is read: behind it with no way in between, the other staying as it is.
   */
  boolean isCopy(int at, Operand.Register register, Operand.Register other) {
    int last = lastRead[register.index()];
    if (firstRead[register.index()] <= at || last >= instructions.size()) {
      return false;
    }
    int way = targets.nextSetBit(at + 1);
    int change = assigned[other.index()].next(at);
    return (way < 0 || way > last) && (change < 0 || change > last);
  }
}
