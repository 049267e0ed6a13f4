package dev.culebra.emulator.exec;

import dev.culebra.emulator.profile.DeviceProfile;
import dev.culebra.emulator.ptx.Instruction;
import dev.culebra.emulator.ptx.Operand;
import dev.culebra.emulator.ptx.ScalarType;
import java.util.Set;

/**
 * The function in which instructions are decoded: turns operands into slots of its {@link
 * FrameLayout}.
 */
class DecodeContext {
  private static final int WORD_BITS = 32;

  private static final Set<String> CONSTANT_SPECIALS =
      Set.of(
          "tid",
          "ntid",
          "ctaid",
          "nctaid",
          "laneid",
          "warpid",
          "nwarpid",
          "lanemask_eq",
          "lanemask_le",
          "lanemask_lt",
          "lanemask_ge",
          "lanemask_gt");

  private final String module;
  private final FrameLayout layout;

  DecodeContext(String module, FrameLayout layout) {
    this.module = module;
    this.layout = layout;
  }

  String module() {
    return module;
  }

  FrameLayout layout() {
    return layout;
  }

  /** The device that is decoded for. */
  DeviceProfile profile() {
    return DeviceProfile.H100;
  }

  Modifiers modifiers(Instruction instruction) {
    return new Modifiers(module, instruction);
  }

  UnsupportedPtxException unsupported(Instruction instruction) {
    return UnsupportedPtxException.of(module, instruction);
  }

  /**
   * Slot of an operand that an operation of {@code type} reads: a register of the bank that the
   * type needs, a constant, or a special register (words only).
   */
  int source(Instruction instruction, Operand operand, ScalarType type) {
    boolean wide = type.bits() > WORD_BITS;
    return switch (operand) {
      case Operand.Register register when FrameLayout.bank(register.type()) == bank(type) ->
          layout.slot(register);
      case Operand.IntegerConstant constant ->
          wide ? layout.wide(constant.value()) : layout.word(narrow(constant.value(), type));
      case Operand.FloatConstant constant when type == ScalarType.F64 || wide ->
          layout.wide(Double.doubleToRawLongBits(constant.value()));
      case Operand.FloatConstant constant when type.bits() == WORD_BITS ->
          layout.word(
              constant.type() == ScalarType.F32
                  ? (int) constant.bits()
                  : Float.floatToRawIntBits((float) constant.value()));
      case Operand.SymbolAddress symbol -> address(instruction, symbol, wide);
      default -> throw unsupported(instruction);
    };
  }

  /** Slot of the register that an operation of {@code type} writes. */
  int destination(Instruction instruction, Operand operand, ScalarType type) {
    return switch (operand) {
      case Operand.Register register when FrameLayout.bank(register.type()) == bank(type) ->
          layout.slot(register);
      case Operand.Sink() ->
          switch (bank(type)) {
            case WORD -> layout.temporaryWord();
            case LONG -> layout.temporaryLong();
            case PREDICATE -> layout.temporaryPredicate();
          };
      default -> throw unsupported(instruction);
    };
  }

  /**
   * Slot in words of a special register that stays as it is while a warp runs; -1 for any other.
   */
  int constantSpecial(Operand.SpecialRegister register) {
    return CONSTANT_SPECIALS.contains(register.name())
        ? layout.special(
            register.component() == null
                ? register.name()
                : register.name() + "." + register.component())
        : -1;
  }

  /** Slot of a constant that is the address of a variable or function; see the engine's context. */
  int address(Instruction instruction, Operand.SymbolAddress symbol, boolean wide) {
    throw unsupported(instruction);
  }

  private static FrameLayout.Bank bank(ScalarType type) {
    return FrameLayout.bank(type);
  }

  private static int narrow(long value, ScalarType type) {
    return type.bits() == WORD_BITS ? (int) value : (int) value & ((1 << type.bits()) - 1);
  }
}
