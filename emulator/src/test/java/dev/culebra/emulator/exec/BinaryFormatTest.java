package dev.culebra.emulator.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Formats of 8 bits against a search of all their numbers for the nearest. */
class BinaryFormatTest {
  static Stream<BinaryFormat> formats() {
    return Stream.of(BinaryFormat.E4M3, BinaryFormat.E5M2);
  }

  /** The finite number nearest to a value, of two equally near the even one. */
  private static long nearest(BinaryFormat format, double value) {
    return IntStream.rangeClosed(0, (int) format.largest())
        .boxed()
        .min(
            (a, b) -> {
              int order =
                  Double.compare(
                      Math.abs(format.decode(a) - value), Math.abs(format.decode(b) - value));
              return order != 0 ? order : Integer.compare(a & 1, b & 1);
            })
        .orElseThrow();
  }

  @ParameterizedTest
  @MethodSource("formats")
  void every_half_becomes_the_nearest_number(BinaryFormat format) {
    double largest = format.decode(format.largest());
    for (int bits = 0; bits <= 0x7bff; bits++) {
      double value = BinaryFormat.F16.decode(bits);
      if (value > largest) {
        continue;
      }
      long expected = nearest(format, value);
      String message = format + " of " + value;
      assertEquals(expected, format.round(value, Rounding.NEAREST_EVEN), message);
      assertEquals(
          format.signBit() | expected, format.round(-value, Rounding.NEAREST_EVEN), message);
    }
  }

  @ParameterizedTest
  @MethodSource("formats")
  void every_number_is_its_own_encoding(BinaryFormat format) {
    for (long bits = 0; bits <= format.largest(); bits++) {
      assertEquals(bits, format.round(format.decode(bits), Rounding.NEAREST_EVEN));
    }
  }
}
