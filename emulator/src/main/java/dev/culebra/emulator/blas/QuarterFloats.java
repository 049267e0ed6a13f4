package dev.culebra.emulator.blas;

import dev.culebra.emulator.tensorcore.FloatFormat;

/** Floats of 8 bits, by tables of all their values. */
final class QuarterFloats {
  static final QuarterFloats E4M3 = new QuarterFloats(FloatFormat.E4M3);
  static final QuarterFloats E5M2 = new QuarterFloats(FloatFormat.E5M2);

  private static final int NAN = 0x7F;
  private static final int SIGN = 0x80;

  private final double[] values = new double[2 * SIGN];
  private final int largest;

  private QuarterFloats(FloatFormat format) {
    int last = 0;
    for (int bits = 0; bits < values.length; bits++) {
      values[bits] = format.value(bits);
      if (bits < SIGN && Double.isFinite(values[bits])) {
        last = bits;
      }
    }
    largest = last;
  }

  double decode(byte bits) {
    return values[bits & 0xFF];
  }

  /** The nearest, of two the even one; what is too large becomes the largest finite one. */
  byte encode(double value) {
    if (Double.isNaN(value)) {
      return NAN;
    }
    int sign = Double.doubleToRawLongBits(value) < 0 ? SIGN : 0;
    double magnitude = Math.abs(value);
    int low = 0;
    int high = largest;
    while (low < high) { // the largest that is not above it: values grow with their bits
      int middle = low + high + 1 >>> 1;
      if (values[middle] <= magnitude) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    if (low < largest) {
      double below = magnitude - values[low];
      double above = values[low + 1] - magnitude;
      if (above < below || above == below && (low & 1) == 1) {
        low++;
      }
    }
    return (byte) (sign | low);
  }
}
