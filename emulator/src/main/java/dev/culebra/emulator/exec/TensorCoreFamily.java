package dev.culebra.emulator.exec;

import dev.culebra.emulator.ptx.Instruction;
import dev.culebra.emulator.ptx.ScalarType;
import java.util.List;

/** Matrices held by the registers of a warp (PTX ISA 9.7.14). */
final class TensorCoreFamily implements OperationFamily {
  private static final int HOPPER = 90;

  @Override
  public Operation decode(Instruction instruction, DecodeContext context) {
    return switch (instruction.opcode()) {
      case "mma" -> MmaDecoder.decode(instruction, context);
      case "wmma" -> wmma(instruction, context);
      case "movmatrix" -> moveMatrix(instruction, context);
      case "ldmatrix" -> RowAccess.load(instruction, context);
      case "stmatrix" -> {
        MatrixModifiers.require(instruction, context, HOPPER);
        yield RowAccess.store(instruction, context);
      }
      default -> null;
    };
  }

  private static Operation wmma(Instruction instruction, DecodeContext context) {
    List<String> modifiers = instruction.modifiers();
    return switch (modifiers.isEmpty() ? "" : modifiers.getFirst()) {
      case "load" -> WmmaAccess.load(instruction, context);
      case "store" -> WmmaAccess.store(instruction, context);
      case "mma" -> WmmaDecoder.decode(instruction, context);
      default -> throw context.unsupported(instruction);
    };
  }

  private static Operation moveMatrix(Instruction instruction, DecodeContext context) {
    Modifiers modifiers = context.modifiers(instruction);
    boolean understood =
        modifiers.take("sync")
            && modifiers.take("aligned")
            && modifiers.take("m8n8")
            && modifiers.take("trans")
            && modifiers.take("b16")
            && instruction.operands().size() == 2;
    if (!understood) {
      throw modifiers.unsupported();
    }
    modifiers.finish();
    return new MoveMatrixOperation(
        context.source(instruction, instruction.operands().get(1), ScalarType.B32),
        context.destination(instruction, instruction.operands().get(0), ScalarType.B32));
  }
}
