package dev.culebra.emulator.exec;

/** What an atomic operation makes of the old value and its operands (PTX ISA 9.7.13.6 and 7). */
enum AtomicFunction {
  AND,
  OR,
  XOR,
  EXCHANGE,
  COMPARE_AND_SWAP,
  ADD,
  INC,
  DEC,
  MIN_SIGNED,
  MAX_SIGNED,
  MIN_UNSIGNED,
  MAX_UNSIGNED,
  ADD_F32,
  /** Subnormal operands and results become zero. */
  ADD_F32_FLUSHED,
  ADD_F64,
  /** A NaN stays as it is, a signalling one too: so an H100's global memory has it. */
  ADD_F64_KEEPING_NAN,
  ADD_F16,
  MIN_F16,
  MAX_F16,
  ADD_BF16,
  MIN_BF16,
  MAX_BF16;

  private static final int HALF_BITS = 16;
  private static final int HALF_MASK = 0xffff;

  /** For values of up to 32 bits. */
  int word(int old, int b, int c) {
    return switch (this) {
      case AND -> old & b;
      case OR -> old | b;
      case XOR -> old ^ b;
      case EXCHANGE -> b;
      case COMPARE_AND_SWAP -> old == b ? c : old;
      case ADD -> old + b;
      case INC -> Integer.compareUnsigned(old, b) >= 0 ? 0 : old + 1;
      case DEC -> old == 0 || Integer.compareUnsigned(old, b) > 0 ? b : old - 1;
      case MIN_SIGNED -> Math.min(old, b);
      case MAX_SIGNED -> Math.max(old, b);
      case MIN_UNSIGNED -> Integer.compareUnsigned(old, b) <= 0 ? old : b;
      case MAX_UNSIGNED -> Integer.compareUnsigned(old, b) >= 0 ? old : b;
      case ADD_F32 -> canonical(Float.intBitsToFloat(old) + Float.intBitsToFloat(b));
      case ADD_F32_FLUSHED -> canonical(flush(flush(old) + flush(b)));
      case ADD_F16 -> half(Float.float16ToFloat((short) old) + Float.float16ToFloat((short) b));
      case MIN_F16 -> half(lesser(Float.float16ToFloat((short) old), f16(b)));
      case MAX_F16 -> half(greater(Float.float16ToFloat((short) old), f16(b)));
      case ADD_BF16 -> brain(bf16(old) + bf16(b));
      case MIN_BF16 -> brain(lesser(bf16(old), bf16(b)));
      case MAX_BF16 -> brain(greater(bf16(old), bf16(b)));
      case ADD_F64, ADD_F64_KEEPING_NAN -> throw new IllegalStateException("f64 is no word");
    };
  }

  /** For values of 64 bits. */
  long wide(long old, long b, long c) {
    return switch (this) {
      case AND -> old & b;
      case OR -> old | b;
      case XOR -> old ^ b;
      case EXCHANGE -> b;
      case COMPARE_AND_SWAP -> old == b ? c : old;
      case ADD -> old + b;
      case MIN_SIGNED -> Math.min(old, b);
      case MAX_SIGNED -> Math.max(old, b);
      case MIN_UNSIGNED -> Long.compareUnsigned(old, b) <= 0 ? old : b;
      case MAX_UNSIGNED -> Long.compareUnsigned(old, b) >= 0 ? old : b;
      case ADD_F64 ->
          FloatArithmetic.addRnF64(Double.longBitsToDouble(old), Double.longBitsToDouble(b));
      case ADD_F64_KEEPING_NAN -> sum(old, b);
      default -> throw new IllegalStateException(this + " has no 64 bits");
    };
  }

  private static long sum(long old, long b) {
    double left = Double.longBitsToDouble(old);
    double right = Double.longBitsToDouble(b);
    return Double.isNaN(left)
        ? old
        : Double.isNaN(right) ? b : FloatArithmetic.addRnF64(left, right);
  }

  /** For two halves of a word, each on its own. */
  int pair(int old, int b) {
    return word(old & HALF_MASK, b & HALF_MASK, 0)
        | word(old >>> HALF_BITS, b >>> HALF_BITS, 0) << HALF_BITS;
  }

  private static int canonical(float value) {
    return value != value ? 0x7fffffff : Float.floatToRawIntBits(value);
  }

  private static float flush(int bits) {
    return flush(Float.intBitsToFloat(bits));
  }

  private static float flush(float value) {
    return Math.abs(value) < Float.MIN_NORMAL ? Math.copySign(0, value) : value;
  }

  private static float f16(int bits) {
    return Float.float16ToFloat((short) bits);
  }

  private static float bf16(int bits) {
    return Float.intBitsToFloat(bits << HALF_BITS);
  }

  /** A sum of two halves in fp32 rounds to what the exact sum would round to. */
  private static int half(float value) {
    return value != value ? 0x7fff : Float.floatToFloat16(value) & HALF_MASK;
  }

  private static int brain(float value) {
    if (value != value) {
      return 0x7fff;
    }
    int bits = Float.floatToRawIntBits(value);
    return bits + 0x7fff + (bits >>> HALF_BITS & 1) >>> HALF_BITS;
  }

  /** The one that is a number, where one is; negative zero is less. */
  private static float lesser(float a, float b) {
    return a != a ? b : b != b ? a : Math.min(a, b);
  }

  private static float greater(float a, float b) {
    return a != a ? b : b != b ? a : Math.max(a, b);
  }
}
