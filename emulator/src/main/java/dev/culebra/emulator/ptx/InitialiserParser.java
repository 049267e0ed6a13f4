package dev.culebra.emulator.ptx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Reads what a variable starts with (PTX ISA 5.4.4). */
final class InitialiserParser {
  /** Bytes that a variable's initial value may take, so that a few characters can't ask for all. */
  private static final long MAXIMUM_BYTES = 1L << 28;

  private final Lexer lexer;
  private final ConstantExpression expressions;

  private byte[] bytes;
  private int written;
  private List<Variable.Relocation> relocations;
  private final List<Symbol> symbols = new ArrayList<>();

  InitialiserParser(Lexer lexer, ConstantExpression expressions) {
    this.lexer = lexer;
    this.expressions = expressions;
  }

  /**
   * An initial value.
   *
   * @param outermost elements given in the outermost dimension
   */
  record Initial(byte[] bytes, List<Variable.Relocation> relocations, long outermost) {}

  /** A name in an initialiser, to be found when the module is read. */
  record Symbol(String name, SourcePosition position) {}

  /** All names that were met. */
  List<Symbol> symbols() {
    return symbols;
  }

  /**
   * Reads an initial value.
   *
   * @param dimensions the first is 0 where it is left open
   */
  Initial parse(ScalarType type, int lanes, List<Long> dimensions) {
    switch (type) {
      case F16, F16X2, B128, TEXREF, SAMPLERREF, SURFREF ->
          throw lexer.error("variables of type ." + type.spelling() + " can't be initialised here");
      default -> {}
    }
    bytes = new byte[type.bytes()];
    written = 0;
    relocations = new ArrayList<>(0);
    List<Long> levels = new ArrayList<>(dimensions);
    if (lanes > 1) {
      levels.add((long) lanes);
    }
    long outermost = level(type, levels, 0, 0);
    return new Initial(Arrays.copyOf(bytes, written), List.copyOf(relocations), outermost);
  }

  /** Reads a level's braces and what is between them; returns the number of its elements. */
  private long level(ScalarType type, List<Long> levels, int level, long offset) {
    if (level == levels.size()) {
      value(type, offset);
      return 1;
    }
    lexer.take(Token.LEFT_BRACE);
    long stride = type.bytes();
    for (long size : levels.subList(level + 1, levels.size())) {
      stride *= size;
      if (stride > MAXIMUM_BYTES) {
        stride = MAXIMUM_BYTES;
      }
    }
    long count = 0;
    if (lexer.kind() != Token.RIGHT_BRACE) {
      do {
        long limit = levels.get(level);
        if (count == limit && limit > 0) {
          throw lexer.error("more values than the " + limit + " elements that there are");
        }
        level(type, levels, level + 1, offset + count * stride);
        count++;
      } while (lexer.takeIf(Token.COMMA));
    }
    lexer.take(Token.RIGHT_BRACE);
    return count;
  }

  private void value(ScalarType type, long offset) {
    SourcePosition position = lexer.position();
    if (lexer.kind() == Token.IDENTIFIER && !expressions.begins()) {
      address(type.bytes(), offset, 0);
      return;
    }
    if (lexer.kind() == Token.INTEGER && lexer.peek() == Token.LEFT_PARENTHESIS) {
      mask(type, offset);
      return;
    }
    Constant value = expressions.parse();
    put(offset, bits(type, value, position), type.bytes());
  }

  private long bits(ScalarType type, Constant value, SourcePosition position) {
    boolean floating = type.kind() == ScalarType.Kind.FLOAT;
    if (value.isInteger()) {
      if (!floating) {
        return value.bits();
      }
    } else if (floating || type.kind() == ScalarType.Kind.BITS) {
      return type.bits() == Float.SIZE
          ? Float.floatToRawIntBits((float) value.doubleValue())
          : Double.doubleToRawLongBits(value.doubleValue());
    }
    throw lexer.error(
        position,
        "a variable of type ."
            + type.spelling()
            + " can't be initialised with "
            + (floating ? "an integer" : "a floating number"));
  }

  /** Reads {@code symbol+4}, {@code generic(symbol)+4}. */
  private void address(int width, long offset, int shift) {
    boolean generic = lexer.name().equals("generic") && lexer.peek() == Token.LEFT_PARENTHESIS;
    if (generic) {
      lexer.advance();
      lexer.advance();
    }
    symbols.add(new Symbol(lexer.name(), lexer.position()));
    String symbol = lexer.takeIdentifier("a variable or function");
    if (generic) {
      lexer.take(Token.RIGHT_PARENTHESIS);
    }
    long addend = addend(expressions, lexer);
    put(offset, 0, width);
    relocations.add(new Variable.Relocation(offset, width, symbol, addend, generic, shift));
  }

  /** Reads what is added to a symbol: {@code +4}, {@code -4}, nothing. */
  static long addend(ConstantExpression expressions, Lexer lexer) {
    return lexer.kind() == Token.PLUS || lexer.kind() == Token.MINUS
        ? expressions.parseInteger("an offset")
        : 0;
  }

  /** Reads {@code 0xff00(symbol+4)}: one byte of an address or of an integer. */
  private void mask(ScalarType type, long offset) {
    long mask = lexer.bits();
    int shift = Long.numberOfTrailingZeros(mask);
    if (shift % Byte.SIZE != 0 || mask >>> shift != 0xFF) {
      throw lexer.error("a mask has to choose one byte: 0xff, 0xff00 ...");
    }
    lexer.advance();
    lexer.advance();
    if (lexer.kind() == Token.IDENTIFIER && !expressions.begins()) {
      if (type.bytes() != 1) {
        throw lexer.error("a masked address needs a variable of a type of one byte");
      }
      address(1, offset, shift);
    } else {
      put(
          offset,
          expressions.parseInteger("an integer or a symbol") >>> shift & 0xFF,
          type.bytes());
    }
    lexer.take(Token.RIGHT_PARENTHESIS);
  }

  private void put(long offset, long bits, int width) {
    long end = offset + width;
    if (end > MAXIMUM_BYTES) {
      throw lexer.error("the initial value takes more than " + MAXIMUM_BYTES + " bytes");
    }
    if (end > bytes.length) {
      bytes = Arrays.copyOf(bytes, (int) Math.max(end, Math.min(MAXIMUM_BYTES, 2L * bytes.length)));
    }
    for (int i = 0; i < width; i++) {
      bytes[(int) offset + i] = (byte) (bits >>> i * Byte.SIZE);
    }
    written = Math.max(written, (int) end);
  }
}
