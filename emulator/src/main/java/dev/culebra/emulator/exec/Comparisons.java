package dev.culebra.emulator.exec;

/** What {@code setp} and {@code set} compare (PTX ISA 9.3.1, 9.7.6, 9.7.7). */
final class Comparisons {
  private Comparisons() {}

  static boolean eqB16(char a, char b) {
    return a == b;
  }

  static boolean neB16(char a, char b) {
    return a != b;
  }

  static boolean ltS16(short a, short b) {
    return a < b;
  }

  static boolean leS16(short a, short b) {
    return a <= b;
  }

  static boolean gtS16(short a, short b) {
    return a > b;
  }

  static boolean geS16(short a, short b) {
    return a >= b;
  }

  static boolean ltU16(char a, char b) {
    return a < b;
  }

  static boolean leU16(char a, char b) {
    return a <= b;
  }

  static boolean gtU16(char a, char b) {
    return a > b;
  }

  static boolean geU16(char a, char b) {
    return a >= b;
  }

  static boolean eqB32(int a, int b) {
    return a == b;
  }

  static boolean neB32(int a, int b) {
    return a != b;
  }

  static boolean ltS32(int a, int b) {
    return a < b;
  }

  static boolean leS32(int a, int b) {
    return a <= b;
  }

  static boolean gtS32(int a, int b) {
    return a > b;
  }

  static boolean geS32(int a, int b) {
    return a >= b;
  }

  static boolean ltU32(int a, int b) {
    return a + Integer.MIN_VALUE < b + Integer.MIN_VALUE;
  }

  static boolean leU32(int a, int b) {
    return a + Integer.MIN_VALUE <= b + Integer.MIN_VALUE;
  }

  static boolean gtU32(int a, int b) {
    return a + Integer.MIN_VALUE > b + Integer.MIN_VALUE;
  }

  static boolean geU32(int a, int b) {
    return a + Integer.MIN_VALUE >= b + Integer.MIN_VALUE;
  }

  static boolean eqB64(long a, long b) {
    return a == b;
  }

  static boolean neB64(long a, long b) {
    return a != b;
  }

  static boolean ltS64(long a, long b) {
    return a < b;
  }

  static boolean leS64(long a, long b) {
    return a <= b;
  }

  static boolean gtS64(long a, long b) {
    return a > b;
  }

  static boolean geS64(long a, long b) {
    return a >= b;
  }

  static boolean ltU64(long a, long b) {
    return a + Long.MIN_VALUE < b + Long.MIN_VALUE;
  }

  static boolean leU64(long a, long b) {
    return a + Long.MIN_VALUE <= b + Long.MIN_VALUE;
  }

  static boolean gtU64(long a, long b) {
    return a + Long.MIN_VALUE > b + Long.MIN_VALUE;
  }

  static boolean geU64(long a, long b) {
    return a + Long.MIN_VALUE >= b + Long.MIN_VALUE;
  }

  // Ordered comparisons are false where either is NaN, those that end in u are true then.

  static boolean eqF32(float a, float b) {
    return a == b;
  }

  static boolean neF32(float a, float b) {
    return a < b || a > b;
  }

  static boolean ltF32(float a, float b) {
    return a < b;
  }

  static boolean leF32(float a, float b) {
    return a <= b;
  }

  static boolean gtF32(float a, float b) {
    return a > b;
  }

  static boolean geF32(float a, float b) {
    return a >= b;
  }

  static boolean equF32(float a, float b) {
    return !(a < b || a > b);
  }

  static boolean neuF32(float a, float b) {
    return a != b;
  }

  static boolean ltuF32(float a, float b) {
    return !(a >= b);
  }

  static boolean leuF32(float a, float b) {
    return !(a > b);
  }

  static boolean gtuF32(float a, float b) {
    return !(a <= b);
  }

  static boolean geuF32(float a, float b) {
    return !(a < b);
  }

  static boolean numF32(float a, float b) {
    return a == a && b == b;
  }

  static boolean nanF32(float a, float b) {
    return a != a || b != b;
  }

  static boolean eqF64(double a, double b) {
    return a == b;
  }

  static boolean neF64(double a, double b) {
    return a < b || a > b;
  }

  static boolean ltF64(double a, double b) {
    return a < b;
  }

  static boolean leF64(double a, double b) {
    return a <= b;
  }

  static boolean gtF64(double a, double b) {
    return a > b;
  }

  static boolean geF64(double a, double b) {
    return a >= b;
  }

  static boolean equF64(double a, double b) {
    return !(a < b || a > b);
  }

  static boolean neuF64(double a, double b) {
    return a != b;
  }

  static boolean ltuF64(double a, double b) {
    return !(a >= b);
  }

  static boolean leuF64(double a, double b) {
    return !(a > b);
  }

  static boolean gtuF64(double a, double b) {
    return !(a <= b);
  }

  static boolean geuF64(double a, double b) {
    return !(a < b);
  }

  static boolean numF64(double a, double b) {
    return a == a && b == b;
  }

  static boolean nanF64(double a, double b) {
    return a != a || b != b;
  }
}
