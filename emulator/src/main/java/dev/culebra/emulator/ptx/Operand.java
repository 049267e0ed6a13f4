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

  /** {@code -a}: a source of {@code vmad} (PTX ISA 9.7.17). */
  record Negated(Operand operand) implements Operand {}

  /**
   * Some bytes or halves of a register that a video instruction reads or writes: {@code %r1.b0},
   * {@code %r2.h10} (PTX ISA 9.7.17 and 9.7.18).
   *
   * @param selector without its dot
   */
  record Selected(Register register, String selector) implements Operand {}

  /**
   * A register that the hardware fills: {@code %tid.x} has name {@code tid} and component x.
   *
   * @param component x, y, z, w; null where it has none, or all of a vector is meant
   */
  record SpecialRegister(String name, String component) implements Operand {}

  /** An integer constant, a constant expression's value too; 64 bits, two's complement. */
  record IntegerConstant(long value) implements Operand {}

  /** A floating constant: of {@code 0f} the exact bits of F32 widened, else a double. */
  record FloatConstant(double value, long bits, ScalarType type) implements Operand {}

  /**
   * The address of a variable or of a function, used as a value: {@code mov.u64 %rd1, table+8}.
   *
   * @param name of a variable, parameter or result of the function, else of the module
   */
  record SymbolAddress(String name, long offset) implements Operand {}

  /**
   * {@code [base+offset]}.
   *
   * @param base a {@link Register}, a {@link SymbolAddress} of offset 0, or null for an absolute
   *     address
   */
  record Address(Operand base, long offset) implements Operand {}

  /** {@code [a].unified}: an address of a {@code .unified} variable (PTX ISA 9.7.9.8). */
  record UnifiedAddress(Address address) implements Operand {}

  /**
   * {@code array[%r1+offset]}: an element of an array that a register chooses (PTX ISA 6.4.2). Its
   * address is that of the array plus {@code (index + offset) * elementBytes}, which is computed in
   * the register's width and extended by zeros.
   *
   * @param offset in elements
   */
  record ElementAddress(SymbolAddress array, Register index, long offset, int elementBytes)
      implements Operand {}

  /**
   * {@code [map, {c0, c1}]} or {@code [texture, sampler, {c0, c1}]}: a texture's or tensor map's
   * coordinates.
   *
   * @param map a {@link Register} or a {@link SymbolAddress}
   * @param sampler likewise; null where there is none
   */
  record TensorAddress(Operand map, Operand sampler, List<Operand> coordinates)
      implements Operand {}

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

  /** The label of a {@code .branchtargets}, {@code .calltargets} or {@code .callprototype}. */
  record DirectiveLabel(String name) implements Operand {}

  /**
   * {@code (a, b)}: what a call passes or takes. A call's operands are always results, whom it
   * calls (a {@link SymbolAddress} or a {@link Register}) and arguments, with empty lists where
   * none are written, then perhaps a {@link DirectiveLabel}.
   */
  record Arguments(List<Operand> elements) implements Operand {}

  /** {@code _}: a result that nobody wants. */
  record Sink() implements Operand {}
}
