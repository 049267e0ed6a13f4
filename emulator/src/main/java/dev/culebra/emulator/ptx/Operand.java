package dev.culebra.emulator.ptx;

import java.util.List;

/** What an instruction works on (PTX ISA 6). */
public sealed interface Operand {
  /**
   * A register of the function.
   *
   * @param index in {@link FunctionBody#registers}
   */
  record Register(String name, ScalarType type, int index) implements Operand {}

  /** {@code !%p}. */
  record NegatedPredicate(Register register) implements Operand {}

  /** A register that the hardware fills: {@code %tid.x} has name {@code tid} and component x. */
  record SpecialRegister(String name, String component) implements Operand {}

  /** An integer constant, a constant expression's value too; 64 bits, two's complement. */
  record IntegerConstant(long value) implements Operand {}

  /** A floating constant: of {@code 0f} the exact bits of F32 widened, else a double. */
  record FloatConstant(double value, long bits, ScalarType type) implements Operand {}

  /** The address of a variable or of a function, used as a value: {@code mov.u64 %rd1, table+8}. */
  record SymbolAddress(String name, long offset) implements Operand {}

  /**
   * {@code [base+offset]}.
   *
   * @param base a {@link Register}, a {@link SymbolAddress} of offset 0, or null for an absolute
   *     address
   */
  record Address(Operand base, long offset) implements Operand {}

  /** {@code [map, {c0, c1}]}: a texture's or tensor map's coordinates. */
  record TensorAddress(Operand map, List<Operand> coordinates) implements Operand {}

  /** {@code {a, b, c, d}}. */
  record Vector(List<Operand> elements) implements Operand {}

  /** {@code d|p}: two results. */
  record Pair(Operand first, Operand second) implements Operand {}

  /**
   * A label of this function.
   *
   * @param target index in {@link FunctionBody#instructions}; the number of these for a label at
   *     the end
   */
  record Label(String name, int target) implements Operand {}

  /** {@code (a, b)}: what a call passes or takes. */
  record Arguments(List<Operand> elements) implements Operand {}

  /** {@code _}: a result that nobody wants. */
  record Sink() implements Operand {}
}
