package dev.culebra.emulator.ptx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads what a function does, from brace to brace. */
final class BodyParser {
  private static final int MAXIMUM_DEPTH = 200;
  private static final long MAXIMUM_RANGE = Integer.MAX_VALUE;
  private static final int MAXIMUM_LABELS = 1 << 16;

  private final Lexer lexer;
  private final ConstantExpression expressions;
  private final VariableParser variableParser;
  private final FunctionParser functions;
  private final RegisterFile registers;
  private final OperandParser operands;
  private final InstructionParser instructionParser;

  private final List<Variable> variables = new ArrayList<>();
  private final List<InstructionDraft> instructions = new ArrayList<>();
  private final Map<String, Operand[]> branchTargets = new LinkedHashMap<>();
  private final Map<String, List<String>> callTargets = new LinkedHashMap<>();
  private final Map<String, FunctionBody.Prototype> prototypes = new LinkedHashMap<>();
  private final Map<Location.Place, Location> locations = new HashMap<>();
  private Location location;
  private Scope scope;
  private int depth;

  BodyParser(
      Lexer lexer,
      ConstantExpression expressions,
      VariableParser variableParser,
      FunctionParser functions,
      Map<String, Opcode> opcodes,
      Scope module) {
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
  void declareParameters(List<Variable> parameters) {
    for (Variable parameter : parameters) {
      Meaning meaning =
          parameter.space() == StateSpace.REG
              ? registers.add(parameter.name(), parameter.type(), (int) parameter.elements())
              : new Meaning.Place(parameter);
      if (parameter.space() != StateSpace.REG) {
        registers.unique(parameter.name());
      }
      declare(parameter.name(), meaning, parameter.position());
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
        registers.registers(), variables, instructions, branchTargets, callTargets, prototypes);
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
    scope.close(lexer, depth == 0);
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
    } else if (!scope.declareLabel(new Operand.Label(name, instructions.size()))) {
      throw lexer.error(position, "label " + name + " stands twice in this scope");
    }
  }

  private void instruction(Instruction.Guard guard, String name, SourcePosition position) {
    instructions.add(instructionParser.afterName(guard, name, position, location));
  }

  private void directive() {
    StateSpace space = variableParser.space();
    if (space == StateSpace.REG) {
      lexer.advance();
      registers();
    } else if (space != null) {
      lexer.advance();
      variables(space);
    } else {
      switch (lexer.name()) {
        case "loc" -> location();
        case "pragma" -> functions.pragma();
        default -> throw lexer.expected("an instruction, a label or a directive of a function");
      }
    }
  }

  private void registers() {
    VariableParser.Header header = variableParser.header(StateSpace.REG);
    do {
      SourcePosition position = lexer.position();
      String name = lexer.takeIdentifier("a register's name");
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

  private void variables(StateSpace space) {
    VariableParser.Header header = variableParser.header(space);
    do {
      for (Variable variable : variableParser.declarators(header, Variable.Linkage.LOCAL)) {
        Variable unique = variable.named(registers.unique(variable.name()));
        declare(variable.name(), new Meaning.Place(unique), variable.position());
        variables.add(unique);
      }
    } while (lexer.takeIf(Token.COMMA));
    lexer.take(Token.SEMICOLON);
  }

  /** Reads {@code .loc file line column, function_name label, inlined_at file line column}. */
  private void location() {
    lexer.advance();
    Location.Place place = place();
    Location caller = null;
    while (lexer.takeIf(Token.COMMA)) {
      switch (lexer.takeIdentifier("function_name or inlined_at")) {
        case "function_name" -> {
          lexer.takeIdentifier("a label");
          InitialiserParser.addend(expressions, lexer);
        }
        case "inlined_at" -> {
          Location.Place at = place();
          caller = locations.getOrDefault(at, new Location(at, null));
        }
        default -> throw lexer.error("expected function_name or inlined_at before this");
      }
    }
    location = new Location(place, caller);
    locations.put(place, location);
  }

  private Location.Place place() {
    int file = expressions.parseCount("a file's number");
    int line = expressions.parseCount("a line");
    return new Location.Place(file, line, expressions.parseCount("a column"));
  }

  private void branchTargets(String name, SourcePosition position) {
    List<String> names = new ArrayList<>();
    List<SourcePosition> positions = new ArrayList<>();
    do {
      lexer.advance();
      SourcePosition at = lexer.position();
      String label = lexer.takeIdentifier("a label");
      if (lexer.takeIf(Token.LESS)) {
        long count = expressions.parseRangeCount(MAXIMUM_LABELS);
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
    Operand[] targets = new Operand[names.size()];
    for (int i = 0; i < targets.length; i++) {
      scope.branch(names.get(i), positions.get(i), targets, i);
    }
    branchTargets.put(directive(name, position), targets);
  }

  private void callTargets(String name, SourcePosition position) {
    List<String> targets = new ArrayList<>();
    do {
      lexer.advance();
      SourcePosition at = lexer.position();
      String target = lexer.takeIdentifier("a function");
      if (!(scope.find(target, registers) instanceof Meaning.Callable)) {
        throw lexer.error(at, "there is no function " + target);
      }
      targets.add(target);
    } while (lexer.kind() == Token.COMMA);
    lexer.take(Token.SEMICOLON);
    callTargets.put(directive(name, position), List.copyOf(targets));
  }

  private void prototype(String name, SourcePosition position) {
    lexer.advance();
    FunctionBody.Prototype prototype = functions.prototype();
    prototypes.put(directive(name, position), prototype);
  }

  private String directive(String name, SourcePosition position) {
    String unique = registers.unique(name);
    declare(name, new Meaning.Directive(unique), position);
    return unique;
  }
}
