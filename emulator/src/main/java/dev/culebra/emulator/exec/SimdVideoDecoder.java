package dev.culebra.emulator.exec;

import dev.culebra.emulator.ptx.Instruction;
import dev.culebra.emulator.ptx.Operand;
import dev.culebra.emulator.ptx.ScalarType;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Video instructions on two halves or four bytes (PTX ISA 9.7.18). */
final class SimdVideoDecoder {
  private static final Set<String> NAMES =
      Set.of("vadd", "vsub", "vavrg", "vabsdiff", "vmin", "vmax", "vset");

  private SimdVideoDecoder() {}

  /** Null for another instruction. */
  static Operation decode(Instruction instruction, DecodeContext context) {
    String opcode = instruction.opcode();
    int width = opcode.endsWith("2") ? 16 : opcode.endsWith("4") ? 8 : 0;
    String name = opcode.substring(0, opcode.length() - 1);
    if (width == 0 || !NAMES.contains(name)) {
      return null;
    }
    Modifiers modifiers = context.modifiers(instruction);
    boolean compares = name.equals("vset");
    boolean signed = !compares && isSigned(modifiers);
    boolean firstSigned = isSigned(modifiers);
    boolean secondSigned = isSigned(modifiers);
    String function =
        compares
            ? modifiers.takeOneOf("eq", "ne", "lt", "le", "gt", "ge")
            : name.substring("v".length());
    boolean saturates = !compares && modifiers.take("sat");
    boolean accumulates = !saturates && modifiers.take("add");
    modifiers.finish();
    List<Operand> operands = instruction.operands();
    if (function == null || operands.size() != 4) {
      throw context.unsupported(instruction);
    }
    int count = Integer.SIZE / width;
    int mask = 0;
    for (int element : selection(operands.get(0), count, 0)) {
      mask |= 1 << element;
    }
    SimdVideoOperation operation =
        new SimdVideoOperation(
            SimdVideoOperation.Function.valueOf(function.toUpperCase(Locale.ROOT)),
            width,
            new SimdVideoOperation.Source(selection(operands.get(1), count, 0), firstSigned),
            new SimdVideoOperation.Source(selection(operands.get(2), count, count), secondSigned),
            signed,
            saturates,
            accumulates,
            mask);
    return operation.on(
        context.destination(instruction, register(operands.get(0)), ScalarType.B32),
        context.source(instruction, register(operands.get(1)), ScalarType.B32),
        context.source(instruction, register(operands.get(2)), ScalarType.B32),
        context.source(instruction, operands.get(3), ScalarType.B32));
  }

  private static boolean isSigned(Modifiers modifiers) {
    String type = modifiers.takeNext();
    if (!"u32".equals(type) && !"s32".equals(type)) {
      throw modifiers.unsupported();
    }
    return type.equals("s32");
  }

  private static Operand register(Operand operand) {
    return operand instanceof Operand.Selected(Operand.Register register, String _)
        ? register
        : operand;
  }

  /** {@code .h10} names elements from the highest down; without it they are all of one operand. */
  private static int[] selection(Operand operand, int count, int first) {
    if (operand instanceof Operand.Selected(Operand.Register _, String selector)) {
      return new StringBuilder(selector.substring(1))
          .reverse()
          .chars()
          .map(digit -> digit - '0')
          .toArray();
    }
    int[] all = new int[count];
    for (int i = 0; i < count; i++) {
      all[i] = first + i;
    }
    return all;
  }
}
