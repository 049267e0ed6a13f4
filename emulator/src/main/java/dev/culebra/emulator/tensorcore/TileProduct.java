package dev.culebra.emulator.tensorcore;

import dev.culebra.emulator.profile.TensorCoreModel;

/** {@code D = A * B + C} of one shape and type, by all lanes of a warp. */
public abstract class TileProduct {
  final FragmentLayout a;
  final FragmentLayout b;
  final FragmentLayout c;
  final FragmentLayout d;

  TileProduct(FragmentLayout a, FragmentLayout b, FragmentLayout c, FragmentLayout d) {
    this.a = a;
    this.b = b;
    this.c = c;
    this.d = d;
  }

  /** Floats of 16, 19 or 8 bits, accumulated in f32, or in f16 where C and D both are f16. */
  public static TileProduct floats(
      TensorCoreModel model,
      TileShape shape,
      ElementType typeOfA,
      ElementType typeOfB,
      ElementType typeOfC,
      ElementType typeOfD) {
    boolean half = typeOfC == ElementType.F16 && typeOfD == ElementType.F16;
    FloatFormat format = FloatFormat.of(typeOfA);
    boolean narrow = typeOfA.bits() == Byte.SIZE;
    return switch (model) {
      case AMPERE ->
          new FloatTileProduct(
              shape, typeOfA, typeOfB, typeOfC, typeOfD, AlignedSum.ampere(format, half));
      case HOPPER ->
          narrow
              ? new WidenedTileProduct(
                  shape, typeOfA, typeOfB, typeOfC, AlignedSum.hopper(format, half))
              : new FloatTileProduct(
                  shape, typeOfA, typeOfB, typeOfC, typeOfD, AlignedSum.hopper(format, half));
    };
  }

  /**
   * {@code tf32} as ptxas (13.0) makes {@code wmma} of it: two products of depth 4, one after the
   * other.
   */
  public static TileProduct shallowTf32(TensorCoreModel model, TileShape shape) {
    AlignedSum sum =
        model == TensorCoreModel.HOPPER
            ? AlignedSum.hopper(FloatFormat.TF32, false)
            : AlignedSum.ampere(FloatFormat.TF32, false);
    return new FloatTileProduct(
        shape,
        ElementType.TF32,
        ElementType.TF32,
        ElementType.F32,
        ElementType.F32,
        sum.withGroup(4));
  }

  /** Four products of f16, {@code mma.m8n8k4}. */
  public static TileProduct quarters(
      boolean rowsOfA, boolean rowsOfB, ElementType typeOfC, ElementType typeOfD) {
    return new QuarterTileProduct(rowsOfA, rowsOfB, typeOfC, typeOfD);
  }

  /** Integers of 8 or 4 bits into s32. */
  public static TileProduct integers(
      TileShape shape, ElementType typeOfA, ElementType typeOfB, boolean clamped) {
    return new IntegerTileProduct(
        shape, typeOfA, typeOfB, IntegerTileProduct.Operation.MULTIPLY, clamped);
  }

  /** Bits that are set in the AND, or XOR, of a row and a column, counted into s32. */
  public static TileProduct bits(TileShape shape, boolean xor) {
    return new IntegerTileProduct(
        shape,
        ElementType.B1,
        ElementType.B1,
        xor ? IntegerTileProduct.Operation.XOR_POPC : IntegerTileProduct.Operation.AND_POPC,
        false);
  }

  /** f64. */
  public static TileProduct doubles(TileShape shape, DoubleRounding rounding) {
    return new DoubleTileProduct(shape, rounding);
  }

  /** How A's elements lie in registers. */
  public final FragmentLayout a() {
    return a;
  }

  /** How B's elements lie in registers. */
  public final FragmentLayout b() {
    return b;
  }

  /** How C's elements lie in registers. */
  public final FragmentLayout c() {
    return c;
  }

  /** How D's elements lie in registers. */
  public final FragmentLayout d() {
    return d;
  }

  /**
   * Multiplies. All of A, B and C is read before anything of D is written.
   *
   * @param words {@code [slot][lane]}, registers of 32 bits
   * @param longs {@code [slot][lane]}, registers of 64 bits
   */
  public abstract void multiply(
      TileRegisters registers, int[][] words, long[][] longs, TileBuffers buffers);
}
