package dev.culebra.emulator.ptx;

/**
 * A constant expression's value (PTX ISA 4.5.6).
 *
 * @param bits two's complement of an integer, IEEE bits of a floating number
 */
record Constant(Type type, long bits) {
  /** What a constant expression is evaluated in. */
  enum Type {
    SIGNED,
    UNSIGNED,
    DOUBLE,
    /** Written {@code 0f}: exact, and of no use in an expression. */
    SINGLE
  }

  static Constant signed(long value) {
    return new Constant(Type.SIGNED, value);
  }

  static Constant of(boolean value) {
    return signed(value ? 1 : 0);
  }

  static Constant of(double value) {
    return new Constant(Type.DOUBLE, Double.doubleToRawLongBits(value));
  }

  boolean isInteger() {
    return type == Type.SIGNED || type == Type.UNSIGNED;
  }

  double doubleValue() {
    return type == Type.SINGLE ? Float.intBitsToFloat((int) bits) : Double.longBitsToDouble(bits);
  }

  /** Integers that code is full of. */
  private static final Operand.IntegerConstant[] SMALL = new Operand.IntegerConstant[1 << 10];

  static {
    for (int i = 0; i < SMALL.length; i++) {
      SMALL[i] = new Operand.IntegerConstant(i);
    }
  }

  Operand operand() {
    return switch (type) {
      case SIGNED, UNSIGNED ->
          bits >= 0 && bits < SMALL.length ? SMALL[(int) bits] : new Operand.IntegerConstant(bits);
      case DOUBLE -> new Operand.FloatConstant(doubleValue(), bits, ScalarType.F64);
      case SINGLE -> new Operand.FloatConstant(doubleValue(), bits, ScalarType.F32);
    };
  }
}
