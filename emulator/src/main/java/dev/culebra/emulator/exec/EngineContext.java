package dev.culebra.emulator.exec;

import dev.culebra.emulator.profile.DeviceProfile;
import dev.culebra.emulator.ptx.Function;
import dev.culebra.emulator.ptx.Instruction;
import dev.culebra.emulator.ptx.Operand;
import dev.culebra.emulator.ptx.ScalarType;
import dev.culebra.emulator.ptx.StateSpace;

/** A function of a kernel in which instructions are decoded: knows addresses and constants. */
final class EngineContext extends DecodeContext {
  private static final int WORD_BITS = 32;

  private final Kernel kernel;
  private final Function function;
  private final FunctionScope scope;

  EngineContext(Kernel kernel, Function function, FrameLayout layout, FunctionScope scope) {
    super(kernel.program().module().name(), layout);
    this.kernel = kernel;
    this.function = function;
    this.scope = scope;
  }

  Kernel kernel() {
    return kernel;
  }

  Function function() {
    return function;
  }

  /** What a name stands for; null where nothing is known under it. */
  Place place(String name) {
    return scope.find(name);
  }

  @Override
  DeviceProfile profile() {
    return kernel.program().profile();
  }

  Site site(Instruction instruction) {
    return new Site(module(), function, instruction);
  }

  @Override
  int source(Instruction instruction, Operand operand, ScalarType type) {
    if (operand instanceof Operand.SpecialRegister special) {
      int slot = type.bits() == WORD_BITS ? constantSpecial(special) : -1;
      if (slot < 0) {
        throw unsupported(instruction);
      }
      return slot;
    }
    return super.source(instruction, operand, type);
  }

  @Override
  int constantSpecial(Operand.SpecialRegister register) {
    String name = name(register);
    return SpecialRegisters.WORDS.contains(name) ? layout().special(name) : -1;
  }

  /** Slot of a predicate that is read, perhaps negated. */
  int predicate(Instruction instruction, Operand operand) {
    return switch (operand) {
      case Operand.Register register when register.type() == ScalarType.PRED ->
          layout().slot(register);
      case Operand.NegatedPredicate(Operand.Register register) -> layout().slot(register);
      default -> throw unsupported(instruction);
    };
  }

  /** "tid.x" of {@code %tid.x}. */
  static String name(Operand.SpecialRegister special) {
    String name = special.name().startsWith("%") ? special.name().substring(1) : special.name();
    return special.component() == null ? name : name + "." + special.component();
  }

  @Override
  int address(Instruction instruction, Operand.SymbolAddress symbol, boolean wide) {
    Place place = scope.find(symbol.name());
    if (place == null) {
      throw new UnsupportedPtxException(
          symbol.name()
              + " is not defined in this module, "
              + module()
              + ":"
              + instruction.position());
    }
    long offset = symbol.offset();
    return switch (place) {
      case Place.Local(var variable, int at) ->
          layout().frameAddress(at + offset, variable.space() == StateSpace.PARAM, wide);
      case Place.Parameter(_, int at) -> constant(Windows.PARAM + at + offset, wide);
      case Place.Shared(_, int at) -> constant(at + offset, wide);
      case Place.Global(_, long at) -> constant(at + offset, wide);
      case Place.Callable(_, long at) -> constant(at + offset, wide);
    };
  }

  /**
   * The address of an access.
   *
   * @param space null for a generic address
   */
  AddressOperand address(Instruction instruction, Operand operand, StateSpace space) {
    return switch (operand) {
      case Operand.Address(Operand.SymbolAddress symbol, long offset) ->
          ofSymbol(instruction, symbol, offset, space);
      case Operand.Address(Operand.Register register, long offset) -> {
        boolean wide = register.type().bits() == 2 * WORD_BITS;
        if (!wide && register.type().bits() != WORD_BITS) {
          throw unsupported(instruction);
        }
        yield new AddressOperand(space(space), wide, layout().slot(register), offset);
      }
      case Operand.Address(Operand base, long offset) when base == null ->
          new AddressOperand(space(space), true, layout().wide(0), offset);
      case Operand.UnifiedAddress(Operand.Address address) -> address(instruction, address, space);
      case Operand.SymbolAddress symbol -> ofSymbol(instruction, symbol, symbol.offset(), space);
      default -> throw unsupported(instruction);
    };
  }

  private static Space space(StateSpace space) {
    return switch (space) {
      case null -> Space.GENERIC;
      case GLOBAL, CONST -> Space.GLOBAL;
      case SHARED -> Space.SHARED;
      case LOCAL -> Space.LOCAL;
      case PARAM -> Space.GENERIC;
      case REG -> throw new IllegalArgumentException("registers have no addresses");
    };
  }

  /** What a name stands for says which space it lies in. */
  private AddressOperand ofSymbol(
      Instruction instruction, Operand.SymbolAddress symbol, long offset, StateSpace space) {
    Place place = scope.find(symbol.name());
    boolean fits =
        place == null
            || switch (place) {
              case Place.Local(var variable, int _) -> space == null || space == variable.space();
              case Place.Parameter _ -> space == null || space == StateSpace.PARAM;
              case Place.Shared _ -> space == null || space == StateSpace.SHARED;
              case Place.Global(var variable, long _) -> space == null || space == variable.space();
              case Place.Callable _ -> false;
            };
    if (!fits) {
      throw unsupported(instruction);
    }
    Operand.SymbolAddress base = new Operand.SymbolAddress(symbol.name(), 0);
    if (place instanceof Place.Shared) {
      return new AddressOperand(Space.SHARED, false, address(instruction, base, false), offset);
    }
    int slot = address(instruction, base, true);
    return place instanceof Place.Local(var variable, int _) && variable.space() == StateSpace.LOCAL
        ? new AddressOperand(Space.LOCAL, true, slot, offset)
        : new AddressOperand(Space.GENERIC, true, slot, offset);
  }

  private int constant(long value, boolean wide) {
    return wide ? layout().wide(value) : layout().word((int) value);
  }
}
