package dev.culebra.emulator.exec;

import dev.culebra.emulator.ptx.Instruction;

/**
 * Instructions that only compute, on registers of one lane at a time: PTX ISA 9.7.1 to 9.7.8,
 * {@code mov}, {@code prmt} and {@code cvt} of 9.7.9, and 9.7.18.
 */
final class ArithmeticFamily implements OperationFamily {
  @Override
  public Operation decode(Instruction instruction, DecodeContext context) {
    return switch (instruction.opcode()) {
      case "addc", "subc", "madc" -> CarryDecoder.decode(new Decoding(instruction, context));
      case "add", "sub", "mul", "mad", "fma", "div", "abs", "neg", "min", "max" -> {
        Decoding decoding = new Decoding(instruction, context);
        yield decoding.has("cc") ? CarryDecoder.decode(decoding) : byType(decoding);
      }
      case "rcp", "sqrt", "copysign", "testp" ->
          FloatDecoder.decode(new Decoding(instruction, context));
      case "rsqrt", "sin", "cos", "lg2", "ex2", "tanh" ->
          ApproximateDecoder.decode(new Decoding(instruction, context));
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
      default -> SimdVideoDecoder.decode(instruction, context);
    };
  }

  private static Operation byType(Decoding decoding) {
    return switch (decoding.lastType()) {
      case F32, F64, F32X2 -> FloatDecoder.decode(decoding);
      case F16, F16X2, BF16, BF16X2 -> HalfDecoder.decode(decoding);
      case S16, U16, S32, U32, S64, U64, S16X2, U16X2 -> IntegerDecoder.decode(decoding);
      case null, default -> throw decoding.unsupported();
    };
  }
}
