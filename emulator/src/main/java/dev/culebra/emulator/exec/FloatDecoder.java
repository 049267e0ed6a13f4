package dev.culebra.emulator.exec;

import static dev.culebra.emulator.ptx.ScalarType.F32;
import static dev.culebra.emulator.ptx.ScalarType.F32X2;
import static dev.culebra.emulator.ptx.ScalarType.F64;

import dev.culebra.emulator.ptx.ScalarType;

/** Decodes arithmetic of f32 and f64 (PTX ISA 9.7.3). */
final class FloatDecoder {
  private static final ScalarMethods METHODS = new ScalarMethods(FloatArithmetic.class);
  private static final ScalarMethods DIRECTED = new ScalarMethods(DirectedRounding.class);

  private FloatDecoder() {}

  static Operation decode(Decoding decoding) {
    String opcode = decoding.opcode();
    return switch (opcode) {
      case "add", "sub", "mul", "fma" -> {
        ScalarType type = decoding.type(F32, F64, F32X2);
        yield type == F32X2
            ? decoding.lanes(
                withFtz(decoding, unsaturated(decoding, opcode, F32), F32)
                    .of(LaneFunction.Parts.BOTH))
            : decoding.lanes(withFtz(decoding, rounded(decoding, opcode, type), type));
      }
      case "mad" -> {
        ScalarType type = decoding.type(F32, F64);
        yield decoding.lanes(withFtz(decoding, rounded(decoding, "fma", type), type));
      }
      case "div", "rcp", "sqrt" -> {
        if (ApproximateDecoder.decodes(decoding)) {
          yield ApproximateDecoder.decode(decoding);
        }
        ScalarType type = decoding.type(F32, F64);
        yield decoding.lanes(withFtz(decoding, unsaturated(decoding, opcode, type), type));
      }
      case "abs", "neg" -> {
        ScalarType type = decoding.type(F32, F64);
        yield decoding.lanes(withFtz(decoding, METHODS.find(opcode + type), type));
      }
      case "min", "max" -> extreme(decoding);
      case "copysign" -> decoding.lanes(METHODS.find(opcode + decoding.type(F32, F64)));
      case "testp" -> {
        ScalarType type = decoding.type(F32, F64);
        String property =
            decoding.requireOneOf(
                "finite", "infinite", "number", "notanumber", "normal", "subnormal");
        yield decoding.lanes(METHODS.find(property + type));
      }
      default -> throw decoding.unsupported();
    };
  }

  /** A function in the rounding mode that the modifiers give; {@code .sat} applied for f32. */
  static LaneFunction rounded(Decoding decoding, String name, ScalarType type) {
    LaneFunction function = unsaturated(decoding, name, type);
    return type == F32 && decoding.modifiers.take("sat")
        ? function.then(METHODS.method("saturateF32"))
        : function;
  }

  private static LaneFunction unsaturated(Decoding decoding, String name, ScalarType type) {
    String rounding = decoding.modifiers.takeOneOf("rn", "rz", "rm", "rp");
    if (rounding == null) {
      switch (name) {
        case "add", "sub", "mul" -> rounding = "rn";
        default -> throw decoding.unsupported();
      }
    }
    return (rounding.equals("rn") ? METHODS : DIRECTED).find(name + Names.capital(rounding) + type);
  }

  /** A function with {@code .ftz}, where that is there. */
  static LaneFunction withFtz(Decoding decoding, LaneFunction function, ScalarType type) {
    ScalarMethod flush = METHODS.method("flush");
    return type == F32 && decoding.modifiers.take("ftz")
        ? function.withOperandsThrough(flush).then(flush)
        : function;
  }

  /** {@code min.NaN.xorsign.abs.f32 d, a, b} and {@code min.NaN.abs.f32 d, a, b, c}. */
  private static Operation extreme(Decoding decoding) {
    Modifiers modifiers = decoding.modifiers;
    ScalarType type = decoding.type(F32, F64);
    String name = decoding.opcode();
    if (type == F64) {
      return decoding.lanes(METHODS.find(name + type));
    }
    name += modifiers.take("NaN") ? "Nan" : "";
    boolean three = decoding.operandCount() == 4;
    if (three) {
      LaneFunction function = METHODS.find(name + "3" + type);
      return decoding.lanes(
          withFtz(
              decoding,
              modifiers.take("abs")
                  ? function.withOperandsThrough(METHODS.method("absF32"))
                  : function,
              type));
    }
    if (modifiers.take("xorsign")) {
      decoding.require("abs");
      name += "Xor";
    }
    return decoding.lanes(withFtz(decoding, METHODS.find(name + type), type));
  }
}
