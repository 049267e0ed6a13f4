package dev.culebra.emulator.ptx;

import java.util.ArrayList;
import java.util.List;

/** Reads declarations of variables (PTX ISA 5.4). */
final class VariableParser {
  private static final int MAXIMUM_VECTOR_BITS = 128;
  private static final int MAXIMUM_DIMENSIONS = 16;
  private static final int MAXIMUM_ALIGNMENT = 1 << 30;
  private static final int MAXIMUM_IN_RANGES = 1 << 20;
  private static final long MAXIMUM_ELEMENTS = 1L << 40;
  private static final int DEFAULT_POINTER_ALIGNMENT = 4;

  private final Lexer lexer;
  private final ConstantExpression expressions;
  private int initialBytes;
  private int inRanges;

  VariableParser(Lexer lexer, ConstantExpression expressions) {
    this.lexer = lexer;
    this.expressions = expressions;
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

  /** A variable as it is declared, and what its name means. */
  record Declared(Variable variable, boolean array) {
    Meaning.Place meaning() {
      return new Meaning.Place(
          variable.name(), variable.space(), array ? variable.type().bytes() : 0);
    }
  }

  /** Whether the current token begins a declaration. */
  boolean begins() {
    return lexer.isDotted("align") || space() != null;
  }

  private StateSpace space() {
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

  /** Reads all that stands before the name. */
  Header header() {
    int alignment = lexer.isDotted("align") ? alignment() : 0;
    StateSpace space = space();
    if (space == null) {
      throw lexer.expected("a state space");
    }
    lexer.advance();
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
          Variable.Pointer pointer = lexer.isDotted("ptr") ? pointer() : null;
          if (space == StateSpace.PARAM && lexer.isDotted("align")) {
            alignment = alignment();
          }
          return new Header(space, alignment, lanes, type, attributes, pointer);
        }
      }
    }
    throw lexer.expected("a type");
  }

  private int alignment() {
    lexer.advance();
    SourcePosition position = lexer.position();
    long alignment = expressions.parseInteger("an alignment");
    if (Long.bitCount(alignment) != 1 || alignment < 0 || alignment > MAXIMUM_ALIGNMENT) {
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
    if (!declarable(type, space)) {
      throw lexer.error("." + type.spelling() + " is no type that a variable can have here");
    }
    if (lanes > 1 && (type.bits() == 1 || lanes * type.bits() > MAXIMUM_VECTOR_BITS)) {
      throw lexer.error("a vector of ." + type.spelling() + " can't have " + lanes + " elements");
    }
    lexer.advance();
    return type;
  }

  /** Whether it is a fundamental type (PTX ISA 5.2.1), or opaque where those may be. */
  private static boolean declarable(ScalarType type, StateSpace space) {
    return switch (type) {
      case B8, B16, B32, B64, B128, U8, U16, U32, U64, S8, S16, S32, S64 -> true;
      case F16, F16X2, F32, F64 -> true;
      case PRED -> space == StateSpace.REG;
      case TEXREF, SAMPLERREF, SURFREF -> space == StateSpace.GLOBAL || space == StateSpace.PARAM;
      default -> false;
    };
  }

  /** Reads {@code .ptr .global .align 16} (PTX ISA 5.1.6.3). */
  private Variable.Pointer pointer() {
    lexer.advance();
    StateSpace space = space();
    if (space == StateSpace.REG || space == StateSpace.PARAM) {
      throw lexer.expected(".global, .const, .shared, .local or .align");
    }
    if (space != null) {
      lexer.advance();
    }
    return new Variable.Pointer(
        space, lexer.isDotted("align") ? alignment() : DEFAULT_POINTER_ALIGNMENT);
  }

  /**
   * Reads {@code name}, {@code name[2][3]}, {@code name[] = {...}}, or {@code name<10>}, which
   * declares ten.
   *
   * @param scope in which it stands
   */
  List<Declared> declarators(Header header, Variable.Linkage linkage, Scope scope) {
    SourcePosition position = lexer.position();
    String name = lexer.takeName("a variable's name");
    if (lexer.takeIf(Token.LESS)) {
      return range(header, linkage, name, position);
    }
    List<Long> dimensions = dimensions();
    boolean open = isOpen(dimensions);
    InitialiserParser.Initial initial = null;
    if (lexer.kind() == Token.ASSIGN) {
      initial = initial(header, linkage, dimensions, scope);
      if (open) {
        dimensions.set(0, initial.outermost());
      }
    } else if (open && linkage != Variable.Linkage.EXTERN) {
      throw lexer.error(position, "array " + name + " has no size");
    }
    return List.of(declared(header, linkage, name, dimensions, initial, position));
  }

  private List<Declared> range(
      Header header, Variable.Linkage linkage, String name, SourcePosition position) {
    long count = expressions.parseRangeCount(MAXIMUM_IN_RANGES - inRanges);
    inRanges += (int) count;
    if (lexer.kind() == Token.LEFT_BRACKET || lexer.kind() == Token.ASSIGN) {
      throw lexer.error("a range of variables can have no dimensions and no initial values");
    }
    List<Declared> all = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      all.add(declared(header, linkage, name + i, List.of(), null, position));
    }
    return all;
  }

  private InitialiserParser.Initial initial(
      Header header, Variable.Linkage linkage, List<Long> dimensions, Scope scope) {
    if (header.space() != StateSpace.CONST && header.space() != StateSpace.GLOBAL) {
      throw lexer.error("only variables in .const and .global space can be initialised");
    }
    if (linkage == Variable.Linkage.EXTERN) {
      throw lexer.error("a variable that is .extern can't be initialised");
    }
    lexer.advance();
    int available = InitialiserParser.MAXIMUM_BYTES - initialBytes;
    InitialiserParser.Initial initial =
        new InitialiserParser(lexer, expressions, header.type(), header.lanes(), available, scope)
            .parse(dimensions);
    initialBytes += initial.bytes().length;
    return initial;
  }

  private Declared declared(
      Header header,
      Variable.Linkage linkage,
      String name,
      List<Long> dimensions,
      InitialiserParser.Initial initial,
      SourcePosition position) {
    long elements = header.lanes();
    for (long size : dimensions) {
      elements *= size;
      if (elements > MAXIMUM_ELEMENTS) {
        throw lexer.error(position, "array " + name + " is too large");
      }
    }
    int natural = header.lanes() * header.type().bytes();
    Variable variable =
        new Variable(
            name,
            header.space(),
            header.type(),
            elements,
            header.alignment() == 0 ? natural : header.alignment(),
            linkage,
            initial == null ? null : initial.bytes(),
            initial == null ? List.of() : initial.relocations(),
            header.attributes(),
            header.pointer(),
            position);
    return new Declared(variable, !dimensions.isEmpty());
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

  private static boolean isOpen(List<Long> dimensions) {
    return !dimensions.isEmpty() && dimensions.getFirst() == 0;
  }

  /**
   * Reads the parameters or results of a function between parentheses (PTX ISA 11.2).
   *
   * @param kernel whether they are a kernel's
   * @param nameless whether {@code _} is a name
   */
  List<Declared> parameters(boolean kernel, boolean nameless) {
    lexer.take(Token.LEFT_PARENTHESIS);
    List<Declared> parameters = new ArrayList<>();
    if (lexer.takeIf(Token.RIGHT_PARENTHESIS)) {
      return parameters;
    }
    boolean more = true;
    while (more) {
      Declared parameter = parameter(kernel, nameless);
      parameters.add(parameter);
      more = lexer.takeIf(Token.COMMA);
      if (parameter.variable().elements() == 0 && (kernel || more)) {
        throw lexer.error(
            parameter.variable().position(),
            "only the last parameter of a function can be an array without a size");
      }
    }
    lexer.take(Token.RIGHT_PARENTHESIS);
    return parameters;
  }

  private Declared parameter(boolean kernel, boolean nameless) {
    SourcePosition start = lexer.position();
    boolean register = lexer.isDotted("reg");
    if (!lexer.isDotted("param") && (kernel || !register)) {
      throw lexer.expected(kernel ? ".param" : ".param or .reg");
    }
    Header header = header();
    if (register && header.type().kind() == ScalarType.Kind.OPAQUE) {
      throw lexer.error(start, "a register can't hold a texture, sampler or surface");
    }
    SourcePosition position = lexer.position();
    String name =
        nameless
            ? lexer.takeIdentifier("a parameter's name or \"_\"")
            : lexer.takeName("a parameter's name");
    List<Long> dimensions = register ? List.of() : dimensions();
    return declared(header, Variable.Linkage.LOCAL, name, dimensions, null, position);
  }
}
