package dev.culebra.emulator.exec;

import dev.culebra.emulator.ptx.Instruction;
import dev.culebra.emulator.ptx.Operand;
import dev.culebra.emulator.ptx.ScalarType;
import dev.culebra.emulator.ptx.StateSpace;
import java.util.List;

/** Loads and stores (PTX ISA 9.7.9.8 to 12). */
final class LoadStoreFamily implements OperationFamily {
  private static final int MOST_BYTES = 32;

  @Override
  public Operation decode(Instruction instruction, DecodeContext decodeContext) {
    EngineContext context = (EngineContext) decodeContext;
    return switch (instruction.opcode()) {
      case "ld" -> load(instruction, context, context.modifiers(instruction));
      case "ldu" -> loadUniform(instruction, context, context.modifiers(instruction));
      case "st" -> store(instruction, context, context.modifiers(instruction));
      default -> null;
    };
  }

  private static Operation load(
      Instruction instruction, EngineContext context, Modifiers modifiers) {
    MemoryOrder order = AccessModifiers.takeOrder(modifiers);
    StateSpace space = AccessModifiers.takeSpace(modifiers);
    boolean constant = modifiers.take("nc");
    if (constant && (space != StateSpace.GLOBAL || order != MemoryOrder.WEAK)
        || order == MemoryOrder.RELEASE) {
      throw modifiers.unsupported();
    }
    modifiers.takeOneOf("ca", "cg", "cs", "lu", "cv");
    return finishLoad(instruction, context, modifiers, space, order);
  }

  private static Operation loadUniform(
      Instruction instruction, EngineContext context, Modifiers modifiers) {
    if (!modifiers.take("global")) {
      throw modifiers.unsupported();
    }
    return finishLoad(instruction, context, modifiers, StateSpace.GLOBAL, MemoryOrder.WEAK);
  }

  private static Operation finishLoad(
      Instruction instruction,
      EngineContext context,
      Modifiers modifiers,
      StateSpace space,
      MemoryOrder order) {
    AccessModifiers.takeHints(modifiers);
    boolean hint = modifiers.take("L2::cache_hint");
    int vector = AccessModifiers.takeVector(modifiers);
    ScalarType type = modifiers.takeType();
    modifiers.finish();
    List<Operand> operands = instruction.operands();
    checkShape(instruction, context, type, vector, hint ? 3 : 2);
    List<Operand> targets = elements(operands.get(0), vector, instruction, context);
    ScalarType register = widest(targets, type, instruction, context);
    int[] slots = new int[vector];
    for (int i = 0; i < vector; i++) {
      slots[i] = context.destination(instruction, targets.get(i), register);
    }
    boolean wide = FrameLayout.bank(register) == FrameLayout.Bank.LONG;
    if (operands.get(1) instanceof Operand.Address(Operand.SymbolAddress symbol, long offset)
        && context.place(symbol.name()) instanceof Place.Parameter(_, int at)) {
      return parameter(
          instruction,
          context,
          new ParameterLoad(
              wide, form(type, register), type.bytes(), Math.toIntExact(at + offset), slots),
          at + offset,
          type.bytes() * vector);
    }
    return LoadOperation.of(
        context.address(instruction, operands.get(1), space),
        wide,
        form(type, register),
        type.bytes(),
        slots,
        order,
        context.site(instruction));
  }

  /** A parameter's bytes have to be there, and aligned. */
  private static Operation parameter(
      Instruction instruction, EngineContext context, Operation load, long offset, int bytes) {
    if (offset < 0 || offset + bytes > context.kernel().parameterBytes() || offset % bytes != 0) {
      throw context.unsupported(instruction);
    }
    return load;
  }

  private static LoadOperation.Form form(ScalarType type, ScalarType register) {
    boolean signed = type.kind() == ScalarType.Kind.SIGNED;
    return switch (type.bits()) {
      case 8 ->
          !signed
              ? LoadOperation.Form.UNSIGNED_8
              : register.bits() == 16
                  ? LoadOperation.Form.SIGNED_8_TO_16
                  : LoadOperation.Form.SIGNED_8;
      case 16 ->
          signed && register.bits() > 16
              ? LoadOperation.Form.SIGNED_16
              : LoadOperation.Form.UNSIGNED_16;
      case 32 -> signed ? LoadOperation.Form.SIGNED_32 : LoadOperation.Form.UNSIGNED_32;
      default -> LoadOperation.Form.BITS_64;
    };
  }

  private static Operation store(
      Instruction instruction, EngineContext context, Modifiers modifiers) {
    MemoryOrder order = AccessModifiers.takeOrder(modifiers);
    StateSpace space = AccessModifiers.takeSpace(modifiers);
    if (order == MemoryOrder.ACQUIRE || space == StateSpace.CONST) {
      throw modifiers.unsupported();
    }
    modifiers.takeOneOf("wb", "cg", "cs", "wt");
    AccessModifiers.takeHints(modifiers);
    boolean hint = modifiers.take("L2::cache_hint");
    int vector = AccessModifiers.takeVector(modifiers);
    ScalarType type = modifiers.takeType();
    modifiers.finish();
    List<Operand> operands = instruction.operands();
    checkShape(instruction, context, type, vector, hint ? 3 : 2);
    List<Operand> values = elements(operands.get(1), vector, instruction, context);
    ScalarType register = widest(values, type, instruction, context);
    int[] slots = new int[vector];
    for (int i = 0; i < vector; i++) {
      slots[i] = context.source(instruction, values.get(i), register);
    }
    return new StoreOperation(
        context.address(instruction, operands.get(0), space),
        FrameLayout.bank(register) == FrameLayout.Bank.LONG,
        type.bytes(),
        slots,
        order,
        context.site(instruction));
  }

  private static void checkShape(
      Instruction instruction, EngineContext context, ScalarType type, int vector, int operands) {
    boolean known =
        switch (type.kind()) {
          case BITS, UNSIGNED, SIGNED -> type.bits() <= 64;
          case FLOAT -> type == ScalarType.F32 || type == ScalarType.F64;
          case PACKED, PREDICATE, OPAQUE -> false;
        };
    if (!known || type.bytes() * vector > MOST_BYTES || instruction.operands().size() != operands) {
      throw context.unsupported(instruction);
    }
  }

  private static List<Operand> elements(
      Operand operand, int vector, Instruction instruction, EngineContext context) {
    if (vector == 1) {
      return List.of(operand);
    }
    if (operand instanceof Operand.Vector(List<Operand> elements) && elements.size() == vector) {
      return elements;
    }
    throw context.unsupported(instruction);
  }

  /**
   * The type of the registers: as wide as the access, or wider (PTX ISA 9.4.1), all of one width.
   */
  private static ScalarType widest(
      List<Operand> operands, ScalarType type, Instruction instruction, EngineContext context) {
    ScalarType widest = null;
    for (Operand operand : operands) {
      if (!(operand instanceof Operand.Register register)) {
        continue;
      }
      int bits = register.type().bits();
      if (bits < type.bits()
          || register.type() == ScalarType.PRED
          || widest != null && widest.bits() != bits) {
        throw context.unsupported(instruction);
      }
      widest = register.type();
    }
    return widest != null ? widest : type;
  }
}
