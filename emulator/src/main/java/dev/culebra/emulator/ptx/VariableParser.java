package dev.culebra.emulator.ptx;

import java.util.ArrayList;
import java.util.List;

/** Reads declarations of variables and parameters (PTX ISA 5.4). */
final class VariableParser {
  private static final int MAXIMUM_VECTOR_BITS = 128;
  private static final int MAXIMUM_DIMENSIONS = 16;
  private static final int MAXIMUM_RANGE = 1 << 16;
  private static final long MAXIMUM_ELEMENTS = 1L << 40;

  private final Lexer lexer;
  private final ConstantExpression expressions;
  private final InitialiserParser initialisers;

  VariableParser(Lexer lexer, ConstantExpression expressions, InitialiserParser initialisers) {
    this.lexer = lexer;
    this.expressions = expressions;
    this.initialisers = initialisers;
  }

  /**
   * What stands before a variable's name.
   *
   * @param alignment 0 where not given
   * @param lanes elements of a vector, else 1
   */
  record Header(
      StateSpace space,
      int alignment,
      int lanes,
      ScalarType type,
      List<String> attributes,
      Variable.Pointer pointer) {}

  /** The state space that the current token names; null where it is none. */
  StateSpace space() {
    if (lexer.kind() != Token.DOTTED) {
      return null;
    }
    return switch (lexer.name()) {
      case "reg" -> StateSpace.REG;
      case "const" -> StateSpace.CONST;
      case "global" -> StateSpace.GLOBAL;
      case "local" -> StateSpace.LOCAL;
      case "param" -> StateSpace.PARAM;
      case "shared" -> StateSpace.SHARED;
      default -> null;
    };
  }

  /** Reads what follows a state space up to the name. */
  Header header(StateSpace space) {
    int alignment = 0;
    int lanes = 1;
    List<String> attributes = List.of();
    while (lexer.kind() == Token.DOTTED) {
      switch (lexer.name()) {
        case "align" -> alignment = alignment();
        case "attribute" -> attributes = attributes();
        case "v2" -> lanes = lanes(2);
        case "v4" -> lanes = lanes(4);
        default -> {
          ScalarType type = type(space, lanes);
          return new Header(space, alignment, lanes, type, attributes, pointer());
        }
      }
    }
    throw lexer.expected("a type");
  }

  private int alignment() {
    lexer.advance();
    SourcePosition position = lexer.position();
    long alignment = expressions.parseInteger("an alignment");
    if (Long.bitCount(alignment) != 1 || alignment < 0 || alignment > 1 << 30) {
      throw lexer.error(position, "an alignment has to be a power of two, found " + alignment);
    }
    return (int) alignment;
  }

  private int lanes(int lanes) {
    lexer.advance();
    return lanes;
  }

  /** Reads {@code .attribute(...)} (PTX ISA 5.4.8). */
  List<String> attributes() {
    lexer.advance();
    lexer.take(Token.LEFT_PARENTHESIS);
    List<String> attributes = new ArrayList<>();
    do {
      if (lexer.takeDotted("managed")) {
        attributes.add("managed");
      } else if (lexer.takeDotted("unified")) {
        lexer.take(Token.LEFT_PARENTHESIS);
        long high = expressions.parseInteger("an integer");
        lexer.take(Token.COMMA);
        long low = expressions.parseInteger("an integer");
        lexer.take(Token.RIGHT_PARENTHESIS);
        attributes.add("unified(" + high + ", " + low + ")");
      } else {
        throw lexer.expected(".managed or .unified");
      }
    } while (lexer.takeIf(Token.COMMA));
    lexer.take(Token.RIGHT_PARENTHESIS);
    return List.copyOf(attributes);
  }

  private ScalarType type(StateSpace space, int lanes) {
    ScalarType type = ScalarType.named(lexer.name());
    if (type == null) {
      throw lexer.expected("a type");
    }
    boolean declarable =
        switch (type) {
          case BF16, TF32, E4M3, E5M2, U16X2, S16X2, BF16X2, E4M3X2, E5M2X2, F32X2 -> false;
          case PRED -> space == StateSpace.REG;
          case TEXREF, SAMPLERREF, SURFREF ->
              space == StateSpace.GLOBAL || space == StateSpace.PARAM;
          default -> true;
        };
    if (!declarable) {
      throw lexer.error(
          "type ." + type.spelling() + " is none that a variable in this space can have");
    }
    if (lanes > 1 && (type.bits() == 1 || lanes * type.bits() > MAXIMUM_VECTOR_BITS)) {
      throw lexer.error("a vector of ." + type.spelling() + " can't have " + lanes + " elements");
    }
    lexer.advance();
    return type;
  }

  private Variable.Pointer pointer() {
    if (!lexer.takeDotted("ptr")) {
      return null;
    }
    StateSpace space = null;
    int alignment = 4;
    while (lexer.kind() == Token.DOTTED) {
      if (lexer.isDotted("align")) {
        alignment = alignment();
      } else {
        space = space();
        if (space == null || space == StateSpace.REG || space == StateSpace.PARAM) {
          throw lexer.expected(".global, .const, .shared, .local or .align");
        }
        lexer.advance();
      }
    }
    return new Variable.Pointer(space, alignment);
  }

  /** Reads {@code name}, {@code name[2][3]}, {@code name[] = {...}}. */
  private Variable declarator(Header header, Variable.Linkage linkage) {
    SourcePosition position = lexer.position();
    String name = lexer.takeIdentifier("a name");
    return afterName(header, linkage, name, position);
  }

  /** Reads a declarator or {@code name<10>}, which declares ten. */
  List<Variable> declarators(Header header, Variable.Linkage linkage) {
    SourcePosition position = lexer.position();
    String name = lexer.takeIdentifier("a name");
    if (!lexer.takeIf(Token.LESS)) {
      return List.of(afterName(header, linkage, name, position));
    }
    long count = expressions.parseRangeCount(MAXIMUM_RANGE);
    if (lexer.kind() == Token.LEFT_BRACKET || lexer.kind() == Token.ASSIGN) {
      throw lexer.error("a range of variables can have no dimensions and no initial values");
    }
    List<Variable> all = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      all.add(afterName(header, linkage, name + i, position));
    }
    return all;
  }

  /** Reads what may follow a variable's name. */
  private Variable afterName(
      Header header, Variable.Linkage linkage, String name, SourcePosition position) {
    List<Long> dimensions = dimensions();
    boolean open = !dimensions.isEmpty() && dimensions.getFirst() == 0;
    InitialiserParser.Initial initial = null;
    if (lexer.kind() == Token.ASSIGN) {
      if (header.space() != StateSpace.CONST && header.space() != StateSpace.GLOBAL) {
        throw lexer.error("only variables in .const and .global space can be initialised");
      }
      if (linkage == Variable.Linkage.EXTERN) {
        throw lexer.error("a variable that is .extern can't be initialised");
      }
      lexer.advance();
      initial = initialisers.parse(header.type(), header.lanes(), dimensions);
    }
    long elements = header.lanes();
    for (int i = 0; i < dimensions.size(); i++) {
      long size = open && i == 0 && initial != null ? initial.outermost() : dimensions.get(i);
      elements *= size;
      if (elements > MAXIMUM_ELEMENTS) {
        throw lexer.error(position, "array " + name + " is too large");
      }
    }
    int natural = header.lanes() * header.type().bytes();
    return new Variable(
        name,
        header.space(),
        header.type(),
        elements,
        Math.max(header.alignment(), header.alignment() == 0 ? natural : 1),
        linkage,
        initial == null ? null : initial.bytes(),
        initial == null ? List.of() : initial.relocations(),
        header.attributes(),
        header.pointer(),
        position);
  }

  /** Sizes of an array's dimensions; the first is 0 where it is left open. */
  private List<Long> dimensions() {
    List<Long> dimensions = new ArrayList<>(1);
    while (lexer.kind() == Token.LEFT_BRACKET) {
      SourcePosition position = lexer.position();
      lexer.advance();
      if (dimensions.isEmpty() && lexer.takeIf(Token.RIGHT_BRACKET)) {
        dimensions.add(0L);
        continue;
      }
      long size = expressions.parseInteger("a dimension's size");
      if (size <= 0 || size > MAXIMUM_ELEMENTS || dimensions.size() == MAXIMUM_DIMENSIONS) {
        throw lexer.error(position, "an array can't have a dimension of " + size);
      }
      lexer.take(Token.RIGHT_BRACKET);
      dimensions.add(size);
    }
    return dimensions;
  }

  /** Reads the parameters or results of a function between parentheses. */
  List<Variable> parameters() {
    lexer.take(Token.LEFT_PARENTHESIS);
    List<Variable> parameters = new ArrayList<>();
    if (lexer.takeIf(Token.RIGHT_PARENTHESIS)) {
      return parameters;
    }
    do {
      StateSpace space = space();
      if (space != StateSpace.PARAM && space != StateSpace.REG) {
        throw lexer.expected(".param or .reg");
      }
      lexer.advance();
      parameters.add(declarator(header(space), Variable.Linkage.LOCAL));
    } while (lexer.takeIf(Token.COMMA));
    lexer.take(Token.RIGHT_PARENTHESIS);
    return parameters;
  }
}
