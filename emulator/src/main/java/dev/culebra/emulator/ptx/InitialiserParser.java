package dev.culebra.emulator.ptx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Reads what a variable starts with (PTX ISA 5.4.4). */
final class InitialiserParser {
  /**
   * Bytes that the initial values of a module may take, so that a few characters can't ask for all
   * memory.
   */
  static final int MAXIMUM_BYTES = 1 << 27;

  private static final int BYTE_MASK = 0xFF;

  private final Lexer lexer;
  private final ConstantExpression expressions;
  private final ScalarType type;
  private final int lanes;
  private final int available;
  private final Scope scope;

  private byte[] bytes;
  private int written;
  private final List<Variable.Relocation> relocations = new ArrayList<>(0);

  /**
   * @param lanes elements of a vector, else 1
   * @param available bytes of the module's {@link #MAXIMUM_BYTES} that are left
   * @param scope in which it stands
   */
  InitialiserParser(
      Lexer lexer,
      ConstantExpression expressions,
      ScalarType type,
      int lanes,
      int available,
      Scope scope) {
    this.lexer = lexer;
    this.expressions = expressions;
    this.type = type;
    this.lanes = lanes;
    this.available = available;
    this.scope = scope;
    bytes = new byte[type.bytes()];
  }

  /**
   * An initial value.
   *
   * @param outermost elements given in the outermost dimension
   */
  record Initial(byte[] bytes, List<Variable.Relocation> relocations, long outermost) {}

  /**
   * Reads an initial value.
   *
   * @param dimensions the first is 0 where it is left open
   */
  Initial parse(List<Long> dimensions) {
    switch (type) {
      case F16, F16X2, B128, TEXREF, SAMPLERREF, SURFREF ->
          throw lexer.error("variables of type ." + type.spelling() + " can't be initialised here");
      default -> {}
    }
    List<Long> levels = new ArrayList<>(dimensions);
    if (lanes > 1) {
      levels.add((long) lanes);
    }
    long at = lexer.at();
    long outermost = level(levels, 0, 0);
    if (outermost == 0 && levels.getFirst() == 0) {
      throw lexer.error(at, "the array's size is left open and no value is given");
    }
    return new Initial(Arrays.copyOf(bytes, written), List.copyOf(relocations), outermost);
  }

  /** Reads a level's braces and what is between them; returns the number of its elements. */
  private long level(List<Long> levels, int level, long offset) {
    if (level == levels.size()) {
      value(offset);
      return 1;
    }
    lexer.take(Token.LEFT_BRACE);
    long stride = type.bytes();
    for (long size : levels.subList(level + 1, levels.size())) {
      stride = Math.min(stride * size, MAXIMUM_BYTES);
    }
    long limit = levels.get(level);
    long count = 0;
    if (lexer.kind() != Token.RIGHT_BRACE) {
      do {
        if (count == limit && limit > 0) {
          throw lexer.error("more values than the " + limit + " elements that there are");
        }
        level(levels, level + 1, offset + count * stride);
        count++;
      } while (lexer.takeIf(Token.COMMA));
    }
    if (lanes > 1 && level == levels.size() - 1 && count < limit) {
      throw lexer.error("a vector needs all of its " + limit + " values");
    }
    lexer.take(Token.RIGHT_BRACE);
    return count;
  }

  private void value(long offset) {
    long at = lexer.at();
    if (lexer.kind() == Token.IDENTIFIER && !expressions.begins()) {
      address(offset, false, 0);
    } else if (lexer.kind() == Token.INTEGER && lexer.peek() == Token.LEFT_PARENTHESIS) {
      mask(offset);
    } else {
      put(offset, bits(expressions.parse(), at));
    }
  }

  /** A constant's bits in the variable's type, or more of them. */
  private long bits(Constant value, long at) {
    boolean floating = type.kind() == ScalarType.Kind.FLOAT;
    switch (value.type()) {
      case SIGNED, UNSIGNED -> {
        if (!floating) {
          return value.bits();
        }
      }
      case SINGLE -> {
        // Exact bits whatever the type: ptxas doesn't even widen them to .f64.
        if (floating || type.kind() == ScalarType.Kind.BITS) {
          return value.bits();
        }
      }
      case DOUBLE -> {
        if (floating || type.kind() == ScalarType.Kind.BITS) {
          return type.bits() == Float.SIZE
              ? Float.floatToRawIntBits((float) value.doubleValue())
              : value.bits();
        }
      }
    }
    throw lexer.error(
        at,
        "a variable of type ."
            + type.spelling()
            + " can't be initialised with "
            + (floating ? "an integer" : "a floating number"));
  }

  /** Reads {@code symbol+4}, {@code generic(symbol)+4}. */
  private void address(long offset, boolean masked, int shift) {
    long at = lexer.at();
    boolean generic = lexer.name().equals("generic") && lexer.peek() == Token.LEFT_PARENTHESIS;
    if (generic) {
      lexer.advance();
      lexer.advance();
    }
    long symbolAt = lexer.at();
    String written = lexer.takeIdentifier("a variable or function");
    if (generic) {
      lexer.take(Token.RIGHT_PARENTHESIS);
    }
    boolean pointer = type == ScalarType.U32 || type == ScalarType.U64;
    if (!pointer && !(masked && type.kind() == ScalarType.Kind.UNSIGNED)) {
      throw lexer.error(
          at,
          "an address needs a variable of type .u32 or .u64, or .u8 with a mask, not ."
              + type.spelling());
    }
    String symbol = symbol(written, symbolAt, generic);
    long addend = expressions.parseAddend();
    put(offset, 0);
    int width = masked ? 1 : type.bytes();
    relocations.add(new Variable.Relocation(offset, width, symbol, addend, generic, shift));
  }

  private String symbol(String written, long at, boolean generic) {
    return switch (scope.look(written)) {
      case Meaning.Place(String name, StateSpace space, int ignored)
          when space == StateSpace.GLOBAL || space == StateSpace.CONST ->
          name;
      case Meaning.Callable(String name, Meaning.Signature ignored)
          when !generic && lexer.kind() != Token.PLUS ->
          name;
      case null -> throw lexer.error(at, "unknown name " + written);
      default ->
          throw lexer.error(
              at,
              written
                  + " can't be in an initial value: it takes variables in .global and .const"
                  + " space, and functions without generic() and offset");
    };
  }

  /** Reads {@code 0xff00(symbol+4)}: one byte of an address or of an integer. */
  private void mask(long offset) {
    long mask = lexer.bits();
    int shift = Long.numberOfTrailingZeros(mask);
    if (shift % Byte.SIZE != 0 || mask >>> shift != BYTE_MASK) {
      throw lexer.error("a mask has to choose one byte: 0xff, 0xff00 ...");
    }
    lexer.advance();
    lexer.advance();
    if (lexer.kind() == Token.IDENTIFIER && !expressions.begins()) {
      address(offset, true, shift);
    } else {
      put(offset, expressions.parseInteger("an integer or a symbol") >>> shift & BYTE_MASK);
    }
    lexer.take(Token.RIGHT_PARENTHESIS);
  }

  private void put(long offset, long bits) {
    int width = type.bytes();
    long end = offset + width;
    if (end > available) {
      throw lexer.error("the module's initial values take more than " + MAXIMUM_BYTES + " bytes");
    }
    if (end > bytes.length) {
      bytes = Arrays.copyOf(bytes, (int) Math.max(end, Math.min(available, 2L * bytes.length)));
    }
    for (int i = 0; i < width; i++) {
      bytes[(int) offset + i] = (byte) (bits >>> i * Byte.SIZE);
    }
    written = Math.max(written, (int) end);
  }
}
