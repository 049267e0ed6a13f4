package dev.culebra.emulator.exec;

import static dev.culebra.emulator.ptx.ScalarType.B32;
import static dev.culebra.emulator.ptx.ScalarType.B64;
import static dev.culebra.emulator.ptx.ScalarType.S32;
import static dev.culebra.emulator.ptx.ScalarType.S64;
import static dev.culebra.emulator.ptx.ScalarType.U32;
import static dev.culebra.emulator.ptx.ScalarType.U64;

import dev.culebra.emulator.ptx.ScalarType;

/** Decodes what works on bits and bytes (PTX ISA 9.7.1.14 to 9.7.1.24, 9.7.9.7). */
final class BitFieldDecoder {
  private static final ScalarMethods METHODS = new ScalarMethods(BitFields.class);
  private static final ScalarMethods PRODUCTS = new ScalarMethods(DotProducts.class);

  private BitFieldDecoder() {}

  static Operation decode(Decoding decoding) {
    String opcode = decoding.opcode();
    return switch (opcode) {
      case "popc", "clz", "brev", "bfi" ->
          decoding.lanes(METHODS.find(opcode + decoding.type(B32, B64).bits()));
      case "fns" -> decoding.lanes(METHODS.find(opcode + decoding.type(B32).bits()));
      case "bfind" -> {
        String shift = decoding.modifiers.take("shiftamt") ? "Shift" : "";
        yield decoding.lanes(METHODS.find(opcode + shift + decoding.type(U32, U64, S32, S64)));
      }
      case "bfe" -> decoding.lanes(METHODS.find(opcode + decoding.type(U32, U64, S32, S64)));
      case "bmsk" ->
          decoding.lanes(METHODS.find(opcode + mode(decoding) + decoding.type(B32).bits()));
      case "szext" ->
          decoding.lanes(METHODS.find(opcode + mode(decoding) + decoding.type(U32, S32)));
      case "dp4a" -> decoding.lanes(PRODUCTS.find(opcode + types(decoding)));
      case "dp2a" -> {
        String half = decoding.requireOneOf("lo", "hi").equals("lo") ? "Lo" : "Hi";
        yield decoding.lanes(PRODUCTS.find(opcode + half + types(decoding)));
      }
      case "prmt" -> {
        String mode = decoding.modifiers.takeOneOf("f4e", "b4e", "rc8", "ecl", "ecr", "rc16");
        decoding.require(B32.spelling());
        yield decoding.lanes(METHODS.find(mode == null ? opcode : opcode + Names.capital(mode)));
      }
      default -> throw decoding.unsupported();
    };
  }

  private static String mode(Decoding decoding) {
    return Names.capital(decoding.requireOneOf("clamp", "wrap"));
  }

  private static String types(Decoding decoding) {
    ScalarType second = decoding.type(U32, S32);
    return decoding.type(U32, S32).name() + second;
  }
}
