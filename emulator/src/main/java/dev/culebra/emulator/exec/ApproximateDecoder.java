package dev.culebra.emulator.exec;

import static dev.culebra.emulator.ptx.ScalarType.BF16;
import static dev.culebra.emulator.ptx.ScalarType.BF16X2;
import static dev.culebra.emulator.ptx.ScalarType.F16;
import static dev.culebra.emulator.ptx.ScalarType.F16X2;
import static dev.culebra.emulator.ptx.ScalarType.F32;
import static dev.culebra.emulator.ptx.ScalarType.F64;

import dev.culebra.emulator.ptx.ScalarType;

/** Decodes approximate instructions (PTX ISA 9.7.3, 9.7.4.9, 9.7.4.10). */
final class ApproximateDecoder {
  private static final ScalarMethods ROUNDED = new ScalarMethods(Approximations.class);
  private static final ScalarMethods PERTURBED = new ScalarMethods(PerturbedApproximations.class);
  private static final ScalarMethods FLOATS = new ScalarMethods(FloatArithmetic.class);

  private ApproximateDecoder() {}

  /** Whether an instruction is approximate. */
  static boolean decodes(Decoding decoding) {
    return decoding.has("approx") || decoding.has("full");
  }

  static Operation decode(Decoding decoding) {
    Modifiers modifiers = decoding.modifiers;
    String opcode = decoding.opcode();
    ScalarType type = decoding.type(F32, F64, F16, F16X2, BF16, BF16X2);
    if (opcode.equals("div")) {
      String kind = decoding.requireOneOf("approx", "full");
      return single(decoding, opcode + Names.capital(kind), type == F32);
    }
    decoding.require("approx");
    return switch (type) {
      case F32 -> single(decoding, opcode, true);
      case F64 -> {
        boolean ftz = modifiers.take("ftz");
        yield decoding.lanes(ROUNDED.find(opcode + (ftz ? "Ftz" : "") + type));
      }
      default -> half(decoding, opcode, type);
    };
  }

  private static Operation single(Decoding decoding, String name, boolean f32) {
    boolean ftz = !name.equals("tanh") && decoding.modifiers.take("ftz");
    return either(decoding, f32 ? name + F32 : "", ftz, FLOATS.method("flush"), false);
  }

  private static Operation half(Decoding decoding, String opcode, ScalarType type) {
    boolean bf16 = type == BF16 || type == BF16X2;
    boolean ftz = bf16 && opcode.equals("ex2");
    if (ftz) {
      decoding.require("ftz");
    }
    return either(
        decoding,
        opcode + (bf16 ? BF16 : F16),
        ftz,
        ROUNDED.method("flushBF16"),
        type == F16X2 || type == BF16X2);
  }

  private static Operation either(
      Decoding decoding, String name, boolean ftz, ScalarMethod flush, boolean pair) {
    LaneFunction rounded = ROUNDED.find(name);
    LaneFunction perturbed = PERTURBED.find(name);
    if (rounded == null || perturbed == null) {
      throw decoding.unsupported();
    }
    if (ftz) {
      rounded = rounded.withOperandsThrough(flush).then(flush);
      perturbed = perturbed.withOperandsThrough(flush).then(flush);
    }
    LaneFunction.Parts parts = pair ? LaneFunction.Parts.BOTH : LaneFunction.Parts.WHOLE;
    return decoding.approximate(rounded.of(parts), perturbed.of(parts));
  }
}
