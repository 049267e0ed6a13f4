package dev.culebra.emulator.exec;

import static dev.culebra.emulator.ptx.ScalarType.S32;
import static dev.culebra.emulator.ptx.ScalarType.S64;
import static dev.culebra.emulator.ptx.ScalarType.U32;
import static dev.culebra.emulator.ptx.ScalarType.U64;

import dev.culebra.emulator.ptx.Operand;
import dev.culebra.emulator.ptx.ScalarType;
import java.util.List;

/** Decodes arithmetic of extended precision (PTX ISA 9.7.2). */
final class CarryDecoder {
  private static final ScalarMethods METHODS = new ScalarMethods(IntegerArithmetic.class);

  private CarryDecoder() {}

  static Operation decode(Decoding decoding) {
    String opcode = decoding.opcode();
    boolean gives = decoding.modifiers.take("cc");
    boolean takes = opcode.endsWith("c");
    boolean product = opcode.startsWith("mad");
    String half = product ? Names.capital(decoding.requireOneOf("lo", "hi")) : null;
    ScalarType type = decoding.type(U32, S32, U64, S64);
    boolean wide = type.bits() == Long.SIZE;
    char letter = wide ? 'J' : 'I';
    List<Operand> operands = decoding.operands(product ? 4 : 3);
    int destination = decoding.destination(operands.getFirst(), letter);
    int first = decoding.source(operands.get(1), letter);
    int second = decoding.source(operands.get(2), letter);
    if (!product) {
      return decoding.finish(
          opcode.startsWith("add")
              ? add(wide, takes, gives, destination, first, second)
              : subtract(wide, takes, gives, destination, first, second));
    }
    LaneFunction multiply =
        METHODS.find("mul" + half + (half.equals("Lo") ? String.valueOf(type.bits()) : type));
    int temporary = wide ? decoding.layout().temporaryLong() : decoding.layout().temporaryWord();
    int third = decoding.source(operands.get(3), letter);
    return decoding.finish(
        LaneLoops.operation(multiply, temporary, first, second),
        add(wide, takes, gives, destination, temporary, third));
  }

  private static Operation add(
      boolean wide, boolean takes, boolean gives, int destination, int first, int second) {
    return wide
        ? new CarryOperation.Add64(takes, gives, destination, first, second)
        : new CarryOperation.Add32(takes, gives, destination, first, second);
  }

  private static Operation subtract(
      boolean wide, boolean takes, boolean gives, int destination, int first, int second) {
    return wide
        ? new CarryOperation.Subtract64(takes, gives, destination, first, second)
        : new CarryOperation.Subtract32(takes, gives, destination, first, second);
  }
}
