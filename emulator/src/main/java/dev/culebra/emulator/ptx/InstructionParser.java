package dev.culebra.emulator.ptx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads instructions (PTX ISA 4.3.2); any opcode will do. */
final class InstructionParser {
  private static final int START_CAPACITY = 8;
  private static final int MAXIMUM_MODIFIERS = 32;
  private static final Operand.Arguments NO_ARGUMENTS = new Operand.Arguments(List.of());

  private final Lexer lexer;
  private final OperandParser operands;
  private final Map<String, Opcode> opcodes;
  private Operand[] read = new Operand[START_CAPACITY];
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

  /**
   * Reads an instruction whose name has been taken by {@link Lexer#advanceInOpcode}.
   *
   * @param index that it will have
   */
  Instruction afterName(Instruction.Guard guard, String name, SourcePosition position, int index) {
    Opcode opcode = opcodes.get(name);
    if (opcode == null) {
      opcode = new Opcode(name, List.of());
      opcodes.put(name, opcode);
    }
    while (lexer.kind() == Token.DOTTED) {
      if (opcode.modifiers().size() == MAXIMUM_MODIFIERS) {
        throw lexer.error("an instruction can't have more than 32 modifiers");
      }
      opcode = opcode.with(lexer.name());
      lexer.advanceInOpcode();
    }
    List<Operand> all =
        switch (name) {
          case "bra" -> branch(index);
          case "brx" -> indexedBranch();
          case "call" -> call();
          default -> list(!name.equals("mov"));
        };
    lexer.take(Token.SEMICOLON);
    return new Instruction(guard, opcode.name(), opcode.modifiers(), all, position, null);
  }

  private List<Operand> list(boolean memory) {
    if (lexer.kind() == Token.SEMICOLON) {
      return List.of();
    }
    int count = 0;
    do {
      if (count == read.length) {
        read = Arrays.copyOf(read, 2 * count);
      }
      read[count++] = operands.operand(memory);
    } while (lexer.takeIf(Token.COMMA));
    return switch (count) {
      case 1 -> List.of(read[0]);
      case 2 -> List.of(read[0], read[1]);
      case 3 -> List.of(read[0], read[1], read[2]);
      case 4 -> List.of(read[0], read[1], read[2], read[3]);
      default -> List.of(Arrays.copyOf(read, count));
    };
  }

  /** Reads a label; the operand is put in when the label's scope is closed. */
  private List<Operand> branch(int index) {
    long at = lexer.at();
    scope.branch(lexer.takeIdentifier("a label"), at, index);
    return List.of();
  }

  /** Reads {@code %r1, targets} (PTX ISA 9.7.12.4). */
  private List<Operand> indexedBranch() {
    Operand.Register index = operands.register("an index");
    lexer.take(Token.COMMA);
    Meaning.Directive targets = directive(true);
    return List.of(index, new Operand.DirectiveLabel(targets.name()));
  }

  /** Reads {@code (results), function, (arguments), prototype} (PTX ISA 9.7.12.5). */
  private List<Operand> call() {
    SourcePosition position = lexer.position();
    Operand.Arguments results = NO_ARGUMENTS;
    if (lexer.kind() == Token.LEFT_PARENTHESIS) {
      results = arguments();
      lexer.take(Token.COMMA);
    }
    Meaning.Signature signature = null;
    if (lexer.kind() == Token.IDENTIFIER
        && operands.find(lexer.name()) instanceof Meaning.Callable callable) {
      signature = callable.signature();
    }
    Operand callee = callee();
    boolean more = lexer.takeIf(Token.COMMA);
    Operand.Arguments arguments = NO_ARGUMENTS;
    if (more && lexer.kind() == Token.LEFT_PARENTHESIS) {
      arguments = arguments();
      more = lexer.takeIf(Token.COMMA);
    }
    Operand.DirectiveLabel directive = null;
    if (more || signature == null) {
      if (!more) {
        throw lexer.expected("\",\" and the label of a .callprototype or .calltargets");
      }
      Meaning.Directive found = directive(false);
      directive = new Operand.DirectiveLabel(found.name());
      signature = signature == null ? found.signature() : signature;
    }
    check(signature, results.elements().size(), arguments.elements().size(), position);
    return directive == null
        ? List.of(results, callee, arguments)
        : List.of(results, callee, arguments, directive);
  }

  private void check(
      Meaning.Signature signature, int results, int passed, SourcePosition position) {
    if (!signature.fits(results, passed)) {
      throw lexer.error(
          position,
          String.format(
              "the call passes %d arguments for %d results, the function takes %d for %d",
              passed, results, signature.parameters(), signature.results()));
    }
  }

  private Operand callee() {
    SourcePosition position = lexer.position();
    if (lexer.kind() != Token.IDENTIFIER) {
      throw lexer.expected("a function");
    }
    boolean function = operands.find(lexer.name()) instanceof Meaning.Callable;
    Operand callee = operands.operand(false);
    if (function || callee instanceof Operand.Register) {
      return callee;
    }
    throw lexer.error(position, "expected a function or a register that holds its address");
  }

  private Meaning.Directive directive(boolean branch) {
    String what =
        branch ? "the label of a .branchtargets" : "the label of a .callprototype or .calltargets";
    if (lexer.kind() != Token.IDENTIFIER) {
      throw lexer.expected(what);
    }
    if (operands.find(lexer.name()) instanceof Meaning.Directive directive
        && branch == (directive.signature() == null)) {
      lexer.advance();
      return directive;
    }
    throw lexer.expected(what);
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
