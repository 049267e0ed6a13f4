package dev.culebra.emulator.exec;

import static dev.culebra.emulator.ptx.ScalarType.B16;
import static dev.culebra.emulator.ptx.ScalarType.B32;
import static dev.culebra.emulator.ptx.ScalarType.B64;
import static dev.culebra.emulator.ptx.ScalarType.F32;
import static dev.culebra.emulator.ptx.ScalarType.F64;
import static dev.culebra.emulator.ptx.ScalarType.PRED;
import static dev.culebra.emulator.ptx.ScalarType.S16;
import static dev.culebra.emulator.ptx.ScalarType.S32;
import static dev.culebra.emulator.ptx.ScalarType.S64;
import static dev.culebra.emulator.ptx.ScalarType.U16;
import static dev.culebra.emulator.ptx.ScalarType.U32;
import static dev.culebra.emulator.ptx.ScalarType.U64;

import dev.culebra.emulator.ptx.Operand;
import dev.culebra.emulator.ptx.ScalarType;
import java.util.ArrayList;
import java.util.List;

/** Decodes {@code mov} (PTX ISA 9.7.9.3 and 9.7.9.4). */
final class MoveDecoder {
  private static final ScalarMethods BITS = new ScalarMethods(BitLogic.class);
  private static final ScalarMethods VECTORS = new ScalarMethods(VectorBits.class);

  private MoveDecoder() {}

  /**
   * @return null for special registers that change while a warp runs: those are the engine's
   */
  static Operation decode(Decoding decoding) {
    if (decoding.operandCount() == 2
        && decoding.operands(2).get(1) instanceof Operand.SpecialRegister special
        && decoding.context().constantSpecial(special) < 0) {
      return null;
    }
    Operation vectors = vectors(decoding);
    if (vectors != null) {
      return vectors;
    }
    ScalarType type = decoding.type(PRED, B16, B32, B64, U16, U32, U64, S16, S32, S64, F32, F64);
    List<Operand> operands = decoding.operands(2);
    if (type == PRED) {
      int source = decoding.predicate(operands.get(1));
      return decoding.finish(
          new PredicateOperation(
              PredicateOperation.Logic.MOVE,
              decoding.destination(operands.get(0), 'Z'),
              source,
              source));
    }
    if (operands.get(1) instanceof Operand.Vector(List<Operand> parts)) {
      return pack(decoding, type, operands.get(0), parts);
    }
    if (operands.get(0) instanceof Operand.Vector(List<Operand> parts)) {
      return unpack(decoding, type, parts, operands.get(1));
    }
    return decoding.lanes(BITS.find("move" + type.bits()));
  }

  /** {@code mov.v2.b32 {a, b}, {c, d}}; null for anything else. */
  private static Operation vectors(Decoding decoding) {
    String width = decoding.modifiers.takeOneOf("v2", "v4");
    if (width == null) {
      return null;
    }
    int number = width.charAt(1) - '0';
    ScalarType type = decoding.type(B16, B32, B64, U16, U32, U64, S16, S32, S64, F32, F64);
    if (!(decoding.operands(2).get(0) instanceof Operand.Vector(List<Operand> targets))
        || !(decoding.operands(2).get(1) instanceof Operand.Vector(List<Operand> values))
        || targets.size() != number
        || values.size() != number) {
      throw decoding.unsupported();
    }
    // through temporaries: {a, b} = {b, a} swaps
    LaneFunction move = BITS.find("move" + type.bits());
    Operation[] moves = new Operation[2 * number];
    for (int i = 0; i < number; i++) {
      int temporary =
          type.bits() == Long.SIZE
              ? decoding.layout().temporaryLong()
              : decoding.layout().temporaryWord();
      moves[i] =
          LaneLoops.operation(move, temporary, decoding.source(values.get(i), move.operand(0)));
      moves[number + i] =
          LaneLoops.operation(move, decoding.destination(targets.get(i), move.result()), temporary);
    }
    return decoding.finish(moves);
  }

  /** {@code mov.b64 d, {a, b}}; the first element is the lowest. */
  private static Operation pack(
      Decoding decoding, ScalarType type, Operand target, List<Operand> parts) {
    LaneFunction function =
        type.kind() == ScalarType.Kind.BITS
            ? VECTORS.find("pack" + type.bits() + "of" + parts.size())
            : null;
    if (function == null) {
      throw decoding.unsupported();
    }
    int[] sources = new int[parts.size()];
    for (int i = 0; i < sources.length; i++) {
      sources[i] = decoding.source(parts.get(i), function.operand(i));
    }
    return decoding.lanes(function, decoding.destination(target, function.result()), sources);
  }

  /** {@code mov.b64 {a, b}, d}, where {@code _} may stand for a or b. */
  private static Operation unpack(
      Decoding decoding, ScalarType type, List<Operand> parts, Operand value) {
    if (type.kind() != ScalarType.Kind.BITS) {
      throw decoding.unsupported();
    }
    List<Operation> operations = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      LaneFunction function = VECTORS.find("part" + i + "of" + parts.size() + "in" + type.bits());
      if (function == null) {
        throw decoding.unsupported();
      }
      if (!(parts.get(i) instanceof Operand.Sink)) {
        operations.add(
            LaneLoops.operation(
                function,
                decoding.destination(parts.get(i), function.result()),
                decoding.source(value, function.operand(0))));
      }
    }
    return decoding.finish(operations.toArray(Operation[]::new));
  }
}
