package dev.culebra.emulator.ptx;

/** Reads numbers (PTX ISA 4.5.1 and 4.5.2). */
final class NumberScanner {
  private static final int SINGLE_DIGITS = 8;
  private static final int DOUBLE_DIGITS = 16;
  private static final int DECIMAL = 10;
  private static final int HEXADECIMAL = 16;
  private static final int OCTAL = 8;
  private static final int BINARY = 2;

  private final char[] text;
  private int end;
  private long bits;
  private boolean unsigned;
  private String problem;

  /**
   * @param text with a zero behind its last character
   */
  NumberScanner(char[] text) {
    this.text = text;
  }

  /** Behind the number. */
  int end() {
    return end;
  }

  long bits() {
    return bits;
  }

  boolean unsigned() {
    return unsigned;
  }

  /** What is wrong with the number, or null. */
  String problem() {
    return problem;
  }

  /** Reads the number that begins at {@code start}. */
  Token scan(int start) {
    problem = null;
    unsigned = false;
    char second = text[start] == '0' ? Character.toLowerCase(text[start + 1]) : 0;
    Token kind =
        switch (second) {
          case 'x' -> integer(start + 2, HEXADECIMAL);
          case 'b' -> integer(start + 2, BINARY);
          case 'f' -> exact(start + 2, SINGLE_DIGITS, Token.SINGLE);
          case 'd' -> exact(start + 2, DOUBLE_DIGITS, Token.DOUBLE);
          default -> decimal(start);
        };
    if (isNamePart(text[end])) {
      while (isNamePart(text[end])) {
        end++;
      }
      problem = "malformed number " + new String(text, start, end - start);
    } else if (problem != null) {
      problem += " " + new String(text, start, end - start);
    }
    return kind;
  }

  private Token integer(int from, int radix) {
    long limit = Long.divideUnsigned(-1, radix);
    long value = 0;
    int i = from;
    for (int digit = digit(text[i], radix); digit >= 0; digit = digit(text[++i], radix)) {
      if (Long.compareUnsigned(value, limit) > 0
          || Long.compareUnsigned(value * radix, -1L - digit) > 0) {
        problem = "number that takes more than 64 bits:";
      }
      value = value * radix + digit;
    }
    if (i == from) {
      problem = "malformed number";
    }
    bits = value;
    unsigned = value < 0;
    if (text[i] == 'U') {
      unsigned = true;
      i++;
    }
    end = i;
    return Token.INTEGER;
  }

  private Token exact(int from, int digits, Token kind) {
    long value = 0;
    int i = from;
    for (int digit = digit(text[i], HEXADECIMAL);
        digit >= 0;
        digit = digit(text[++i], HEXADECIMAL)) {
      value = value * HEXADECIMAL + digit;
    }
    if (i - from != digits) {
      problem = "number that has to have " + digits + " hexadecimal digits:";
    }
    bits = value;
    end = i;
    return kind;
  }

  private Token decimal(int start) {
    int i = start;
    while (isDigit(text[i])) {
      i++;
    }
    int digits = i - start;
    boolean floating = false;
    if (text[i] == '.') {
      floating = true;
      i++;
      while (isDigit(text[i])) {
        i++;
        digits++;
      }
    }
    if ((text[i] == 'e' || text[i] == 'E') && digits > 0) {
      int exponent = i + 1;
      if (text[exponent] == '+' || text[exponent] == '-') {
        exponent++;
      }
      if (isDigit(text[exponent])) {
        floating = true;
        i = exponent;
        while (isDigit(text[i])) {
          i++;
        }
      }
    }
    if (!floating) {
      return integer(start, text[start] == '0' ? OCTAL : DECIMAL);
    }
    double value = Double.parseDouble(new String(text, start, i - start));
    if (Double.isInfinite(value)) {
      problem = "number too large for 64 bits:";
    }
    bits = Double.doubleToRawLongBits(value);
    end = i;
    return Token.DOUBLE;
  }

  private static int digit(char c, int radix) {
    int digit =
        isDigit(c)
            ? c - '0'
            : c >= 'a' && c <= 'f'
                ? c - 'a' + DECIMAL
                : c >= 'A' && c <= 'F' ? c - 'A' + DECIMAL : HEXADECIMAL;
    return digit < radix ? digit : -1;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isNamePart(char c) {
    return isDigit(c) || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '$';
  }
}
