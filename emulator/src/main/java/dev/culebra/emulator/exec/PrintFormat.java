package dev.culebra.emulator.exec;

import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/** What C's {@code printf} makes of a format and its arguments (ISO C 7.21.6.1). */
final class PrintFormat {
  /** Where the arguments come from. */
  interface Arguments {
    /** The next, of 32 bits. */
    int nextInt();

    /** The next, of 64 bits. */
    long nextLong();

    /** The bytes of a string, without the zero at its end; null for a null pointer. */
    byte[] string(long address);
  }

  private static final int DEFAULT_PRECISION = 6;
  private static final int FRACTION_BITS = 52;
  private static final int FRACTION_DIGITS = 13;

  private final byte[] format;
  private final Arguments arguments;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private int at;
  private int count;

  private boolean left;
  private boolean plus;
  private boolean space;
  private boolean alternate;
  private boolean zero;
  private int width;
  private int precision;
  private boolean wide;
  private int narrowBits;

  PrintFormat(byte[] format, Arguments arguments) {
    this.format = format;
    this.arguments = arguments;
  }

  /** The text. */
  byte[] print() {
    while (at < format.length) {
      byte next = format[at++];
      if (next != '%') {
        out.write(next);
      } else {
        int start = at - 1;
        if (!conversion()) {
          out.write(format, start, at - start);
        }
      }
    }
    return out.toByteArray();
  }

  /** How many arguments were taken. */
  int count() {
    return count;
  }

  /** Prints one conversion; false where it is none. */
  private boolean conversion() {
    flags();
    width = number();
    if (width < 0) {
      left = true;
      width = -width;
    }
    precision = -1;
    if (at < format.length && format[at] == '.') {
      at++;
      precision = Math.max(-1, number());
    }
    length();
    if (at >= format.length) {
      return false;
    }
    char conversion = (char) format[at++];
    switch (conversion) {
      case '%' -> out.write('%');
      case 'd', 'i' -> signed();
      case 'u', 'o', 'x', 'X' -> unsigned(conversion);
      case 'c' -> {
        count++;
        pad("", new byte[] {(byte) arguments.nextInt()}, false);
      }
      case 's' -> string();
      case 'p' -> {
        count++;
        long address = arguments.nextLong();
        pad(address == 0 ? "" : "0x", bytes(address == 0 ? "(nil)" : hex(address)), false);
      }
      case 'f', 'F', 'e', 'E', 'g', 'G', 'a', 'A' -> floating(conversion);
      default -> {
        return false;
      }
    }
    return true;
  }

  private void flags() {
    left = false;
    plus = false;
    space = false;
    alternate = false;
    zero = false;
    for (; at < format.length; at++) {
      switch (format[at]) {
        case '-' -> left = true;
        case '+' -> plus = true;
        case ' ' -> space = true;
        case '#' -> alternate = true;
        case '0' -> zero = true;
        default -> {
          return;
        }
      }
    }
  }

  private int number() {
    if (at < format.length && format[at] == '*') {
      at++;
      count++;
      return arguments.nextInt();
    }
    int number = 0;
    while (at < format.length && format[at] >= '0' && format[at] <= '9') {
      number = number * 10 + format[at++] - '0';
    }
    return number;
  }

  private void length() {
    wide = false;
    narrowBits = Integer.SIZE;
    for (; at < format.length; at++) {
      switch (format[at]) {
        case 'h' -> narrowBits /= 2;
        case 'l', 'j', 'z', 't', 'q' -> wide = true;
        case 'L' -> {
          // long double is double on the device.
        }
        default -> {
          return;
        }
      }
    }
  }

  private void signed() {
    count++;
    long value = wide ? arguments.nextLong() : arguments.nextInt();
    if (!wide && narrowBits < Integer.SIZE) {
      value = narrowBits == Short.SIZE ? (short) value : (byte) value;
    }
    String digits = value < 0 ? Long.toString(value).substring(1) : Long.toString(value);
    integer(sign(value < 0), digits, value == 0);
  }

  private void unsigned(char conversion) {
    count++;
    long value = wide ? arguments.nextLong() : arguments.nextInt() & 0xffffffffL;
    if (!wide && narrowBits < Integer.SIZE) {
      value &= (1L << narrowBits) - 1;
    }
    String digits =
        switch (conversion) {
          case 'u' -> Long.toUnsignedString(value);
          case 'o' -> Long.toOctalString(value);
          case 'x' -> hex(value);
          default -> hex(value).toUpperCase(Locale.ROOT);
        };
    String prefix = "";
    if (alternate && conversion == 'o' && precision <= digits.length() && value != 0) {
      precision = digits.length() + 1;
    } else if (alternate && value != 0 && conversion != 'u' && conversion != 'o') {
      prefix = "0" + conversion;
    }
    integer(prefix, digits, value == 0);
  }

  private void integer(String prefix, String digits, boolean isZero) {
    String text = precision == 0 && isZero ? "" : digits;
    text = "0".repeat(Math.max(0, precision - text.length())) + text;
    pad(prefix, bytes(text), zero && precision < 0);
  }

  private void string() {
    count++;
    byte[] text = arguments.string(arguments.nextLong());
    if (text == null) {
      text = bytes("(null)");
    }
    if (precision >= 0 && precision < text.length) {
      text = Arrays.copyOf(text, precision);
    }
    pad("", text, false);
  }

  private void floating(char conversion) {
    count++;
    double value = Double.longBitsToDouble(arguments.nextLong());
    boolean upper = Character.isUpperCase(conversion);
    String prefix = sign(Double.doubleToRawLongBits(value) < 0 && value == value);
    if (value != value || Double.isInfinite(value)) {
      String name = value != value ? "nan" : "inf";
      pad(prefix, bytes(upper ? name.toUpperCase(Locale.ROOT) : name), false);
      return;
    }
    double size = Math.abs(value);
    String text =
        switch (Character.toLowerCase(conversion)) {
          case 'f' -> fixed(size, precision < 0 ? DEFAULT_PRECISION : precision);
          case 'e' -> scientific(size, precision < 0 ? DEFAULT_PRECISION : precision);
          case 'g' -> general(size);
          default -> hexadecimal(size);
        };
    if (Character.toLowerCase(conversion) == 'a') {
      prefix += upper ? "0X" : "0x";
    }
    pad(prefix, bytes(upper ? text.toUpperCase(Locale.ROOT) : text), zero);
  }

  private String fixed(double size, int digits) {
    String text = new BigDecimal(size).setScale(digits, RoundingMode.HALF_EVEN).toPlainString();
    return digits == 0 && alternate ? text + "." : text;
  }

  private String scientific(double size, int digits) {
    BigDecimal rounded =
        new BigDecimal(size).round(new MathContext(digits + 1, RoundingMode.HALF_EVEN));
    int exponent = size == 0 ? 0 : rounded.precision() - rounded.scale() - 1;
    String mantissa =
        rounded
            .scaleByPowerOfTen(-exponent)
            .setScale(digits, RoundingMode.HALF_EVEN)
            .toPlainString();
    return mantissa
        + (digits == 0 && alternate ? "." : "")
        + (exponent < 0 ? "e-" : "e+")
        + (Math.abs(exponent) < 10 ? "0" : "")
        + Math.abs(exponent);
  }

  private String general(double size) {
    int digits = precision < 0 ? DEFAULT_PRECISION : Math.max(1, precision);
    BigDecimal rounded =
        new BigDecimal(size).round(new MathContext(digits, RoundingMode.HALF_EVEN));
    int exponent = size == 0 ? 0 : rounded.precision() - rounded.scale() - 1;
    boolean small = exponent < -4 || exponent >= digits;
    String text = small ? scientific(size, digits - 1) : fixed(size, digits - 1 - exponent);
    if (alternate || text.indexOf('.') < 0) {
      return text;
    }
    int end = text.indexOf('e') < 0 ? text.length() : text.indexOf('e');
    int last = end;
    while (text.charAt(last - 1) == '0') {
      last--;
    }
    if (text.charAt(last - 1) == '.') {
      last--;
    }
    return text.substring(0, last) + text.substring(end);
  }

  private String hexadecimal(double size) {
    long bits = Double.doubleToRawLongBits(size);
    int exponent = (int) (bits >>> FRACTION_BITS);
    long fraction = bits & (1L << FRACTION_BITS) - 1;
    long mantissa = exponent == 0 ? fraction : fraction | 1L << FRACTION_BITS;
    int power = size == 0 ? 0 : Math.max(1, exponent) + Double.MIN_EXPONENT - 1;
    int digits = precision < 0 ? FRACTION_DIGITS : Math.min(precision, FRACTION_DIGITS);
    int dropped = (FRACTION_DIGITS - digits) * 4;
    if (dropped > 0) {
      long half = 1L << dropped - 1;
      long rest = mantissa & (1L << dropped) - 1;
      mantissa >>>= dropped;
      mantissa += rest > half || rest == half && (mantissa & 1) != 0 ? 1 : 0;
      mantissa <<= dropped;
    }
    String text = String.format("%013x", mantissa & (1L << FRACTION_BITS) - 1);
    text = text.substring(0, digits) + "0".repeat(Math.max(0, precision - digits));
    if (precision < 0) {
      text = text.replaceAll("0+$", "");
    }
    return (mantissa >>> FRACTION_BITS)
        + (text.isEmpty() && !alternate ? "" : ".")
        + text
        + (power < 0 ? "p-" : "p+")
        + Math.abs(power);
  }

  private String sign(boolean negative) {
    return negative ? "-" : plus ? "+" : space ? " " : "";
  }

  private void pad(String prefix, byte[] text, boolean zeros) {
    int missing = width - prefix.length() - text.length;
    if (!left && !zeros) {
      spaces(missing);
    }
    out.writeBytes(bytes(prefix));
    if (!left && zeros) {
      for (int i = 0; i < missing; i++) {
        out.write('0');
      }
    }
    out.writeBytes(text);
    if (left) {
      spaces(missing);
    }
  }

  private void spaces(int number) {
    for (int i = 0; i < number; i++) {
      out.write(' ');
    }
  }

  private static String hex(long value) {
    return Long.toHexString(value);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
