package dev.culebra.emulator.ptx;

import java.util.ArrayList;
import java.util.List;

/** Reads operands (PTX ISA 6). */
final class OperandParser {
  private static final String SINK = "_";
  private static final Operand.Sink NOWHERE = new Operand.Sink();

  private final Lexer lexer;
  private final ConstantExpression expressions;
  private final RegisterFile registers;
  private Scope scope;

  OperandParser(Lexer lexer, ConstantExpression expressions, RegisterFile registers, Scope scope) {
    this.lexer = lexer;
    this.expressions = expressions;
    this.registers = registers;
    this.scope = scope;
  }

  /** Names are looked up in this scope from now on. */
  void enter(Scope entered) {
    scope = entered;
  }

  /** What a name means here; null where it means nothing. */
  Meaning find(String name) {
    return scope.find(name, registers);
  }

  /**
   * Reads an operand.
   *
   * @param memory whether {@code array[1]} means what lies there, not its address
   */
  Operand operand(boolean memory) {
    Operand first = single(memory);
    return lexer.takeIf(Token.OR) ? new Operand.Pair(first, single(memory)) : first;
  }

  private Operand single(boolean memory) {
    return switch (lexer.kind()) {
      case IDENTIFIER -> expressions.begins() ? constant() : named(memory);
      case LEFT_BRACE -> new Operand.Vector(vector());
      case LEFT_BRACKET -> address();
      case NOT -> lexer.nameFollows() ? negatedPredicate() : constant();
      case MINUS -> lexer.nameFollows() ? negated() : constant();
      default -> constant();
    };
  }

  private Operand constant() {
    if (!expressions.begins()) {
      throw lexer.expected("an operand");
    }
    return expressions.parse().operand();
  }

  private Operand negatedPredicate() {
    lexer.advance();
    long at = lexer.at();
    Operand.Register register = register("a predicate");
    if (register.type() != ScalarType.PRED) {
      throw lexer.error(at, "register " + register.name() + " is no predicate");
    }
    return new Operand.NegatedPredicate(register);
  }

  private Operand negated() {
    lexer.advance();
    long at = lexer.at();
    Operand operand = named(false);
    if (operand instanceof Operand.Register || operand instanceof Operand.Selected) {
      return new Operand.Negated(operand);
    }
    throw lexer.error(at, "expected a register behind \"-\"");
  }

  /** Reads {@code {a, b}}. */
  private List<Operand> vector() {
    lexer.take(Token.LEFT_BRACE);
    List<Operand> elements = new ArrayList<>(4);
    do {
      if (lexer.kind() == Token.LEFT_BRACE || lexer.kind() == Token.LEFT_BRACKET) {
        throw lexer.expected("an element of a vector");
      }
      long at = lexer.at();
      Operand element = single(false);
      if (element instanceof Operand.Vector) {
        throw lexer.error(at, "an element of a vector can't be a vector");
      }
      elements.add(element);
    } while (lexer.takeIf(Token.COMMA));
    lexer.take(Token.RIGHT_BRACE);
    return List.copyOf(elements);
  }

  /** Reads the name of a register of one value. */
  Operand.Register register(String what) {
    long at = lexer.at();
    Operand operand = lexer.kind() == Token.IDENTIFIER ? named(false) : null;
    if (operand instanceof Operand.Register register) {
      return register;
    }
    if (operand == null) {
      throw lexer.expected(what);
    }
    throw lexer.error(at, "expected " + what + " in a register");
  }

  private Operand named(boolean memory) {
    return named(memory, true);
  }

  /**
   * Reads what begins with a name.
   *
   * @param elements whether an array's name may have an index behind it
   */
  private Operand named(boolean memory, boolean elements) {
    long at = lexer.at();
    String name = lexer.name();
    lexer.advance();
    if (name.equals(SINK)) {
      return NOWHERE;
    }
    return switch (find(name)) {
      case Meaning.Scalar(Operand.Register register) ->
          lexer.kind() == Token.DOTTED ? selected(register) : register;
      case Meaning.VectorRegister(List<Operand> components) ->
          lexer.kind() == Token.DOTTED
              ? components.get(component(components.size()))
              : new Operand.Vector(components);
      case Meaning.Place place ->
          elements && lexer.kind() == Token.LEFT_BRACKET
              ? element(place, at, memory)
              : new Operand.SymbolAddress(place.name(), expressions.parseAddend());
      case Meaning.Callable(String function, Meaning.Signature ignored) ->
          new Operand.SymbolAddress(function, 0);
      case Meaning.Directive(String directive, Meaning.Signature ignored) ->
          new Operand.DirectiveLabel(directive);
      case Meaning.Target ignored ->
          throw lexer.error(at, "a label can be branched to and nothing else");
      case Meaning.Unused unused ->
          throw new IllegalStateException(unused + " should be a register by now");
      case null -> special(name, at);
    };
  }

  private Operand special(String name, long at) {
    if (SpecialRegisters.isVector(name)) {
      String component = null;
      if (lexer.kind() == Token.DOTTED) {
        component = "xyzw".substring(component(4)).substring(0, 1);
      }
      return new Operand.SpecialRegister(name.substring(1), component);
    }
    if (SpecialRegisters.isScalar(name)) {
      return new Operand.SpecialRegister(name.substring(1), null);
    }
    throw lexer.error(at, "unknown name " + name);
  }

  /** Takes a vector's component, {@code .x} or {@code .r}. */
  private int component(int lanes) {
    int index =
        switch (lexer.name()) {
          case "x", "r" -> 0;
          case "y", "g" -> 1;
          case "z", "b" -> 2;
          case "w", "a" -> 3;
          default -> lanes;
        };
    if (index >= lanes) {
      throw lexer.expected(lanes == 2 ? ".x or .y" : ".x, .y, .z or .w");
    }
    lexer.advance();
    return index;
  }

  private Operand selected(Operand.Register register) {
    String selector = lexer.name();
    boolean known = selector.length() > 1 && selector.length() <= 5;
    char largest = selector.charAt(0) == 'b' ? '7' : selector.charAt(0) == 'h' ? '3' : 0;
    for (int i = 1; i < selector.length(); i++) {
      known &= selector.charAt(i) >= '0' && selector.charAt(i) <= largest;
    }
    if (!known) {
      throw lexer.error("register " + register.name() + " has no component ." + selector);
    }
    lexer.advance();
    return new Operand.Selected(register, selector);
  }

  /** Reads {@code [4]} or {@code [%r1+4]} behind an array's name (PTX ISA 6.4.2). */
  private Operand element(Meaning.Place array, long at, boolean memory) {
    if (array.elementBytes() == 0) {
      throw lexer.error(at, array.name() + " is no array");
    }
    lexer.take(Token.LEFT_BRACKET);
    Operand.Register index = null;
    long offset;
    if (lexer.kind() == Token.IDENTIFIER && !expressions.begins()) {
      index = register("an index");
      offset = expressions.parseAddend();
    } else {
      offset = expressions.parseInteger("an index");
    }
    lexer.take(Token.RIGHT_BRACKET);
    Operand.SymbolAddress start = new Operand.SymbolAddress(array.name(), 0);
    if (index != null) {
      return new Operand.ElementAddress(start, index, offset, array.elementBytes());
    }
    offset *= array.elementBytes();
    return memory
        ? new Operand.Address(start, offset)
        : new Operand.SymbolAddress(array.name(), offset);
  }

  /** Reads {@code [base+offset]} and the like. */
  private Operand address() {
    lexer.take(Token.LEFT_BRACKET);
    Operand base = null;
    long offset;
    if (lexer.kind() == Token.IDENTIFIER && !expressions.begins()) {
      base = base();
      if (base instanceof Operand.SymbolAddress(String symbol, long addend)) {
        base = new Operand.SymbolAddress(symbol, 0);
        offset = addend;
      } else {
        offset = expressions.parseAddend();
      }
    } else {
      offset = expressions.parseInteger("an address");
    }
    if (lexer.kind() == Token.COMMA && base != null && offset == 0) {
      return tensorAddress(base);
    }
    lexer.take(Token.RIGHT_BRACKET);
    Operand.Address address = new Operand.Address(base, offset);
    return lexer.takeDotted("unified") ? new Operand.UnifiedAddress(address) : address;
  }

  private Operand base() {
    long at = lexer.at();
    Operand base = named(false, false);
    if (base instanceof Operand.Register || base instanceof Operand.SymbolAddress) {
      return base;
    }
    throw lexer.error(at, "expected a register or a variable as address");
  }

  /** Reads the rest of {@code [map, {c0, c1}]} or {@code [texture, sampler, {c0, c1}]}. */
  private Operand tensorAddress(Operand map) {
    lexer.take(Token.COMMA);
    Operand sampler = null;
    List<Operand> coordinates;
    if (lexer.kind() == Token.LEFT_BRACE) {
      coordinates = vector();
    } else {
      Operand second = single(false);
      if (lexer.takeIf(Token.COMMA)) {
        sampler = second;
        coordinates = lexer.kind() == Token.LEFT_BRACE ? vector() : List.of(single(false));
      } else {
        coordinates = second instanceof Operand.Vector(var all) ? all : List.of(second);
      }
    }
    lexer.take(Token.RIGHT_BRACKET);
    return new Operand.TensorAddress(map, sampler, coordinates);
  }
}
