package dev.culebra.emulator.exec;

/** Registers put together from narrower ones and taken apart (PTX ISA 9.7.9.4). */
final class VectorBits {
  private VectorBits() {}

  static char pack16of2(char a, char b) {
    return (char) (a & 0xff | b << 8);
  }

  static int pack32of2(char a, char b) {
    return a | b << 16;
  }

  static int pack32of4(char a, char b, char c, char d) {
    return a & 0xff | (b & 0xff) << 8 | (c & 0xff) << 16 | d << 24;
  }

  static long pack64of2(int a, int b) {
    return Integer.toUnsignedLong(a) | (long) b << 32;
  }

  static long pack64of4(char a, char b, char c, char d) {
    return a | (long) b << 16 | (long) c << 32 | (long) d << 48;
  }

  static char part0of2in16(char a) {
    return (char) (a & 0xff);
  }

  static char part1of2in16(char a) {
    return (char) (a >>> 8);
  }

  static char part0of2in32(int a) {
    return (char) a;
  }

  static char part1of2in32(int a) {
    return (char) (a >>> 16);
  }

  static char part0of4in32(int a) {
    return (char) (a & 0xff);
  }

  static char part1of4in32(int a) {
    return (char) (a >>> 8 & 0xff);
  }

  static char part2of4in32(int a) {
    return (char) (a >>> 16 & 0xff);
  }

  static char part3of4in32(int a) {
    return (char) (a >>> 24);
  }

  static int part0of2in64(long a) {
    return (int) a;
  }

  static int part1of2in64(long a) {
    return (int) (a >>> 32);
  }

  static char part0of4in64(long a) {
    return (char) a;
  }

  static char part1of4in64(long a) {
    return (char) (a >>> 16);
  }

  static char part2of4in64(long a) {
    return (char) (a >>> 32);
  }

  static char part3of4in64(long a) {
    return (char) (a >>> 48);
  }
}
