package dev.culebra.emulator.exec;

import static dev.culebra.emulator.ptx.ScalarType.BF16;
import static dev.culebra.emulator.ptx.ScalarType.BF16X2;
import static dev.culebra.emulator.ptx.ScalarType.F16;
import static dev.culebra.emulator.ptx.ScalarType.F16X2;
import static dev.culebra.emulator.ptx.ScalarType.F32;

import dev.culebra.emulator.ptx.ScalarType;

/** Decodes arithmetic of f16 and bf16, and of f32 with these (PTX ISA 9.7.4 and 9.7.5). */
final class HalfDecoder {
  private static final ScalarMethods METHODS = new ScalarMethods(HalfArithmetic.class);
  private static final ScalarMethods CONVERSIONS = new ScalarMethods(FloatConversions.class);

  private HalfDecoder() {}

  static Operation decode(Decoding decoding) {
    ScalarType type = decoding.type(F16, F16X2, BF16, BF16X2);
    if (decoding.modifiers.take(F32.spelling())) {
      return mixed(decoding, type);
    }
    return decoding.lanes(
        function(decoding, type == F16 || type == F16X2)
            .of(
                type == F16X2 || type == BF16X2
                    ? LaneFunction.Parts.BOTH
                    : LaneFunction.Parts.WHOLE));
  }

  /** The function of one element. */
  private static LaneFunction function(Decoding decoding, boolean f16) {
    Modifiers modifiers = decoding.modifiers;
    String opcode = decoding.opcode();
    String type = f16 ? "F16" : "BF16";
    boolean ftz = f16 && modifiers.take("ftz");
    LaneFunction function =
        switch (opcode) {
          case "add", "sub", "mul" -> {
            modifiers.take("rn");
            boolean saturated = f16 && modifiers.take("sat");
            LaneFunction found = flushed(METHODS.find(opcode + type), ftz);
            yield saturated ? found.then(METHODS.method("saturateF16")) : found;
          }
          case "fma" -> {
            decoding.require("rn");
            boolean relu = modifiers.take("relu");
            boolean saturated = f16 && !relu && modifiers.take("sat");
            LaneFunction found = flushed(METHODS.find(opcode + type), ftz);
            yield relu
                ? found.then(METHODS.method("relu" + type))
                : saturated ? found.then(METHODS.method("saturateF16")) : found;
          }
          case "neg", "abs" -> flushed(METHODS.find(opcode + type), ftz);
          case "min", "max" -> {
            String nan = modifiers.take("NaN") ? "Nan" : "";
            boolean xor = modifiers.take("xorsign");
            if (xor) {
              decoding.require("abs");
            }
            yield flushed(METHODS.find(opcode + nan + (xor ? "Xor" : "") + type), ftz);
          }
          default -> null;
        };
    if (function == null) {
      throw decoding.unsupported();
    }
    return function;
  }

  private static LaneFunction flushed(LaneFunction function, boolean ftz) {
    ScalarMethod flush = METHODS.method("flushF16");
    return ftz ? function.withOperandsThrough(flush).then(flush) : function;
  }

  /** {@code fma.rn.sat.f32.bf16 d, a, b, c}: c and d are f32. */
  private static Operation mixed(Decoding decoding, ScalarType type) {
    String opcode = decoding.opcode();
    ScalarMethod widen =
        switch (type) {
          case F16 -> CONVERSIONS.method("halfToF32");
          case BF16 -> CONVERSIONS.method("bfloatToF32");
          default -> throw decoding.unsupported();
        };
    LaneFunction function =
        switch (opcode) {
          case "add", "sub", "fma" -> FloatDecoder.rounded(decoding, opcode, F32);
          default -> throw decoding.unsupported();
        };
    function = function.withOperandThrough(0, widen);
    return decoding.lanes(opcode.equals("fma") ? function.withOperandThrough(1, widen) : function);
  }
}
