package dev.culebra.emulator.exec;

import dev.culebra.emulator.ptx.Instruction;
import dev.culebra.emulator.ptx.Operand;
import dev.culebra.emulator.ptx.ScalarType;
import java.util.ArrayList;
import java.util.List;

/**
 * One straight-line instruction while it is decoded: gives slots for operands and notes the
 * operations that have to come first, such as the negation of a predicate.
 */
final class Decoding {
  private static final int UNUSED = 0;

  final Modifiers modifiers;
  private final Instruction instruction;
  private final DecodeContext context;
  private final List<Operation> first = new ArrayList<>(0);

  Decoding(Instruction instruction, DecodeContext context) {
    this.instruction = instruction;
    this.context = context;
    modifiers = context.modifiers(instruction);
  }

  String opcode() {
    return instruction.opcode();
  }

  /** Whether a modifier is there, taken or not. */
  boolean has(String modifier) {
    return instruction.modifiers().contains(modifier);
  }

  DecodeContext context() {
    return context;
  }

  FrameLayout layout() {
    return context.layout();
  }

  UnsupportedPtxException unsupported() {
    return context.unsupported(instruction);
  }

  /** The operands, of which there have to be so many. */
  List<Operand> operands(int number) {
    if (instruction.operands().size() != number) {
      throw unsupported();
    }
    return instruction.operands();
  }

  int operandCount() {
    return instruction.operands().size();
  }

  /** The last type of the instruction, taken or not; null where there is none. */
  ScalarType lastType() {
    for (String modifier : instruction.modifiers().reversed()) {
      ScalarType type = ScalarType.named(modifier);
      if (type != null) {
        return type;
      }
    }
    return null;
  }

  /** The last type that is left, which has to be one of these. */
  ScalarType type(ScalarType... allowed) {
    ScalarType type = modifiers.takeLastType();
    for (ScalarType one : allowed) {
      if (type == one) {
        return type;
      }
    }
    throw unsupported();
  }

  /** Takes the modifier that has to be there. */
  void require(String modifier) {
    if (!modifiers.take(modifier)) {
      throw unsupported();
    }
  }

  /** Takes one of several, of which one has to be there. */
  String requireOneOf(String... several) {
    String taken = modifiers.takeOneOf(several);
    if (taken == null) {
      throw unsupported();
    }
    return taken;
  }

  /** The operation of a function whose operands are the instruction's, in its order. */
  Operation lanes(LaneFunction function) {
    if (function == null) {
      throw unsupported();
    }
    return finish(operation(function));
  }

  /** The operation of a function of slots. */
  Operation lanes(LaneFunction function, int destination, int... sources) {
    if (function == null) {
      throw unsupported();
    }
    return finish(LaneLoops.operation(function, destination, sources));
  }

  /** One function or the other, of the instruction's operands. */
  Operation approximate(LaneFunction rounded, LaneFunction perturbed) {
    return finish(new ApproximateOperation(operation(rounded), operation(perturbed)));
  }

  private LaneOperation operation(LaneFunction function) {
    List<Operand> operands = operands(function.operands() + 1);
    int[] sources = new int[function.operands()];
    for (int i = 0; i < sources.length; i++) {
      sources[i] = source(operands.get(i + 1), function.operand(i));
    }
    int destination = destination(operands.getFirst(), function.result());
    return LaneLoops.operation(function, destination, sources);
  }

  /** What was noted to come first, then these; all modifiers have to be taken by now. */
  Operation finish(Operation... operations) {
    modifiers.finish();
    if (first.isEmpty() && operations.length == 1) {
      return operations[0];
    }
    List<Operation> all = new ArrayList<>(first);
    all.addAll(List.of(operations));
    return new SequenceOperation(all.toArray(Operation[]::new));
  }

  /** Slot of an operand that is read as the type with JVM's letter. */
  int source(Operand operand, char letter) {
    if (letter == 'Z') {
      return predicate(operand);
    }
    if (operand instanceof Operand.SpecialRegister special && type(letter).bits() <= Integer.SIZE) {
      int slot = context.constantSpecial(special);
      if (slot < 0) {
        throw unsupported();
      }
      return slot;
    }
    boolean real = letter == 'F' || letter == 'D';
    if (real && operand instanceof Operand.IntegerConstant) {
      throw unsupported();
    }
    return context.source(instruction, operand, type(letter));
  }

  /** Slot of the register that is written as the type with JVM's letter. */
  int destination(Operand operand, char letter) {
    return context.destination(instruction, operand, type(letter));
  }

  /** Slot of a predicate, of its negation, or of a constant. */
  int predicate(Operand operand) {
    return switch (operand) {
      case Operand.Register register when register.type() == ScalarType.PRED ->
          layout().slot(register);
      case Operand.NegatedPredicate(Operand.Register register) ->
          computed(PredicateOperation.Logic.NOT, layout().slot(register));
      case Operand.IntegerConstant(long value) ->
          computed(
              value == 0 ? PredicateOperation.Logic.CLEAR : PredicateOperation.Logic.SET, UNUSED);
      default -> throw unsupported();
    };
  }

  private int computed(PredicateOperation.Logic logic, int operand) {
    int slot = layout().temporaryPredicate();
    first.add(new PredicateOperation(logic, slot, operand, operand));
    return slot;
  }

  private static ScalarType type(char letter) {
    return switch (letter) {
      case 'S', 'C' -> ScalarType.B16;
      case 'I' -> ScalarType.B32;
      case 'J' -> ScalarType.B64;
      case 'F' -> ScalarType.F32;
      case 'D' -> ScalarType.F64;
      case 'Z' -> ScalarType.PRED;
      default -> throw new IllegalArgumentException("no register holds a " + letter);
    };
  }
}
