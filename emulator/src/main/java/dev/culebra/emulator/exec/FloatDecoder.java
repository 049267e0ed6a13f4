package dev.culebra.emulator.exec;

import static dev.culebra.emulator.ptx.ScalarType.F32;
import static dev.culebra.emulator.ptx.ScalarType.F64;

import dev.culebra.emulator.ptx.ScalarType;

/** Decodes arithmetic of f32 and f64 (PTX ISA 9.7.3). */
final class FloatDecoder {
  private static final ScalarMethods METHODS = new ScalarMethods(FloatArithmetic.class);

  private FloatDecoder() {}

  static Operation decode(Decoding decoding) {
    Modifiers modifiers = decoding.modifiers;
    ScalarType type = decoding.type(F32, F64);
    boolean ftz = type == F32 && modifiers.take("ftz");
    String opcode = decoding.opcode();
    return switch (opcode) {
      case "add", "sub", "mul", "fma", "mad", "div" -> {
        boolean saturated = type == F32 && !opcode.equals("div") && modifiers.take("sat");
        boolean optional = opcode.equals("add") || opcode.equals("sub") || opcode.equals("mul");
        String rounding = modifiers.takeOneOf("rn", "rz", "rm", "rp");
        if (rounding == null && !optional) {
          throw decoding.unsupported();
        }
        String name = opcode.equals("mad") ? "fma" : opcode;
        LaneFunction function =
            flushed(
                METHODS.find(name + Names.capital(rounding == null ? "rn" : rounding) + type), ftz);
        yield decoding.lanes(
            function != null && saturated
                ? function.then(METHODS.method("saturateF32"))
                : function);
      }
      case "abs", "neg" -> decoding.lanes(flushed(METHODS.find(opcode + type), ftz));
      case "min", "max" -> {
        boolean nan = type == F32 && modifiers.take("NaN");
        yield decoding.lanes(flushed(METHODS.find(opcode + (nan ? "Nan" : "") + type), ftz));
      }
      default -> throw decoding.unsupported();
    };
  }

  /** A function with {@code .ftz}, where that is wanted. */
  private static LaneFunction flushed(LaneFunction function, boolean ftz) {
    return function == null || !ftz
        ? function
        : function.withOperandsThrough(METHODS.method("flush")).then(METHODS.method("flush"));
  }
}
