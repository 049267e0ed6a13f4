package dev.culebra.emulator.exec;

import static dev.culebra.emulator.ptx.ScalarType.B16;
import static dev.culebra.emulator.ptx.ScalarType.B32;
import static dev.culebra.emulator.ptx.ScalarType.B64;
import static dev.culebra.emulator.ptx.ScalarType.BF16;
import static dev.culebra.emulator.ptx.ScalarType.BF16X2;
import static dev.culebra.emulator.ptx.ScalarType.F16;
import static dev.culebra.emulator.ptx.ScalarType.F16X2;
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
  private static final ScalarMethods BITS = new ScalarMethods(BitLogic.class);
  private static final ScalarMethods FLOATS = new ScalarMethods(FloatArithmetic.class);
  private static final ScalarType[] COMPARED = {
    B16, B32, B64, U16, U32, U64, S16, S32, S64, F32, F64, F16, BF16, F16X2, BF16X2
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

  /** {@code setp.lt.and.s32 p|q, a, b, c}: p = (a < b) and c, q = !(a < b) and c. */
  private static Operation setp(Decoding decoding) {
    ScalarType type = decoding.type(COMPARED);
    LaneFunction function = Comparison.decode(decoding, type);
    Combination combination = Combination.decode(decoding);
    List<Operand> operands = decoding.operands(combination.operands());
    Operand target = operands.getFirst();
    boolean packed = type == F16X2 || type == BF16X2;
    if (!packed && combination.isNone() && !(target instanceof Operand.Pair)) {
      return decoding.lanes(function);
    }
    int compared = decoding.layout().temporaryPredicate();
    Operation compare = compare(decoding, part(function, packed, false), operands, compared);
    int combined = combination.isNone() ? compared : decoding.predicate(operands.get(3));
    if (!(target instanceof Operand.Pair(Operand p, Operand q))) {
      if (packed) {
        throw decoding.unsupported();
      }
      return decoding.finish(
          compare,
          new PredicateOperation(
              combination.logic(), decoding.destination(target, 'Z'), compared, combined));
    }
    // p may be c too: the second result is computed before the first is written
    int second = decoding.layout().temporaryPredicate();
    Operation computeSecond =
        packed
            ? new SequenceOperation(
                compare(decoding, part(function, true, true), operands, second),
                new PredicateOperation(
                    combination.logic(), second, second, combination.isNone() ? second : combined))
            : new PredicateOperation(combination.logicOfNegation(), second, compared, combined);
    return decoding.finish(
        compare,
        computeSecond,
        new PredicateOperation(
            combination.logic(), decoding.destination(p, 'Z'), compared, combined),
        new PredicateOperation(
            PredicateOperation.Logic.MOVE, decoding.destination(q, 'Z'), second, second));
  }

  private static LaneFunction part(LaneFunction function, boolean packed, boolean upper) {
    return packed
        ? function.of(upper ? LaneFunction.Parts.UPPER : LaneFunction.Parts.LOWER)
        : function;
  }

  private static Operation compare(
      Decoding decoding, LaneFunction function, List<Operand> operands, int destination) {
    return LaneLoops.operation(
        function,
        destination,
        decoding.source(operands.get(1), function.operand(0)),
        decoding.source(operands.get(2), function.operand(1)));
  }

  /** {@code set.lt.and.u32.f32 d, a, b, c}: all ones or 1.0 where true, else 0. */
  private static Operation set(Decoding decoding) {
    ScalarType type = decoding.type(COMPARED);
    ScalarType result = decoding.type(Comparison.resultsOfSet(type));
    LaneFunction function = Comparison.decode(decoding, type);
    Combination combination = Combination.decode(decoding);
    List<Operand> operands = decoding.operands(combination.operands());
    int combined = combination.isNone() ? 0 : decoding.predicate(operands.get(3));
    if (type == F16X2 || type == BF16X2) {
      return setPair(decoding, result, function, combination, operands, combined);
    }
    int compared = decoding.layout().temporaryPredicate();
    Operation compare = compare(decoding, function, operands, compared);
    LaneFunction select = BITS.find("select" + result.bits());
    Operation write =
        LaneLoops.operation(
            select,
            decoding.destination(operands.getFirst(), select.result()),
            decoding.layout().word(Comparison.truth(result)),
            decoding.layout().word(0),
            compared);
    return combination.isNone()
        ? decoding.finish(compare, write)
        : decoding.finish(compare, combination.with(compared, combined), write);
  }

  private static Operation setPair(
      Decoding decoding,
      ScalarType result,
      LaneFunction function,
      Combination combination,
      List<Operand> operands,
      int combined) {
    int lower = decoding.layout().temporaryPredicate();
    int upper = decoding.layout().temporaryPredicate();
    Operation write =
        LaneLoops.operation(
            BITS.find("selectHalves"),
            decoding.destination(operands.getFirst(), 'I'),
            decoding.layout().word(Comparison.truth(result)),
            lower,
            upper);
    Operation compareLower = compare(decoding, part(function, true, false), operands, lower);
    Operation compareUpper = compare(decoding, part(function, true, true), operands, upper);
    return combination.isNone()
        ? decoding.finish(compareLower, compareUpper, write)
        : decoding.finish(
            compareLower,
            compareUpper,
            combination.with(lower, combined),
            combination.with(upper, combined),
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

  /** How a comparison, or its negation, is combined with a predicate: {@code .and}. */
  private record Combination(
      PredicateOperation.Logic logic, PredicateOperation.Logic logicOfNegation) {

    static Combination decode(Decoding decoding) {
      return switch (decoding.modifiers.takeOneOf("and", "or", "xor")) {
        case "and" ->
            new Combination(PredicateOperation.Logic.AND, PredicateOperation.Logic.NOT_AND);
        case "or" -> new Combination(PredicateOperation.Logic.OR, PredicateOperation.Logic.NOT_OR);
        case "xor" ->
            new Combination(PredicateOperation.Logic.XOR, PredicateOperation.Logic.NOT_XOR);
        case null, default ->
            new Combination(PredicateOperation.Logic.MOVE, PredicateOperation.Logic.NOT);
      };
    }

    boolean isNone() {
      return logic == PredicateOperation.Logic.MOVE;
    }

    int operands() {
      return isNone() ? 3 : 4;
    }

    Operation with(int compared, int combined) {
      return new PredicateOperation(logic, compared, compared, combined);
    }
  }
}
