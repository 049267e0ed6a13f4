package dev.culebra.emulator.ptx;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Reads {@code .entry} and {@code .func} (PTX ISA 11.2) and what may stand at their heads. */
final class FunctionParser {
  private static final int DIMENSIONS = 3;

  private final Lexer lexer;
  private final ConstantExpression expressions;
  private final VariableParser variables;
  private final Map<String, Opcode> opcodes = InstructionParser.opcodes();
  private final Scope module;

  FunctionParser(
      Lexer lexer, ConstantExpression expressions, VariableParser variables, Scope module) {
    this.lexer = lexer;
    this.expressions = expressions;
    this.variables = variables;
    this.module = module;
  }

  /** Who hears of a function when its head is read, before its body is. */
  interface Declarations {
    /**
     * @param defined whether a body follows
     */
    void declare(String name, boolean entry, boolean defined, SourcePosition position);
  }

  /** Reads a function behind {@code .entry} or {@code .func}. */
  FunctionDraft parse(boolean entry, Variable.Linkage linkage, Declarations declarations) {
    if (!entry && lexer.isDotted("attribute")) {
      // .unified says that host and device see one address; here there is no other to see.
      variables.attributes();
    }
    List<Variable> results =
        !entry && lexer.kind() == Token.LEFT_PARENTHESIS ? variables.parameters() : List.of();
    SourcePosition position = lexer.position();
    String name = lexer.takeIdentifier(entry ? "a kernel's name" : "a function's name");
    List<Variable> parameters =
        lexer.kind() == Token.LEFT_PARENTHESIS ? variables.parameters() : List.of();
    Function.LaunchBounds bounds = bounds(entry);
    boolean defined = lexer.kind() == Token.LEFT_BRACE;
    if (!defined) {
      if (lexer.kind() != Token.SEMICOLON) {
        throw lexer.expected("a function's body or \";\"");
      }
      lexer.advance();
    }
    declarations.declare(name, entry, defined, position);
    BodyDraft body = null;
    if (defined) {
      BodyParser parser = new BodyParser(lexer, expressions, variables, this, opcodes, module);
      parser.declareParameters(results);
      parser.declareParameters(parameters);
      body = parser.parse();
    }
    return new FunctionDraft(
        name,
        entry,
        linkage,
        List.copyOf(results),
        List.copyOf(parameters),
        bounds,
        body,
        position);
  }

  /** Reads a {@code .callprototype} behind that word (PTX ISA 11.3.3). */
  FunctionBody.Prototype prototype() {
    List<Variable> results =
        lexer.kind() == Token.LEFT_PARENTHESIS ? variables.parameters() : List.of();
    lexer.takeIdentifier("\"_\"");
    List<Variable> parameters =
        lexer.kind() == Token.LEFT_PARENTHESIS ? variables.parameters() : List.of();
    bounds(false);
    lexer.take(Token.SEMICOLON);
    return new FunctionBody.Prototype(List.copyOf(results), List.copyOf(parameters));
  }

  /** Reads performance and cluster directives (PTX ISA 11.4, 11.7, 11.8). */
  private Function.LaunchBounds bounds(boolean entry) {
    int maxThreads = 0;
    List<Integer> required = List.of();
    int minBlocks = 0;
    int maxRegisters = 0;
    List<Integer> cluster = List.of();
    boolean explicitCluster = false;
    int maxClusterRank = 0;
    boolean blocksAreClusters = false;
    boolean noReturn = false;
    while (lexer.kind() == Token.DOTTED) {
      String name = lexer.name();
      boolean ofFunctions =
          switch (name) {
            case "noreturn", "abi_preserve", "abi_preserve_control" -> true;
            default -> false;
          };
      if (ofFunctions == entry && !name.equals("pragma")) {
        throw lexer.expected(
            entry
                ? "a directive of a kernel or its body"
                : "a directive of a function or its body");
      }
      switch (name) {
        case "maxntid" -> maxThreads = product(dimensions());
        case "reqntid" -> required = dimensions();
        case "minnctapersm", "maxnctapersm" -> minBlocks = count();
        case "maxnreg" -> maxRegisters = count();
        case "reqnctapercluster" -> cluster = dimensions();
        case "maxclusterrank" -> maxClusterRank = count();
        case "explicitcluster" -> explicitCluster = flag();
        case "blocksareclusters" -> blocksAreClusters = flag();
        case "noreturn" -> noReturn = flag();
        // Registers are virtual here; how many a callee saves changes nothing.
        case "abi_preserve", "abi_preserve_control" -> count();
        case "pragma" -> pragma();
        default -> throw lexer.expected("a directive of a kernel or its body");
      }
    }
    return new Function.LaunchBounds(
        maxThreads,
        required,
        minBlocks,
        maxRegisters,
        cluster,
        explicitCluster,
        maxClusterRank,
        blocksAreClusters,
        noReturn);
  }

  private boolean flag() {
    lexer.advance();
    return true;
  }

  private int count() {
    lexer.advance();
    return expressions.parseCount("a number");
  }

  /** Reads one to three numbers; those that are left out are 1. */
  private List<Integer> dimensions() {
    List<Integer> dimensions = new ArrayList<>(DIMENSIONS);
    do {
      if (dimensions.size() == DIMENSIONS) {
        throw lexer.error("there are three dimensions at most");
      }
      lexer.advance();
      SourcePosition position = lexer.position();
      int size = expressions.parseCount("a number");
      if (size == 0) {
        throw lexer.error(position, "a dimension can't be 0");
      }
      dimensions.add(size);
    } while (lexer.kind() == Token.COMMA);
    while (dimensions.size() < DIMENSIONS) {
      dimensions.add(1);
    }
    return List.copyOf(dimensions);
  }

  private static int product(List<Integer> dimensions) {
    long product = 1;
    for (int size : dimensions) {
      product = Math.min(product * size, Integer.MAX_VALUE);
    }
    return (int) product;
  }

  /** Reads a {@code .pragma}; what it says has no meaning in PTX itself (PTX ISA 11.4.7). */
  void pragma() {
    do {
      lexer.advance();
      if (lexer.kind() != Token.STRING) {
        throw lexer.expected("a string");
      }
      lexer.advance();
    } while (lexer.kind() == Token.COMMA);
    lexer.take(Token.SEMICOLON);
  }
}
