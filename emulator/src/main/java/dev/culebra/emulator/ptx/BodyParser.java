package dev.culebra.emulator.ptx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads what a function does, from brace to brace. */
final class BodyParser {
  private static final int MAXIMUM_DEPTH = 100;
  private static final long MAXIMUM_RANGE = Integer.MAX_VALUE;
  private static final int MAXIMUM_LABELS = 1 << 20;

  private final Lexer lexer;
  private final ConstantExpression expressions;
  private final VariableParser variableParser;
  private final FunctionParser functions;
  private final String function;
  private final RegisterFile registers;
  private final OperandParser operands;
  private final InstructionParser instructionParser;

  private final List<Variable> variables = new ArrayList<>();
  private final List<Variable> globals = new ArrayList<>();
  private final List<Instruction> instructions = new ArrayList<>();
  private final List<Location> instructionLocations = new ArrayList<>();
  private final Map<String, Operand.Label[]> branchTargets = new LinkedHashMap<>();
  private final Map<String, List<String>> callTargets = new LinkedHashMap<>();
  private final Map<String, FunctionBody.Prototype> prototypes = new LinkedHashMap<>();
  private final Map<Location.Place, Location> locations = new HashMap<>();
  private Location location;
  private Scope scope;
  private int depth;
  private int labelsOfRanges;

  /**
   * @param function its name
   */
  BodyParser(
      String function,
      Lexer lexer,
      ConstantExpression expressions,
      VariableParser variableParser,
      FunctionParser functions,
      Map<String, Opcode> opcodes,
      Scope module) {
    this.function = function;
    this.lexer = lexer;
    this.expressions = expressions;
    this.variableParser = variableParser;
    this.functions = functions;
    registers = new RegisterFile(module);
    scope = new Scope(module);
    operands = new OperandParser(lexer, expressions, registers, scope);
    instructionParser = new InstructionParser(lexer, operands, opcodes, scope);
  }

  /** Makes results and parameters known to the body. */
  void declareParameters(List<VariableParser.Declared> parameters) {
    for (VariableParser.Declared declared : parameters) {
      Variable parameter = declared.variable();
      Meaning meaning = declared.meaning();
      if (parameter.space() == StateSpace.REG) {
        meaning = registers.add(parameter.name(), parameter.type(), (int) parameter.elements());
      }
      declare(parameter.name(), meaning, parameter.position());
      registers.take(parameter.name());
    }
  }

  private void declare(String name, Meaning meaning, SourcePosition position) {
    if (!scope.declare(name, meaning)) {
      throw lexer.error(position, name + " is declared twice here");
    }
  }

  /** Reads the body. */
  BodyDraft parse() {
    SourcePosition opened = lexer.position();
    lexer.take(Token.LEFT_BRACE);
    depth = 1;
    while (depth > 0) {
      switch (lexer.kind()) {
        case LEFT_BRACE -> open();
        case RIGHT_BRACE -> close();
        case DOTTED -> directive();
        case AT -> guarded();
        case IDENTIFIER -> labelOrInstruction();
        case END -> throw lexer.error(opened, "\"{\" is never closed");
        default -> throw lexer.expected("an instruction, a label or a directive");
      }
    }
    return new BodyDraft(
        registers.registers(),
        variables,
        instructions,
        instructionLocations,
        branchTargets,
        callTargets,
        prototypes);
  }

  /** Variables in global and constant space that were declared in the body. */
  List<Variable> globals() {
    return globals;
  }

  private void open() {
    if (++depth > MAXIMUM_DEPTH) {
      throw lexer.error("scopes are nested more than " + MAXIMUM_DEPTH + " deep");
    }
    lexer.advance();
    enter(new Scope(scope));
  }

  private void close() {
    depth--;
    scope.close(lexer, instructions, depth == 0);
    lexer.advance();
    enter(scope.outer());
  }

  private void enter(Scope entered) {
    scope = entered;
    instructionParser.enter(entered);
  }

  private void guarded() {
    Instruction.Guard guard = instructionParser.guard();
    SourcePosition position = lexer.position();
    if (lexer.kind() != Token.IDENTIFIER) {
      throw lexer.expected("an instruction");
    }
    String name = lexer.name();
    lexer.advanceInOpcode();
    instruction(guard, name, position);
  }

  private void labelOrInstruction() {
    SourcePosition position = lexer.position();
    String name = lexer.name();
    lexer.advanceInOpcode();
    if (lexer.kind() != Token.COLON) {
      instruction(null, name, position);
      return;
    }
    lexer.advance();
    if (lexer.isDotted("branchtargets")) {
      branchTargets(name, position);
    } else if (lexer.isDotted("calltargets")) {
      callTargets(name, position);
    } else if (lexer.isDotted("callprototype")) {
      prototype(name, position);
    } else {
      declare(name, new Meaning.Target(new Operand.Label(name, instructions.size())), position);
    }
  }

  private void instruction(Instruction.Guard guard, String name, SourcePosition position) {
    instructions.add(instructionParser.afterName(guard, name, position, instructions.size()));
    if (location != null) {
      while (instructionLocations.size() < instructions.size() - 1) {
        instructionLocations.add(null);
      }
      instructionLocations.add(location);
    }
  }

  private void directive() {
    if (variableParser.begins()) {
      VariableParser.Header header = variableParser.header();
      if (header.space() == StateSpace.REG) {
        registers(header);
      } else {
        variables(header);
      }
    } else {
      switch (lexer.name()) {
        case "loc" -> location();
        case "pragma" -> functions.pragma();
        default -> throw lexer.expected("an instruction, a label or a directive of a function");
      }
    }
  }

  private void registers(VariableParser.Header header) {
    do {
      SourcePosition position = lexer.position();
      String name = lexer.takeName("a register's name");
      boolean fresh;
      if (lexer.takeIf(Token.LESS)) {
        long count = expressions.parseRangeCount(MAXIMUM_RANGE);
        fresh = scope.declareRange(name, header.type(), header.lanes(), count);
      } else {
        fresh = scope.declare(name, new Meaning.Unused(header.type(), header.lanes()));
      }
      if (!fresh) {
        throw lexer.error(position, "register " + name + " is declared twice here");
      }
    } while (lexer.takeIf(Token.COMMA));
    lexer.take(Token.SEMICOLON);
  }

  private void variables(VariableParser.Header header) {
    boolean global = header.space() == StateSpace.GLOBAL || header.space() == StateSpace.CONST;
    do {
      for (VariableParser.Declared declared :
          variableParser.declarators(header, Variable.Linkage.LOCAL, scope)) {
        Variable variable = declared.variable();
        String unique = registers.unique(variable.name());
        // A dot is in no other name: this one can stand beside all others of the module.
        Variable renamed = variable.named(global ? function + "." + unique : unique);
        Meaning meaning = new VariableParser.Declared(renamed, declared.array()).meaning();
        declare(variable.name(), meaning, variable.position());
        (global ? globals : variables).add(renamed);
      }
    } while (lexer.takeIf(Token.COMMA));
    lexer.take(Token.SEMICOLON);
  }

  /** Reads {@code .loc file line column, function_name label, inlined_at file line column}. */
  private void location() {
    lexer.advance();
    Location.Place place = place();
    Location caller = null;
    if (lexer.takeIf(Token.COMMA)) {
      takeWord("function_name");
      lexer.takeIdentifier("a label");
      expressions.parseAddend();
      lexer.take(Token.COMMA);
      takeWord("inlined_at");
      Location.Place at = place();
      caller = locations.getOrDefault(at, new Location(at, null));
    }
    location = new Location(place, caller);
    locations.put(place, location);
  }

  private void takeWord(String word) {
    if (lexer.kind() != Token.IDENTIFIER || !lexer.name().equals(word)) {
      throw lexer.expected(word);
    }
    lexer.advance();
  }

  private Location.Place place() {
    int file = expressions.parseCount("a file's number");
    int line = expressions.parseCount("a line");
    return new Location.Place(file, line, expressions.parseCount("a column"));
  }

  private void branchTargets(String name, SourcePosition position) {
    List<String> names = new ArrayList<>();
    List<Long> positions = new ArrayList<>();
    do {
      lexer.advance();
      long at = lexer.at();
      String label = lexer.takeIdentifier("a label");
      if (lexer.takeIf(Token.LESS)) {
        long count = expressions.parseRangeCount(MAXIMUM_LABELS - labelsOfRanges);
        labelsOfRanges += (int) count;
        for (long i = 0; i < count; i++) {
          names.add(label + i);
          positions.add(at);
        }
      } else {
        names.add(label);
        positions.add(at);
      }
    } while (lexer.kind() == Token.COMMA);
    lexer.take(Token.SEMICOLON);
    Operand.Label[] targets = new Operand.Label[names.size()];
    for (int i = 0; i < targets.length; i++) {
      scope.branch(names.get(i), positions.get(i), targets, i);
    }
    branchTargets.put(directive(name, null, position), targets);
  }

  private void callTargets(String name, SourcePosition position) {
    List<String> targets = new ArrayList<>();
    Meaning.Signature signature = null;
    do {
      lexer.advance();
      SourcePosition at = lexer.position();
      String target = lexer.takeIdentifier("a function");
      if (!(scope.look(target) instanceof Meaning.Callable callable)) {
        throw lexer.error(at, "there is no function " + target);
      }
      if (signature != null && !signature.equals(callable.signature())) {
        throw lexer.error(at, target + " takes other parameters than the functions before it");
      }
      signature = callable.signature();
      targets.add(target);
    } while (lexer.kind() == Token.COMMA);
    lexer.take(Token.SEMICOLON);
    callTargets.put(directive(name, signature, position), List.copyOf(targets));
  }

  private void prototype(String name, SourcePosition position) {
    lexer.advance();
    FunctionBody.Prototype prototype = functions.prototype();
    Meaning.Signature signature = Meaning.Signature.of(prototype.results(), prototype.parameters());
    prototypes.put(directive(name, signature, position), prototype);
  }

  private String directive(String name, Meaning.Signature signature, SourcePosition position) {
    String unique = registers.unique(name);
    declare(name, new Meaning.Directive(unique, signature), position);
    return unique;
  }
}
