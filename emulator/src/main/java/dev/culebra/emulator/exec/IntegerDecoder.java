package dev.culebra.emulator.exec;

import static dev.culebra.emulator.ptx.ScalarType.S16;
import static dev.culebra.emulator.ptx.ScalarType.S16X2;
import static dev.culebra.emulator.ptx.ScalarType.S32;
import static dev.culebra.emulator.ptx.ScalarType.S64;
import static dev.culebra.emulator.ptx.ScalarType.U16;
import static dev.culebra.emulator.ptx.ScalarType.U16X2;
import static dev.culebra.emulator.ptx.ScalarType.U32;
import static dev.culebra.emulator.ptx.ScalarType.U64;

import dev.culebra.emulator.ptx.ScalarType;

/** Decodes integer arithmetic (PTX ISA 9.7.1). */
final class IntegerDecoder {
  private static final ScalarMethods METHODS = new ScalarMethods(IntegerArithmetic.class);
  private static final ScalarMethods PACKED = new ScalarMethods(PackedIntegers.class);
  private static final ScalarType[] ALL = {S16, U16, S32, U32, S64, U64};
  private static final ScalarType[] PACKABLE = {S16, U16, S32, U32, S64, U64, S16X2, U16X2};
  private static final ScalarType[] SIGNED = {S16, S32, S64};
  private static final ScalarType[] WORDS = {S32, U32};
  private static final ScalarType[] NARROW = {S16, U16, S32, U32};

  private IntegerDecoder() {}

  static Operation decode(Decoding decoding) {
    Modifiers modifiers = decoding.modifiers;
    String opcode = decoding.opcode();
    return switch (opcode) {
      case "add", "sub" -> {
        if (modifiers.take("sat")) {
          yield decoding.lanes(method(opcode + "Sat", decoding.type(S32)));
        }
        yield decoding.lanes(method(opcode, decoding.type(PACKABLE)));
      }
      case "mul", "mad" -> product(decoding);
      case "mul24", "mad24" -> {
        String half = decoding.requireOneOf("lo", "hi");
        boolean saturated = opcode.equals("mad24") && half.equals("hi") && modifiers.take("sat");
        ScalarType type = saturated ? decoding.type(S32) : decoding.type(WORDS);
        yield decoding.lanes(method(opcode + Names.capital(half) + (saturated ? "Sat" : ""), type));
      }
      case "sad", "div", "rem" -> decoding.lanes(method(opcode, decoding.type(ALL)));
      case "abs", "neg" -> decoding.lanes(method(opcode, decoding.type(SIGNED)));
      case "min", "max" -> {
        boolean relu = modifiers.take("relu");
        ScalarType type = relu ? decoding.type(S32, S16X2) : decoding.type(PACKABLE);
        LaneFunction function = method(opcode, type);
        if (relu) {
          function =
              function.then(type == S32 ? METHODS.method("reluS32") : PACKED.method("reluS16x2"));
        }
        yield decoding.lanes(function);
      }
      default -> throw decoding.unsupported();
    };
  }

  private static Operation product(Decoding decoding) {
    String half = decoding.requireOneOf("lo", "hi", "wide");
    boolean saturated =
        decoding.opcode().equals("mad") && half.equals("hi") && decoding.modifiers.take("sat");
    ScalarType type =
        saturated
            ? decoding.type(S32)
            : half.equals("wide") ? decoding.type(NARROW) : decoding.type(ALL);
    return decoding.lanes(
        method(decoding.opcode() + Names.capital(half) + (saturated ? "Sat" : ""), type));
  }

  /** The method for a type, or the one for all types of its width. */
  private static LaneFunction method(String name, ScalarType type) {
    LaneFunction exact = METHODS.find(name + type);
    return switch (type) {
      case S16X2 -> packed(name, "S16x2");
      case U16X2 -> packed(name, "U16x2");
      default -> exact != null ? exact : METHODS.find(name + type.bits());
    };
  }

  private static LaneFunction packed(String name, String type) {
    LaneFunction exact = PACKED.find(name + type);
    return exact != null ? exact : PACKED.find(name + type.substring(1));
  }
}
