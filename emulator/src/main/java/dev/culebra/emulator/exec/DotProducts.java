package dev.culebra.emulator.exec;

/** Dot products of bytes and halves, added to 32 bits (PTX ISA 9.7.1.23 and 9.7.1.24). */
final class DotProducts {
  private DotProducts() {}

  static int dp4aU32U32(int a, int b, int c) {
    int sum = c;
    for (int i = 0; i < 32; i += 8) {
      sum += unsignedByte(a, i) * unsignedByte(b, i);
    }
    return sum;
  }

  static int dp4aU32S32(int a, int b, int c) {
    int sum = c;
    for (int i = 0; i < 32; i += 8) {
      sum += unsignedByte(a, i) * signedByte(b, i);
    }
    return sum;
  }

  static int dp4aS32U32(int a, int b, int c) {
    return dp4aU32S32(b, a, c);
  }

  static int dp4aS32S32(int a, int b, int c) {
    int sum = c;
    for (int i = 0; i < 32; i += 8) {
      sum += signedByte(a, i) * signedByte(b, i);
    }
    return sum;
  }

  // Two halves of a with the lower or the upper two bytes of b.

  static int dp2aLoU32U32(int a, int b, int c) {
    return c + (char) a * unsignedByte(b, 0) + (a >>> 16) * unsignedByte(b, 8);
  }

  static int dp2aLoU32S32(int a, int b, int c) {
    return c + (char) a * signedByte(b, 0) + (a >>> 16) * signedByte(b, 8);
  }

  static int dp2aLoS32U32(int a, int b, int c) {
    return c + (short) a * unsignedByte(b, 0) + (a >> 16) * unsignedByte(b, 8);
  }

  static int dp2aLoS32S32(int a, int b, int c) {
    return c + (short) a * signedByte(b, 0) + (a >> 16) * signedByte(b, 8);
  }

  static int dp2aHiU32U32(int a, int b, int c) {
    return dp2aLoU32U32(a, b >>> 16, c);
  }

  static int dp2aHiU32S32(int a, int b, int c) {
    return dp2aLoU32S32(a, b >>> 16, c);
  }

  static int dp2aHiS32U32(int a, int b, int c) {
    return dp2aLoS32U32(a, b >>> 16, c);
  }

  static int dp2aHiS32S32(int a, int b, int c) {
    return dp2aLoS32S32(a, b >>> 16, c);
  }

  private static int unsignedByte(int word, int place) {
    return word >>> place & 0xff;
  }

  private static int signedByte(int word, int place) {
    return (byte) (word >>> place);
  }
}
