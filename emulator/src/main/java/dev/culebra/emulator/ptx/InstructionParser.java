package dev.culebra.emulator.ptx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads instructions (PTX ISA 4.3.2); any opcode will do. */
final class InstructionParser {
  private static final Operand[] NO_OPERANDS = {};

  private final Lexer lexer;
  private final OperandParser operands;
  private final Map<String, Opcode> opcodes;
  private Scope scope;

  InstructionParser(Lexer lexer, OperandParser operands, Map<String, Opcode> opcodes, Scope scope) {
    this.lexer = lexer;
    this.operands = operands;
    this.opcodes = opcodes;
    this.scope = scope;
  }

  /** Opcodes that were met, for {@link #InstructionParser}; one map a module. */
  static Map<String, Opcode> opcodes() {
    return new HashMap<>();
  }

  /** Names are looked up in this scope from now on. */
  void enter(Scope entered) {
    scope = entered;
    operands.enter(entered);
  }

  /** Reads {@code @%p} or {@code @!%p}. */
  Instruction.Guard guard() {
    lexer.take(Token.AT);
    boolean negated = lexer.takeIf(Token.NOT);
    SourcePosition position = lexer.position();
    Operand.Register predicate = operands.register("a predicate");
    if (predicate.type() != ScalarType.PRED) {
      throw lexer.error(position, "register " + predicate.name() + " is no predicate");
    }
    return new Instruction.Guard(predicate, negated);
  }

  /** Reads an instruction whose name has been taken by {@link Lexer#advanceInOpcode}. */
  InstructionDraft afterName(
      Instruction.Guard guard, String name, SourcePosition position, Location location) {
    Opcode opcode = opcodes.get(name);
    if (opcode == null) {
      opcode = new Opcode(name, List.of());
      opcodes.put(name, opcode);
    }
    while (lexer.kind() == Token.DOTTED) {
      opcode = opcode.with(lexer.name());
      lexer.advanceInOpcode();
    }
    Operand[] read =
        switch (name) {
          case "bra" -> branch();
          case "call" -> call();
          default -> list(!name.equals("mov"));
        };
    lexer.take(Token.SEMICOLON);
    return new InstructionDraft(guard, opcode, read, position, location);
  }

  private Operand[] list(boolean memory) {
    if (lexer.kind() == Token.SEMICOLON) {
      return NO_OPERANDS;
    }
    List<Operand> list = new ArrayList<>(4);
    do {
      list.add(operands.operand(memory));
    } while (lexer.takeIf(Token.COMMA));
    return list.toArray(NO_OPERANDS);
  }

  private Operand[] branch() {
    Operand[] target = new Operand[1];
    SourcePosition position = lexer.position();
    scope.branch(lexer.takeIdentifier("a label"), position, target, 0);
    return target;
  }

  /** Reads {@code (results), function, (arguments), prototype} (PTX ISA 9.7.12.5). */
  private Operand[] call() {
    List<Operand> read = new ArrayList<>(4);
    if (lexer.kind() == Token.LEFT_PARENTHESIS) {
      read.add(arguments());
      lexer.take(Token.COMMA);
    } else {
      read.add(new Operand.Arguments(List.of()));
    }
    read.add(callee());
    boolean more = lexer.takeIf(Token.COMMA);
    if (more && lexer.kind() == Token.LEFT_PARENTHESIS) {
      read.add(arguments());
      more = lexer.takeIf(Token.COMMA);
    } else {
      read.add(new Operand.Arguments(List.of()));
    }
    if (more) {
      SourcePosition position = lexer.position();
      if (!(operands.operand(false) instanceof Operand.DirectiveLabel targets)) {
        throw lexer.error(position, "expected the label of a .callprototype or .calltargets");
      }
      read.add(targets);
    }
    return read.toArray(NO_OPERANDS);
  }

  private Operand callee() {
    SourcePosition position = lexer.position();
    if (lexer.kind() != Token.IDENTIFIER) {
      throw lexer.expected("a function");
    }
    Operand callee = operands.operand(false);
    if (callee instanceof Operand.Register || callee instanceof Operand.SymbolAddress) {
      return callee;
    }
    throw lexer.error(position, "expected a function or a register that holds its address");
  }

  private Operand.Arguments arguments() {
    lexer.take(Token.LEFT_PARENTHESIS);
    List<Operand> elements = new ArrayList<>(4);
    if (lexer.kind() != Token.RIGHT_PARENTHESIS) {
      do {
        elements.add(operands.operand(false));
      } while (lexer.takeIf(Token.COMMA));
    }
    lexer.take(Token.RIGHT_PARENTHESIS);
    return new Operand.Arguments(List.copyOf(elements));
  }
}
