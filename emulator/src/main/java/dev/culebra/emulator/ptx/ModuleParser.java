package dev.culebra.emulator.ptx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads a module (PTX ISA 11.1, 11.5, 11.6). */
final class ModuleParser implements FunctionParser.Declarations {
  private static final int OLDEST_MAJOR = 3;
  private static final int NEWEST_MAJOR = 9;
  private static final int DEFAULT_ADDRESS_SIZE = 32;

  private final Lexer lexer;
  private final Scope scope = new Scope(null);
  private final RegisterFile noRegisters = new RegisterFile(scope);
  private final ConstantExpression expressions;
  private final InitialiserParser initialisers;
  private final VariableParser variableParser;
  private final FunctionParser functionParser;

  private final Map<String, Variable> variables = new LinkedHashMap<>();
  private final Map<String, FunctionDraft> functions = new LinkedHashMap<>();
  private final Map<String, Boolean> defined = new HashMap<>();
  private final Map<String, String> aliases = new LinkedHashMap<>();
  private final Map<Integer, String> files = new HashMap<>();

  private int versionMajor;
  private int versionMinor;
  private int architecture;
  private String suffix = "";
  private final List<String> options = new ArrayList<>();
  private int addressSize = DEFAULT_ADDRESS_SIZE;

  ModuleParser(Lexer lexer) {
    this.lexer = lexer;
    expressions = new ConstantExpression(lexer);
    initialisers = new InitialiserParser(lexer, expressions);
    variableParser = new VariableParser(lexer, expressions, initialisers);
    functionParser = new FunctionParser(lexer, expressions, variableParser, scope);
  }

  PtxModule parse() {
    version();
    if (!lexer.isDotted("target")) {
      throw lexer.expected(".target");
    }
    while (lexer.kind() != Token.END) {
      directive();
    }
    checkInitialisers();
    List<Function> finished = new ArrayList<>(functions.size());
    for (FunctionDraft function : functions.values()) {
      finished.add(function.finish(files));
    }
    return new PtxModule(
        lexer.module(),
        versionMajor,
        versionMinor,
        architecture,
        suffix,
        List.copyOf(options),
        addressSize,
        List.copyOf(variables.values()),
        List.copyOf(finished),
        Map.copyOf(aliases));
  }

  private void version() {
    if (!lexer.takeDotted("version")) {
      throw lexer.expected(".version");
    }
    String version = lexer.spelling();
    int dot = version.indexOf('.');
    if (lexer.kind() != Token.DOUBLE || !version.matches("\\d{1,3}\\.\\d{1,3}")) {
      throw lexer.expected("a version such as 8.7");
    }
    versionMajor = Integer.parseInt(version.substring(0, dot));
    versionMinor = Integer.parseInt(version.substring(dot + 1));
    if (versionMajor < OLDEST_MAJOR || versionMajor > NEWEST_MAJOR) {
      throw lexer.error(
          "PTX version "
              + version
              + " is not understood; versions "
              + OLDEST_MAJOR
              + ".0 to "
              + NEWEST_MAJOR
              + ".x are");
    }
    lexer.advance();
  }

  private void directive() {
    if (lexer.kind() != Token.DOTTED) {
      throw lexer.expected("a directive");
    }
    StateSpace space = variableParser.space();
    if (space != null) {
      variables(Variable.Linkage.LOCAL);
      return;
    }
    switch (lexer.name()) {
      case "target" -> target();
      case "address_size" -> addressSize();
      case "visible" -> linked(Variable.Linkage.VISIBLE);
      case "extern" -> linked(Variable.Linkage.EXTERN);
      case "weak" -> linked(Variable.Linkage.WEAK);
      case "common" -> linked(Variable.Linkage.COMMON);
      case "entry", "func" -> function(Variable.Linkage.LOCAL);
      case "tex" -> variables(Variable.Linkage.LOCAL);
      case "file" -> file();
      case "section" -> section();
      case "pragma" -> functionParser.pragma();
      case "alias" -> alias();
      case "version" -> throw lexer.error(".version stands twice");
      default -> throw lexer.expected("a directive of a module");
    }
  }

  private void target() {
    do {
      lexer.advance();
      String name = lexer.takeIdentifier("a target such as sm_90");
      if (name.matches("(sm|compute)_\\d{1,4}[af]?")) {
        String number = name.substring(name.indexOf('_') + 1);
        int digits =
            number.length() - (Character.isDigit(number.charAt(number.length() - 1)) ? 0 : 1);
        int wanted = Integer.parseInt(number.substring(0, digits));
        if (wanted >= architecture) {
          architecture = wanted;
          suffix = number.substring(digits);
        }
      } else {
        options.add(name);
      }
    } while (lexer.kind() == Token.COMMA);
    if (architecture == 0) {
      throw lexer.error(".target names no architecture such as sm_90");
    }
  }

  private void addressSize() {
    lexer.advance();
    SourcePosition position = lexer.position();
    long size = expressions.parseInteger("32 or 64");
    if (size != 32 && size != 64) {
      throw lexer.error(position, "expected 32 or 64, found " + size);
    }
    addressSize = (int) size;
  }

  private void linked(Variable.Linkage linkage) {
    lexer.advance();
    if (lexer.isDotted("entry") || lexer.isDotted("func")) {
      function(linkage);
    } else if (variableParser.space() != null || lexer.isDotted("tex")) {
      variables(linkage);
    } else {
      throw lexer.expected(".entry, .func or a variable's state space");
    }
  }

  private void function(Variable.Linkage linkage) {
    boolean entry = lexer.isDotted("entry");
    lexer.advance();
    FunctionDraft function = functionParser.parse(entry, linkage, this);
    FunctionDraft earlier = functions.get(function.name());
    if (earlier == null || earlier.body() == null) {
      functions.put(function.name(), function);
    }
  }

  @Override
  public void declare(String name, boolean entry, boolean body, SourcePosition position) {
    boolean fresh = scope.declare(name, new Meaning.Callable(name));
    boolean hadBody = defined.getOrDefault(name, false);
    if (!fresh && (!(scope.own(name) instanceof Meaning.Callable) || hadBody && body)) {
      throw lexer.error(position, name + " is defined twice");
    }
    defined.put(name, hadBody || body);
  }

  private void variables(Variable.Linkage linkage) {
    StateSpace space = lexer.isDotted("tex") ? StateSpace.GLOBAL : variableParser.space();
    boolean texture = lexer.isDotted("tex");
    if (space == StateSpace.REG || space == StateSpace.LOCAL || space == StateSpace.PARAM) {
      throw lexer.error("there are no variables in this space outside of functions");
    }
    lexer.advance();
    VariableParser.Header header = variableParser.header(space);
    if (texture) {
      // PTX ISA 5.1.8: .tex .u32 t is .global .texref t.
      header =
          new VariableParser.Header(
              space, 0, 1, ScalarType.TEXREF, header.attributes(), header.pointer());
    }
    do {
      for (Variable variable : variableParser.declarators(header, linkage)) {
        declare(variable);
      }
    } while (lexer.takeIf(Token.COMMA));
    lexer.take(Token.SEMICOLON);
  }

  private void declare(Variable variable) {
    Meaning meaning = new Meaning.Place(variable);
    Variable earlier = variables.get(variable.name());
    if (!scope.declare(variable.name(), meaning)) {
      boolean compatible =
          earlier != null
              && (earlier.linkage() == Variable.Linkage.EXTERN
                  || variable.linkage() == Variable.Linkage.EXTERN);
      if (!compatible) {
        throw lexer.error(variable.position(), variable.name() + " is declared twice");
      }
      if (variable.linkage() == Variable.Linkage.EXTERN) {
        return;
      }
      scope.redeclare(variable.name(), meaning);
    }
    variables.put(variable.name(), variable);
  }

  private void file() {
    lexer.advance();
    int index = expressions.parseCount("a file's number");
    if (lexer.kind() != Token.STRING) {
      throw lexer.expected("a file's name");
    }
    files.put(index, lexer.name());
    lexer.advance();
    while (lexer.takeIf(Token.COMMA)) {
      expressions.parseInteger("a time or size");
    }
  }

  private void section() {
    lexer.advance();
    if (lexer.kind() != Token.DOTTED && lexer.kind() != Token.IDENTIFIER) {
      throw lexer.expected("a section's name");
    }
    lexer.advance();
    if (lexer.kind() != Token.LEFT_BRACE) {
      throw lexer.expected("\"{\"");
    }
    lexer.skipBraces();
  }

  private void alias() {
    lexer.advance();
    SourcePosition position = lexer.position();
    String alias = lexer.takeIdentifier("a function");
    lexer.take(Token.COMMA);
    SourcePosition targetPosition = lexer.position();
    String target = lexer.takeIdentifier("a function");
    FunctionDraft declared = functions.get(alias);
    if (declared == null || declared.body() != null || declared.entry()) {
      throw lexer.error(position, alias + " has to be declared, without a body, to be an alias");
    }
    FunctionDraft aliased = functions.get(target);
    if (aliased == null || aliased.body() == null || aliased.entry()) {
      throw lexer.error(targetPosition, target + " is no function with a body");
    }
    aliases.put(alias, target);
    lexer.take(Token.SEMICOLON);
  }

  private void checkInitialisers() {
    for (InitialiserParser.Symbol symbol : initialisers.symbols()) {
      if (scope.find(symbol.name(), noRegisters) == null) {
        throw lexer.error(symbol.position(), "unknown name " + symbol.name());
      }
    }
  }
}
