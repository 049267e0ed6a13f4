package dev.culebra.emulator.exec;

import dev.culebra.emulator.ptx.Instruction;
import dev.culebra.emulator.ptx.ScalarType;

/**
 * Instructions that only compute, on registers of one lane at a time: PTX ISA 9.7.1 to 9.7.8, and
 * {@code mov}, {@code prmt} and {@code cvt} of 9.7.9.
 */
final class ArithmeticFamily implements OperationFamily {
  @Override
  public Operation decode(Instruction instruction, DecodeContext context) {
    return switch (instruction.opcode()) {
      case "addc", "subc", "madc" -> CarryDecoder.decode(new Decoding(instruction, context));
      case "add", "sub", "mul", "mad", "fma", "div", "abs", "neg", "min", "max" -> {
        Decoding decoding = new Decoding(instruction, context);
        if (instruction.modifiers().contains("cc")) {
          yield CarryDecoder.decode(decoding);
        }
        yield switch (kind(instruction)) {
          case FLOAT -> FloatDecoder.decode(decoding);
          case SIGNED, UNSIGNED, PACKED -> IntegerDecoder.decode(decoding);
          default -> throw decoding.unsupported();
        };
      }
      case "mul24", "mad24", "sad", "rem" ->
          IntegerDecoder.decode(new Decoding(instruction, context));
      case "popc",
          "clz",
          "bfind",
          "fns",
          "brev",
          "bfe",
          "bfi",
          "bmsk",
          "szext",
          "dp4a",
          "dp2a",
          "prmt" ->
          BitFieldDecoder.decode(new Decoding(instruction, context));
      case "and", "or", "xor", "not", "cnot", "shl", "shr", "shf", "lop3" ->
          LogicDecoder.decode(new Decoding(instruction, context));
      case "set", "setp", "selp", "slct" ->
          CompareDecoder.decode(new Decoding(instruction, context));
      case "mov" -> MoveDecoder.decode(new Decoding(instruction, context));
      case "cvt" -> ConvertDecoder.decode(new Decoding(instruction, context));
      default -> null;
    };
  }

  private static ScalarType.Kind kind(Instruction instruction) {
    ScalarType type =
        instruction.modifiers().isEmpty()
            ? null
            : ScalarType.named(instruction.modifiers().getLast());
    return type == null ? ScalarType.Kind.OPAQUE : type.kind();
  }
}
