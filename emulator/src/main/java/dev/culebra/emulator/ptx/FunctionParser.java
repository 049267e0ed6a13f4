package dev.culebra.emulator.ptx;

import java.util.List;
import java.util.Map;

/** Reads {@code .entry} and {@code .func} (PTX ISA 11.2) and what may stand at their heads. */
final class FunctionParser {
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

  /** Who hears of a function when its head is read, before its body is, and of what is in that. */
  interface Declarations {
    /**
     * @param defined whether a body follows
     */
    void declare(
        String name, Meaning.Signature signature, boolean defined, SourcePosition position);

    /** Adds a variable that a body declares for the whole module. */
    void add(Variable variable);
  }

  /** Reads a function behind {@code .entry} or {@code .func}. */
  FunctionDraft parse(boolean entry, Variable.Linkage linkage, Declarations declarations) {
    if (!entry && lexer.isDotted("attribute")) {
      // .unified says that host and device see one address; here there is no other to see.
      variables.attributes();
    }
    List<VariableParser.Declared> results = entry ? List.of() : parameters(false, false);
    SourcePosition position = lexer.position();
    String name = lexer.takeName(entry ? "a kernel's name" : "a function's name");
    List<VariableParser.Declared> parameters = parameters(entry, false);
    LaunchBoundsParser directives = new LaunchBoundsParser(lexer, expressions);
    Function.LaunchBounds bounds =
        entry ? directives.ofKernel() : directives.ofFunction(!results.isEmpty());
    boolean defined = lexer.kind() == Token.LEFT_BRACE;
    // As ptxas has it, the next directive ends a function's declaration as well as a semicolon.
    if (!defined && !lexer.takeIf(Token.SEMICOLON) && (entry || lexer.kind() != Token.DOTTED)) {
      throw lexer.expected((entry ? "a kernel's" : "a function's") + " body or \";\"");
    }
    List<Variable> resultVariables = variables(results);
    List<Variable> parameterVariables = variables(parameters);
    declarations.declare(
        name, Meaning.Signature.of(resultVariables, parameterVariables), defined, position);
    BodyDraft body = null;
    if (defined) {
      BodyParser parser =
          new BodyParser(name, lexer, expressions, variables, this, opcodes, module);
      parser.declareParameters(results);
      parser.declareParameters(parameters);
      body = parser.parse();
      parser.globals().forEach(declarations::add);
    }
    return new FunctionDraft(
        name, entry, linkage, resultVariables, parameterVariables, bounds, body, position);
  }

  private List<VariableParser.Declared> parameters(boolean kernel, boolean nameless) {
    return lexer.kind() == Token.LEFT_PARENTHESIS
        ? variables.parameters(kernel, nameless)
        : List.of();
  }

  private static List<Variable> variables(List<VariableParser.Declared> declared) {
    return declared.stream().map(VariableParser.Declared::variable).toList();
  }

  /** Reads a {@code .callprototype} behind that word (PTX ISA 11.3.3). */
  FunctionBody.Prototype prototype() {
    List<Variable> results = variables(parameters(false, true));
    if (lexer.kind() != Token.IDENTIFIER || !lexer.name().equals("_")) {
      throw lexer.expected("\"_\"");
    }
    lexer.advance();
    List<Variable> parameters = variables(parameters(false, true));
    new LaunchBoundsParser(lexer, expressions).ofFunction(!results.isEmpty());
    lexer.take(Token.SEMICOLON);
    return new FunctionBody.Prototype(results, parameters);
  }

  /** Reads a {@code .pragma}. */
  void pragma() {
    new LaunchBoundsParser(lexer, expressions).pragma();
  }
}
