package dev.culebra.emulator.ptx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads a module (PTX ISA 11.1, 11.5, 11.6). */
final class ModuleParser implements FunctionParser.Declarations {
  private static final int OLDEST_MAJOR = 3;
  private static final int NEWEST_MAJOR = 9;
  private static final int DEFAULT_ADDRESS_SIZE = 32;
  private static final Set<String> TARGET_OPTIONS =
      Set.of("texmode_unified", "texmode_independent", "debug", "map_f64_to_f32");

  private final Lexer lexer;
  private final Scope scope = new Scope(null);
  private final ConstantExpression expressions;
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
    variableParser = new VariableParser(lexer, expressions);
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
    if (variableParser.begins()) {
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
      case "tex" -> throw lexer.error("PTX has no .tex space since 1.5: write .global .texref");
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
      SourcePosition position = lexer.position();
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
      } else if (TARGET_OPTIONS.contains(name)) {
        options.add(name);
      } else {
        throw lexer.error(position, "target " + name + " is not known");
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
    if (linkage != Variable.Linkage.COMMON && (lexer.isDotted("entry") || lexer.isDotted("func"))) {
      function(linkage);
    } else if (variableParser.begins()) {
      variables(linkage);
    } else {
      throw lexer.expected(".entry, .func or a variable's state space");
    }
  }

  private void function(Variable.Linkage linkage) {
    boolean entry = lexer.isDotted("entry");
    lexer.advance();
    FunctionDraft function = functionParser.parse(entry, linkage, this);
    if (function.body() != null && linkage == Variable.Linkage.EXTERN) {
      throw lexer.error(function.position(), "a function that is .extern can't have a body");
    }
    FunctionDraft earlier = functions.get(function.name());
    if (earlier == null || earlier.body() == null) {
      functions.put(function.name(), function);
    }
  }

  @Override
  public void declare(
      String name, Meaning.Signature signature, boolean body, SourcePosition position) {
    Meaning meaning = new Meaning.Callable(name, signature);
    boolean fresh = scope.declare(name, meaning);
    boolean hadBody = defined.getOrDefault(name, false);
    if (!fresh && (!(scope.own(name) instanceof Meaning.Callable) || hadBody && body)) {
      throw lexer.error(position, name + " is defined twice");
    }
    if (!fresh && !scope.own(name).equals(meaning)) {
      throw lexer.error(position, name + " was declared with other parameters before");
    }
    defined.put(name, hadBody || body);
  }

  @Override
  public void add(Variable variable) {
    variables.put(variable.name(), variable);
  }

  private void variables(Variable.Linkage linkage) {
    SourcePosition position = lexer.position();
    VariableParser.Header header = variableParser.header();
    switch (header.space()) {
      case REG, LOCAL, PARAM ->
          throw lexer.error(position, "variables in this space belong into functions");
      case CONST, SHARED -> {
        if (linkage == Variable.Linkage.COMMON) {
          throw lexer.error(position, "a variable that is .common has to be in .global space");
        }
      }
      case GLOBAL -> {}
    }
    do {
      for (VariableParser.Declared declared : variableParser.declarators(header, linkage, scope)) {
        declare(declared.variable(), declared.meaning());
      }
    } while (lexer.takeIf(Token.COMMA));
    lexer.take(Token.SEMICOLON);
  }

  private void declare(Variable variable, Meaning meaning) {
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
    if (files.put(index, lexer.name()) != null) {
      throw lexer.error("file number " + index + " is given twice");
    }
    lexer.advance();
    while (lexer.takeIf(Token.COMMA)) {
      expressions.parseInteger("a time or size");
    }
  }

  private void section() {
    lexer.advance();
    if (lexer.kind() != Token.DOTTED) {
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
}
