package dev.culebra.emulator.exec;

import static dev.culebra.emulator.ptx.ScalarType.B16;
import static dev.culebra.emulator.ptx.ScalarType.B32;
import static dev.culebra.emulator.ptx.ScalarType.B64;
import static dev.culebra.emulator.ptx.ScalarType.PRED;
import static dev.culebra.emulator.ptx.ScalarType.S16;
import static dev.culebra.emulator.ptx.ScalarType.S32;
import static dev.culebra.emulator.ptx.ScalarType.S64;
import static dev.culebra.emulator.ptx.ScalarType.U16;
import static dev.culebra.emulator.ptx.ScalarType.U32;
import static dev.culebra.emulator.ptx.ScalarType.U64;

import dev.culebra.emulator.ptx.Operand;
import dev.culebra.emulator.ptx.ScalarType;
import java.util.List;

/** Decodes logic and shifts (PTX ISA 9.7.8). */
final class LogicDecoder {
  private static final ScalarMethods METHODS = new ScalarMethods(BitLogic.class);
  private static final int TABLES = 256;

  private LogicDecoder() {}

  static Operation decode(Decoding decoding) {
    String opcode = decoding.opcode();
    return switch (opcode) {
      case "and", "or", "xor", "not" -> {
        ScalarType type = decoding.type(PRED, B16, B32, B64);
        yield type == PRED ? predicates(decoding) : decoding.lanes(find(opcode + type.bits()));
      }
      case "cnot", "shl" -> decoding.lanes(find(opcode + decoding.type(B16, B32, B64).bits()));
      case "shr" -> {
        ScalarType type = decoding.type(B16, B32, B64, U16, U32, U64, S16, S32, S64);
        String sign = type.kind() == ScalarType.Kind.SIGNED ? "S" : "U";
        yield decoding.lanes(find(opcode + sign + type.bits()));
      }
      case "shf" -> {
        String direction = decoding.requireOneOf("l", "r").equals("l") ? "L" : "R";
        String mode = decoding.requireOneOf("wrap", "clamp").equals("wrap") ? "Wrap" : "Clamp";
        yield decoding.lanes(find(opcode + direction + mode + decoding.type(B32).bits()));
      }
      case "lop3" -> lop3(decoding);
      default -> throw decoding.unsupported();
    };
  }

  private static LaneFunction find(String name) {
    return METHODS.find(name);
  }

  private static Operation predicates(Decoding decoding) {
    boolean unary = decoding.opcode().equals("not");
    List<Operand> operands = decoding.operands(unary ? 2 : 3);
    int first = decoding.predicate(operands.get(1));
    return decoding.finish(
        new PredicateOperation(
            logic(decoding.opcode()),
            decoding.destination(operands.getFirst(), 'Z'),
            first,
            unary ? first : decoding.predicate(operands.get(2))));
  }

  private static PredicateOperation.Logic logic(String name) {
    return switch (name) {
      case "and" -> PredicateOperation.Logic.AND;
      case "or" -> PredicateOperation.Logic.OR;
      case "xor" -> PredicateOperation.Logic.XOR;
      case "not" -> PredicateOperation.Logic.NOT;
      default -> throw new IllegalArgumentException(name);
    };
  }

  /** {@code lop3.b32 d, a, b, c, table} or {@code lop3.or.b32 d|p, a, b, c, table, q}. */
  private static Operation lop3(Decoding decoding) {
    String combination = decoding.modifiers.takeOneOf("or", "and");
    decoding.type(B32);
    List<Operand> operands = decoding.operands(combination == null ? 5 : 6);
    int[] sources = new int[4];
    for (int i = 0; i < 3; i++) {
      sources[i] = decoding.source(operands.get(i + 1), 'I');
    }
    if (!(operands.get(4) instanceof Operand.IntegerConstant(long table))
        || table < 0
        || table >= TABLES) {
      throw decoding.unsupported();
    }
    sources[3] = decoding.layout().word((int) table);
    LaneFunction function = find("lop3");
    if (combination == null) {
      return decoding.lanes(function, decoding.destination(operands.getFirst(), 'I'), sources);
    }
    if (!(operands.getFirst() instanceof Operand.Pair(Operand value, Operand predicate))) {
      throw decoding.unsupported();
    }
    int destination = decoding.destination(value, 'I');
    int notZero = decoding.layout().temporaryPredicate();
    int combined = decoding.predicate(operands.get(5));
    return decoding.finish(
        LaneLoops.operation(function, destination, sources),
        LaneLoops.operation(find("isNotZero32"), notZero, destination),
        new PredicateOperation(
            logic(combination), decoding.destination(predicate, 'Z'), notZero, combined));
  }
}
