package dev.culebra.emulator.ptx;

/** Reads and evaluates constant expressions (PTX ISA 4.5.4 to 4.5.6). */
final class ConstantExpression {
  static final String WARP_SIZE = "WARP_SZ";

  private static final int LANES = 32;
  private static final int MAXIMUM_DEPTH = 100;
  private static final int NO_OPERATOR = 0;

  /** That of {@code ||}, the binary operator that binds least. */
  private static final int LOWEST = 1;

  private final Lexer lexer;
  private int depth;

  ConstantExpression(Lexer lexer) {
    this.lexer = lexer;
  }

  /** Whether the current token can begin a constant expression. */
  boolean begins() {
    return switch (lexer.kind()) {
      case INTEGER, DOUBLE, SINGLE, LEFT_PARENTHESIS, PLUS, MINUS, NOT, COMPLEMENT -> true;
      case IDENTIFIER -> lexer.name().equals(WARP_SIZE);
      default -> false;
    };
  }

  /** Reads an expression of any type. */
  Constant parse() {
    enter();
    Constant condition = binary(LOWEST);
    long at = lexer.at();
    if (lexer.takeIf(Token.QUESTION)) {
      requireInteger(condition, at, "?:");
      Constant whenTrue = parse();
      lexer.take(Token.COLON);
      Constant whenFalse = parse();
      condition = choose(condition, whenTrue, whenFalse, at);
    }
    depth--;
    return condition;
  }

  /** Reads an integer expression; {@code what} it is for goes into the message. */
  long parseInteger(String what) {
    long at = lexer.at();
    if (!begins()) {
      throw lexer.expected(what);
    }
    Constant value = parse();
    if (!value.isInteger()) {
      throw lexer.error(at, "expected " + what + ", found a floating number");
    }
    return value.bits();
  }

  /** Reads a number, not an expression, from 0 to the largest int. */
  int parseCount(String what) {
    long count = lexer.bits();
    if (lexer.kind() != Token.INTEGER || count < 0 || count > Integer.MAX_VALUE) {
      throw lexer.expected(what);
    }
    lexer.advance();
    return (int) count;
  }

  /** Reads {@code 10>} of {@code %r<10>}. The {@code >} ends it, so it is one number. */
  long parseRangeCount(long maximum) {
    long count = lexer.bits();
    if (lexer.kind() != Token.INTEGER || count < 0 || count > maximum) {
      throw lexer.expected("a number of names up to " + maximum);
    }
    lexer.advance();
    lexer.take(Token.GREATER);
    return count;
  }

  /** Reads what is added to an address: {@code +4}, {@code +-4}, nothing. */
  long parseAddend() {
    if (lexer.kind() == Token.MINUS) {
      throw lexer.error("PTX writes a negative offset +-, as in [%rd1+-8]");
    }
    return lexer.kind() == Token.PLUS ? parseInteger("an offset") : 0;
  }

  private void enter() {
    if (++depth > MAXIMUM_DEPTH) {
      throw lexer.error("the expression is nested more than " + MAXIMUM_DEPTH + " deep");
    }
  }

  private Constant choose(Constant condition, Constant whenTrue, Constant whenFalse, long at) {
    if (whenTrue.isInteger() != whenFalse.isInteger()) {
      throw lexer.error(at, "both choices of ?: have to be integers or both floating");
    }
    if (!whenTrue.isInteger()) {
      refuseSingle(whenTrue, at);
      refuseSingle(whenFalse, at);
    }
    // ptxas leaves the chosen one its type, where the manual speaks of conversions.
    return condition.bits() != 0 ? whenTrue : whenFalse;
  }

  private Constant binary(int lowest) {
    Constant left = unary();
    while (true) {
      Token operator = lexer.kind();
      int precedence = precedence(operator);
      if (precedence < lowest) {
        return left;
      }
      long at = lexer.at();
      lexer.advance();
      Constant right = binary(precedence + 1);
      left = apply(operator, left, right, at);
    }
  }

  private static int precedence(Token operator) {
    return switch (operator) {
      case OR_OR -> LOWEST;
      case AND_AND -> 2;
      case OR -> 3;
      case XOR -> 4;
      case AND -> 5;
      case EQUAL, NOT_EQUAL -> 6;
      case LESS, LESS_EQUAL, GREATER, GREATER_EQUAL -> 7;
      case SHIFT_LEFT, SHIFT_RIGHT -> 8;
      case PLUS, MINUS -> 9;
      case TIMES, DIVIDE, REMAINDER -> 10;
      default -> NO_OPERATOR;
    };
  }

  private Constant unary() {
    long at = lexer.at();
    switch (lexer.kind()) {
      case PLUS, MINUS, NOT, COMPLEMENT -> {
        enter();
        Token operator = lexer.kind();
        lexer.advance();
        Constant value = unary();
        depth--;
        return negate(operator, value, at);
      }
      case LEFT_PARENTHESIS -> {
        lexer.advance();
        return lexer.kind() == Token.DOTTED ? cast() : parenthesised();
      }
      default -> {
        return literal();
      }
    }
  }

  private Constant literal() {
    Constant value =
        switch (lexer.kind()) {
          case INTEGER ->
              new Constant(
                  lexer.unsigned() ? Constant.Type.UNSIGNED : Constant.Type.SIGNED, lexer.bits());
          case DOUBLE -> new Constant(Constant.Type.DOUBLE, lexer.bits());
          case SINGLE -> new Constant(Constant.Type.SINGLE, lexer.bits());
          default -> {
            if (!begins()) {
              throw lexer.expected("a constant");
            }
            yield Constant.signed(LANES);
          }
        };
    lexer.advance();
    return value;
  }

  private Constant parenthesised() {
    Constant value = parse();
    lexer.take(Token.RIGHT_PARENTHESIS);
    return value;
  }

  private Constant cast() {
    Constant.Type type =
        switch (lexer.name()) {
          case "s64" -> Constant.Type.SIGNED;
          case "u64" -> Constant.Type.UNSIGNED;
          default -> throw lexer.expected("a cast to .s64 or .u64");
        };
    lexer.advance();
    lexer.take(Token.RIGHT_PARENTHESIS);
    long at = lexer.at();
    enter();
    Constant value = unary();
    depth--;
    requireInteger(value, at, "a cast");
    return new Constant(type, value.bits());
  }

  private Constant negate(Token operator, Constant value, long at) {
    if (operator == Token.NOT || operator == Token.COMPLEMENT) {
      requireInteger(value, at, operator.description());
    }
    return switch (operator) {
      case NOT -> Constant.of(value.bits() == 0);
      case COMPLEMENT -> new Constant(Constant.Type.UNSIGNED, ~value.bits());
      case MINUS ->
          value.isInteger()
              ? new Constant(value.type(), -value.bits())
              : Constant.of(-floating(value, at));
      default -> value.isInteger() ? value : Constant.of(floating(value, at));
    };
  }

  private Constant apply(Token operator, Constant a, Constant b, long at) {
    if (a.isInteger() && b.isInteger()) {
      return integers(operator, a, b, at);
    }
    if (a.isInteger() || b.isInteger()) {
      throw lexer.error(at, "an integer and a floating number don't mix; PTX has no casts");
    }
    double x = floating(a, at);
    double y = floating(b, at);
    return switch (operator) {
      case PLUS -> Constant.of(x + y);
      case MINUS -> Constant.of(x - y);
      case TIMES -> Constant.of(x * y);
      case DIVIDE -> Constant.of(x / y);
      case LESS -> Constant.of(x < y);
      case LESS_EQUAL -> Constant.of(x <= y);
      case GREATER -> Constant.of(x > y);
      case GREATER_EQUAL -> Constant.of(x >= y);
      case EQUAL -> Constant.of(x == y);
      case NOT_EQUAL -> Constant.of(x != y);
      default -> throw lexer.error(at, operator.description() + " doesn't take floating numbers");
    };
  }

  private Constant integers(Token operator, Constant a, Constant b, long at) {
    long x = a.bits();
    long y = b.bits();
    Constant.Type type = common(a, b);
    boolean unsigned = type == Constant.Type.UNSIGNED;
    if (y == 0 && (operator == Token.DIVIDE || operator == Token.REMAINDER)) {
      throw lexer.error(at, "division by zero");
    }
    return switch (operator) {
      case PLUS -> new Constant(type, x + y);
      case MINUS -> new Constant(type, x - y);
      case TIMES -> new Constant(type, x * y);
      case DIVIDE -> new Constant(type, unsigned ? Long.divideUnsigned(x, y) : x / y);
      // ptxas takes the remainder for unsigned, and a shift's distance modulo 64.
      case REMAINDER -> new Constant(Constant.Type.UNSIGNED, Long.remainderUnsigned(x, y));
      case SHIFT_LEFT -> new Constant(a.type(), x << y);
      case SHIFT_RIGHT ->
          new Constant(a.type(), a.type() == Constant.Type.UNSIGNED ? x >>> y : x >> y);
      case AND -> new Constant(type, x & y);
      case XOR -> new Constant(type, x ^ y);
      case OR -> new Constant(type, x | y);
      case AND_AND -> Constant.of(x != 0 && y != 0);
      case OR_OR -> Constant.of(x != 0 || y != 0);
      case EQUAL -> Constant.of(x == y);
      case NOT_EQUAL -> Constant.of(x != y);
      case LESS -> Constant.of(compare(x, y, unsigned) < 0);
      case LESS_EQUAL -> Constant.of(compare(x, y, unsigned) <= 0);
      case GREATER -> Constant.of(compare(x, y, unsigned) > 0);
      case GREATER_EQUAL -> Constant.of(compare(x, y, unsigned) >= 0);
      default -> throw lexer.error(at, operator.description() + " is no operator");
    };
  }

  private static int compare(long x, long y, boolean unsigned) {
    return unsigned ? Long.compareUnsigned(x, y) : Long.compare(x, y);
  }

  /** The usual arithmetic conversions (PTX ISA 4.5.5). */
  private static Constant.Type common(Constant a, Constant b) {
    return a.type() == Constant.Type.UNSIGNED || b.type() == Constant.Type.UNSIGNED
        ? Constant.Type.UNSIGNED
        : Constant.Type.SIGNED;
  }

  private void requireInteger(Constant value, long at, String what) {
    if (!value.isInteger()) {
      throw lexer.error(at, what + " takes integers only");
    }
  }

  private double floating(Constant value, long at) {
    refuseSingle(value, at);
    return value.doubleValue();
  }

  private void refuseSingle(Constant value, long at) {
    if (value.type() == Constant.Type.SINGLE) {
      throw lexer.error(at, "a number written 0f may not be used in an expression");
    }
  }
}
