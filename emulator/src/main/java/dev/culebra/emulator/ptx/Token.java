package dev.culebra.emulator.ptx;

/** Kinds of tokens (PTX ISA 4). */
enum Token {
  IDENTIFIER("a name"),
  /** A dot and a name: a directive, a type, a modifier or a component. */
  DOTTED("a directive"),
  INTEGER("an integer"),
  DOUBLE("a number"),
  SINGLE("a number"),
  STRING("a string"),
  LEFT_BRACE("\"{\""),
  RIGHT_BRACE("\"}\""),
  LEFT_PARENTHESIS("\"(\""),
  RIGHT_PARENTHESIS("\")\""),
  LEFT_BRACKET("\"[\""),
  RIGHT_BRACKET("\"]\""),
  COMMA("\",\""),
  SEMICOLON("\";\""),
  COLON("\":\""),
  AT("\"@\""),
  ASSIGN("\"=\""),
  PLUS("\"+\""),
  MINUS("\"-\""),
  TIMES("\"*\""),
  DIVIDE("\"/\""),
  REMAINDER("\"%\""),
  SHIFT_LEFT("\"<<\""),
  SHIFT_RIGHT("\">>\""),
  LESS("\"<\""),
  LESS_EQUAL("\"<=\""),
  GREATER("\">\""),
  GREATER_EQUAL("\">=\""),
  EQUAL("\"==\""),
  NOT_EQUAL("\"!=\""),
  AND("\"&\""),
  AND_AND("\"&&\""),
  OR("\"|\""),
  OR_OR("\"||\""),
  XOR("\"^\""),
  NOT("\"!\""),
  COMPLEMENT("\"~\""),
  QUESTION("\"?\""),
  END("the end of the text");

  private final String description;

  Token(String description) {
    this.description = description;
  }

  /** As error messages call it. */
  String description() {
    return description;
  }
}
