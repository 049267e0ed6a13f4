package dev.culebra.emulator.ptx;

/**
 * Tokens of a PTX text (PTX ISA 4), one at a time: {@link #kind} and what goes with it describe the
 * current one.
 */
final class Lexer {
  private static final int ASCII = 128;
  private static final byte NAME_START = 1;
  private static final byte DIGIT = 2;
  private static final byte[] CLASSES = new byte[ASCII];

  static {
    for (char c = 'a'; c <= 'z'; c++) {
      CLASSES[c] = NAME_START;
      CLASSES[c - 'a' + 'A'] = NAME_START;
    }
    CLASSES['_'] = NAME_START;
    CLASSES['$'] = NAME_START;
    for (char c = '0'; c <= '9'; c++) {
      CLASSES[c] = DIGIT;
    }
  }

  private final String module;

  /** The text and a zero behind it. */
  private final char[] text;

  private final int length;
  private final NameTable names;
  private final NumberScanner numbers;

  private int next;
  private int line = 1;
  private int lineStart;

  private Token kind = Token.END;
  private int start;
  private int startLine = 1;
  private int startColumn = 1;
  private String name = "";
  private String peekedName = "";

  Lexer(String module, String source) {
    this.module = module;
    length = source.length();
    text = new char[length + 1];
    source.getChars(0, length, text, 0);
    names = new NameTable(text);
    numbers = new NumberScanner(text);
    advance();
  }

  String module() {
    return module;
  }

  Token kind() {
    return kind;
  }

  /** Of an identifier, or of a dotted name without its dot, or a string's contents. */
  String name() {
    return name;
  }

  /** Value of an {@link Token#INTEGER}, bits of a {@link Token#DOUBLE} or {@link Token#SINGLE}. */
  long bits() {
    return numbers.bits();
  }

  /** Whether an integer is of type {@code .u64} (PTX ISA 4.5.1). */
  boolean unsigned() {
    return numbers.unsigned();
  }

  /** Of the current token. */
  SourcePosition position() {
    return new SourcePosition(startLine, startColumn);
  }

  /** The current token's position as a number, for {@link #error(long, String)}. */
  long at() {
    return (long) startLine << Integer.SIZE | startColumn;
  }

  /** The characters of the current token. */
  String spelling() {
    return new String(text, start, Math.min(next, length) - start);
  }

  PtxException error(String message) {
    return error(position(), message);
  }

  PtxException error(long at, String message) {
    return error(new SourcePosition((int) (at >>> Integer.SIZE), (int) at), message);
  }

  PtxException error(SourcePosition position, String message) {
    return new PtxException(module, position, message);
  }

  /** "expected a register, found "5"". */
  PtxException expected(String what) {
    String found =
        switch (kind) {
          case END -> kind.description();
          case STRING -> "a string";
          default -> '"' + spelling() + '"';
        };
    return error("expected " + what + ", found " + found);
  }

  /** Takes a token of this kind. */
  void take(Token expected) {
    if (kind != expected) {
      throw expected(expected.description());
    }
    advance();
  }

  /** Takes a token of this kind where it is the current one. */
  boolean takeIf(Token wanted) {
    if (kind != wanted) {
      return false;
    }
    advance();
    return true;
  }

  /** Whether the current token is this directive, type, modifier or component. */
  boolean isDotted(String wanted) {
    return kind == Token.DOTTED && name.equals(wanted);
  }

  /** Takes a dotted name where it is the current token. */
  boolean takeDotted(String wanted) {
    if (!isDotted(wanted)) {
      return false;
    }
    advance();
    return true;
  }

  /** Takes an identifier; {@code what} it names is for the message. */
  String takeIdentifier(String what) {
    if (kind != Token.IDENTIFIER) {
      throw expected(what);
    }
    String taken = name;
    advance();
    return taken;
  }

  /** Takes an identifier that is being declared: neither {@code _} nor a constant's name. */
  String takeName(String what) {
    boolean reserved =
        kind == Token.IDENTIFIER
            && (name.equals("_") || name.equals("$") || name.equals(ConstantExpression.WARP_SIZE));
    if (reserved) {
      throw expected(what);
    }
    return takeIdentifier(what);
  }

  /** Goes to the next token. A dot before a digit begins a number. */
  void advance() {
    advance(false);
  }

  /** Goes to the next token after an opcode or a modifier: a dot begins a modifier: {@code .2d}. */
  void advanceInOpcode() {
    advance(true);
  }

  /**
   * The token after the current one, which stays the current one; but no number: its value would be
   * lost.
   */
  Token peek() {
    Token oldKind = kind;
    String oldName = name;
    int oldNext = next;
    int oldLine = line;
    int oldLineStart = lineStart;
    int oldStart = start;
    int oldStartLine = startLine;
    int oldStartColumn = startColumn;
    advance();
    Token peeked = kind;
    peekedName = name;
    kind = oldKind;
    name = oldName;
    next = oldNext;
    line = oldLine;
    lineStart = oldLineStart;
    start = oldStart;
    startLine = oldStartLine;
    startColumn = oldStartColumn;
    return peeked;
  }

  /** Whether the token after the current one is a name other than a constant's. */
  boolean nameFollows() {
    return peek() == Token.IDENTIFIER && !peekedName.equals(ConstantExpression.WARP_SIZE);
  }

  /** Skips what follows the current token, a brace, up to the brace that closes it, with it. */
  void skipBraces() {
    SourcePosition opened = position();
    while (true) {
      skipBlanks();
      if (next >= length) {
        throw error(opened, "\"{\" is never closed");
      }
      if (text[next++] == '}') {
        advance();
        return;
      }
    }
  }

  private void advance(boolean inOpcode) {
    skipBlanks();
    start = next;
    startLine = line;
    startColumn = next - lineStart + 1;
    char c = text[next];
    byte type = c < ASCII ? CLASSES[c] : 0;
    if (type == NAME_START) {
      next++;
      skipName();
      name = names.name(start, next);
      kind = Token.IDENTIFIER;
    } else if (type == DIGIT) {
      number();
    } else if (c == '.') {
      dot(inOpcode);
    } else if (c == '%' && isNamePart(text[next + 1])) {
      next++;
      skipName();
      name = names.name(start, next);
      kind = Token.IDENTIFIER;
    } else if (c == '"') {
      string();
    } else {
      kind = symbol(c);
    }
  }

  private void skipName() {
    while (isNamePart(text[next])) {
      next++;
    }
  }

  private static boolean isNamePart(char c) {
    return c < ASCII && CLASSES[c] != 0;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private void number() {
    kind = numbers.scan(next);
    next = numbers.end();
    if (numbers.problem() != null) {
      throw error(numbers.problem());
    }
  }

  private void dot(boolean inOpcode) {
    if (isDigit(text[next + 1]) && !inOpcode) {
      number();
      return;
    }
    next++;
    int from = next;
    skipName();
    while (next > from
        && text[next] == ':'
        && text[next + 1] == ':'
        && isNamePart(text[next + 2])) {
      next += 2;
      skipName();
    }
    if (next == from) {
      throw error("expected a name after \".\"");
    }
    name = names.name(from, next);
    kind = Token.DOTTED;
  }

  private void string() {
    int from = ++next;
    while (text[next] != '"') {
      if (next >= length || text[next] == '\n') {
        throw error("the string is not closed in its line");
      }
      next++;
    }
    name = new String(text, from, next - from);
    next++;
    kind = Token.STRING;
  }

  private Token symbol(char c) {
    if (c == 0 && next >= length) {
      return Token.END;
    }
    char second = text[next + 1];
    next++;
    return switch (c) {
      case '{' -> Token.LEFT_BRACE;
      case '}' -> Token.RIGHT_BRACE;
      case '(' -> Token.LEFT_PARENTHESIS;
      case ')' -> Token.RIGHT_PARENTHESIS;
      case '[' -> Token.LEFT_BRACKET;
      case ']' -> Token.RIGHT_BRACKET;
      case ',' -> Token.COMMA;
      case ';' -> Token.SEMICOLON;
      case ':' -> Token.COLON;
      case '@' -> Token.AT;
      case '+' -> Token.PLUS;
      case '-' -> Token.MINUS;
      case '*' -> Token.TIMES;
      case '/' -> Token.DIVIDE;
      case '%' -> Token.REMAINDER;
      case '^' -> Token.XOR;
      case '~' -> Token.COMPLEMENT;
      case '?' -> Token.QUESTION;
      case '=' -> either(second, '=', Token.EQUAL, Token.ASSIGN);
      case '!' -> either(second, '=', Token.NOT_EQUAL, Token.NOT);
      case '&' -> either(second, '&', Token.AND_AND, Token.AND);
      case '|' -> either(second, '|', Token.OR_OR, Token.OR);
      case '<' ->
          second == '<'
              ? either(second, '<', Token.SHIFT_LEFT, null)
              : either(second, '=', Token.LESS_EQUAL, Token.LESS);
      case '>' ->
          second == '>'
              ? either(second, '>', Token.SHIFT_RIGHT, null)
              : either(second, '=', Token.GREATER_EQUAL, Token.GREATER);
      default -> throw error("unexpected character " + describe(c));
    };
  }

  private Token either(char second, char wanted, Token both, Token one) {
    if (second != wanted) {
      return one;
    }
    next++;
    return both;
  }

  private static String describe(char c) {
    return c > ' ' && c < ASCII - 1 ? "\"" + c + '"' : String.format("U+%04X", (int) c);
  }

  /** Blanks, comments, line markers, and the old {@code @@DWARF} lines (PTX ISA 11.5.1). */
  private void skipBlanks() {
    while (true) {
      char c = text[next];
      if (c == '\n') {
        newLine();
      } else if (c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\013') {
        next++;
      } else if (c == '/' && text[next + 1] == '/') {
        skipLine();
      } else if (c == '/' && text[next + 1] == '*') {
        skipComment();
      } else if (c == '@' && text[next + 1] == '@' || c == '#' && isLineMarker()) {
        skipLine();
      } else {
        return;
      }
    }
  }

  private void newLine() {
    next++;
    line++;
    lineStart = next;
  }

  private void skipLine() {
    while (next < length && text[next] != '\n') {
      next++;
    }
  }

  private void skipComment() {
    SourcePosition opened = new SourcePosition(line, next - lineStart + 1);
    next += 2;
    while (text[next] != '*' || text[next + 1] != '/') {
      if (next >= length) {
        throw error(opened, "\"/*\" is never closed");
      }
      if (text[next] == '\n') {
        newLine();
      } else {
        next++;
      }
    }
    next += 2;
  }

  /** {@code # 12 "kernel.cu"} or {@code #line 12 ...}: what a preprocessor leaves. */
  private boolean isLineMarker() {
    for (int i = lineStart; i < next; i++) {
      if (text[i] != ' ' && text[i] != '\t') {
        return false;
      }
    }
    boolean named = length - next > 5 && new String(text, next + 1, 4).equals("line");
    int i = next + (named ? 5 : 1);
    while (text[i] == ' ' || text[i] == '\t') {
      i++;
    }
    return isDigit(text[i]);
  }
}
