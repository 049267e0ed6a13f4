package dev.culebra.emulator.exec;

import static dev.culebra.emulator.ptx.ScalarType.B16;
import static dev.culebra.emulator.ptx.ScalarType.B32;
import static dev.culebra.emulator.ptx.ScalarType.B64;
import static dev.culebra.emulator.ptx.ScalarType.F32;
import static dev.culebra.emulator.ptx.ScalarType.F64;
import static dev.culebra.emulator.ptx.ScalarType.S16;
import static dev.culebra.emulator.ptx.ScalarType.S32;
import static dev.culebra.emulator.ptx.ScalarType.S64;
import static dev.culebra.emulator.ptx.ScalarType.U16;
import static dev.culebra.emulator.ptx.ScalarType.U32;
import static dev.culebra.emulator.ptx.ScalarType.U64;

import dev.culebra.emulator.ptx.Operand;
import dev.culebra.emulator.ptx.ScalarType;
import java.util.List;

/** Decodes comparison and selection (PTX ISA 9.7.6 and 9.7.7). */
final class CompareDecoder {
  private static final ScalarMethods COMPARISONS = new ScalarMethods(Comparisons.class);
  private static final ScalarMethods BITS = new ScalarMethods(BitLogic.class);
  private static final ScalarMethods FLOATS = new ScalarMethods(FloatArithmetic.class);
  private static final ScalarType[] COMPARED = {
    B16, B32, B64, U16, U32, U64, S16, S32, S64, F32, F64
  };
  private static final ScalarType[] SELECTED = {
    B16, B32, B64, U16, U32, U64, S16, S32, S64, F32, F64
  };

  private CompareDecoder() {}

  static Operation decode(Decoding decoding) {
    return switch (decoding.opcode()) {
      case "setp" -> setp(decoding);
      case "set" -> set(decoding);
      case "selp" -> decoding.lanes(BITS.find("select" + decoding.type(SELECTED).bits()));
      case "slct" -> slct(decoding);
      default -> throw decoding.unsupported();
    };
  }

  /** The comparison, with {@code .ftz} applied. */
  private static LaneFunction comparison(Decoding decoding, ScalarType type) {
    String name = decoding.modifiers.takeNext();
    LaneFunction function = name == null ? null : comparison(name, type);
    if (function == null) {
      throw decoding.unsupported();
    }
    return type == F32 && decoding.modifiers.take("ftz")
        ? function.withOperandsThrough(FLOATS.method("flush"))
        : function;
  }

  private static LaneFunction comparison(String name, ScalarType type) {
    boolean equality = name.equals("eq") || name.equals("ne");
    return switch (type.kind()) {
      case FLOAT -> COMPARISONS.find(name + type.name());
      case BITS -> equality ? COMPARISONS.find(name + type.name()) : null;
      case SIGNED, UNSIGNED -> {
        if (equality) {
          yield COMPARISONS.find(name + "B" + type.bits());
        }
        String ordered =
            type.kind() == ScalarType.Kind.SIGNED
                ? name
                : switch (name) {
                  case "lo" -> "lt";
                  case "ls" -> "le";
                  case "hi" -> "gt";
                  case "hs" -> "ge";
                  default -> name;
                };
        yield COMPARISONS.find(ordered + type.name());
      }
      default -> null;
    };
  }

  /** {@code setp.lt.and.s32 p|q, a, b, c}: p = (a < b) and c, q = !(a < b) and c. */
  private static Operation setp(Decoding decoding) {
    ScalarType type = decoding.type(COMPARED);
    LaneFunction function = comparison(decoding, type);
    String combination = decoding.modifiers.takeOneOf("and", "or", "xor");
    List<Operand> operands = decoding.operands(combination == null ? 3 : 4);
    int[] sources = {
      decoding.source(operands.get(1), function.operand(0)),
      decoding.source(operands.get(2), function.operand(1))
    };
    if (combination == null && !(operands.getFirst() instanceof Operand.Pair)) {
      return decoding.lanes(function, decoding.destination(operands.getFirst(), 'Z'), sources);
    }
    FrameLayout layout = decoding.layout();
    int compared = layout.temporaryPredicate();
    Operation compare = LaneLoops.operation(function, compared, sources);
    int combined = combination == null ? compared : decoding.predicate(operands.get(3));
    Combination logic = Combination.of(combination);
    if (operands.getFirst() instanceof Operand.Pair(Operand p, Operand q)) {
      // p may be c too: the second result is computed before the first is written
      int second = layout.temporaryPredicate();
      return decoding.finish(
          compare,
          new PredicateOperation(logic.negated, second, compared, combined),
          new PredicateOperation(logic.plain, decoding.destination(p, 'Z'), compared, combined),
          new PredicateOperation(
              PredicateOperation.Logic.MOVE, decoding.destination(q, 'Z'), second, second));
    }
    return decoding.finish(
        compare,
        new PredicateOperation(
            logic.plain, decoding.destination(operands.getFirst(), 'Z'), compared, combined));
  }

  /** How the comparison and its negation are combined with the third operand. */
  private record Combination(PredicateOperation.Logic plain, PredicateOperation.Logic negated) {
    static Combination of(String name) {
      return switch (name) {
        case null -> new Combination(PredicateOperation.Logic.MOVE, PredicateOperation.Logic.NOT);
        case "and" ->
            new Combination(PredicateOperation.Logic.AND, PredicateOperation.Logic.NOT_AND);
        case "or" -> new Combination(PredicateOperation.Logic.OR, PredicateOperation.Logic.NOT_OR);
        case "xor" ->
            new Combination(PredicateOperation.Logic.XOR, PredicateOperation.Logic.NOT_XOR);
        default -> throw new IllegalArgumentException(name);
      };
    }
  }

  /** {@code set.lt.and.u32.f32 d, a, b, c}: all ones, 1.0 or 0. */
  private static Operation set(Decoding decoding) {
    ScalarType type = decoding.type(COMPARED);
    ScalarType result = decoding.type(U32, S32, F32);
    LaneFunction function = comparison(decoding, type);
    String combination = decoding.modifiers.takeOneOf("and", "or", "xor");
    List<Operand> operands = decoding.operands(combination == null ? 3 : 4);
    int compared = decoding.layout().temporaryPredicate();
    Operation compare =
        LaneLoops.operation(
            function,
            compared,
            decoding.source(operands.get(1), function.operand(0)),
            decoding.source(operands.get(2), function.operand(1)));
    int yes = decoding.layout().word(result == F32 ? Float.floatToRawIntBits(1) : -1);
    int no = decoding.layout().word(0);
    Operation write =
        LaneLoops.operation(
            BITS.find("select32"),
            decoding.destination(operands.getFirst(), 'I'),
            yes,
            no,
            compared);
    if (combination == null) {
      return decoding.finish(compare, write);
    }
    int combined = decoding.predicate(operands.get(3));
    return decoding.finish(
        compare,
        new PredicateOperation(Combination.of(combination).plain, compared, compared, combined),
        write);
  }

  private static Operation slct(Decoding decoding) {
    ScalarType condition = decoding.type(S32, F32);
    int bits = decoding.type(SELECTED).bits();
    if (condition == S32) {
      return decoding.lanes(BITS.find("selectBySign" + bits));
    }
    LaneFunction function = BITS.find("selectByFloat" + bits);
    return decoding.lanes(
        decoding.modifiers.take("ftz")
            ? function.withOperandsThrough(FLOATS.method("flush"))
            : function);
  }
}
