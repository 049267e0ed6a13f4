package dev.culebra.emulator.exec;

/** Logic of predicates, on all lanes' bits at once (PTX ISA 9.7.8, and 9.7.6.2 for setp). */
final class PredicateOperation extends Operation {
  /** What becomes of two predicates. */
  enum Logic {
    AND,
    OR,
    XOR,
    /** {@code !a & b}, and so on: what the second result of setp takes. */
    NOT_AND,
    NOT_OR,
    NOT_XOR,
    /** a alone. */
    MOVE,
    NOT,
    CLEAR,
    SET
  }

  final Logic logic;
  final int destination;
  final int first;
  final int second;

  PredicateOperation(Logic logic, int destination, int first, int second) {
    this.logic = logic;
    this.destination = destination;
    this.first = first;
    this.second = second;
  }

  @Override
  void execute(Warp warp, int active) {
    int[] predicates = warp.predicates;
    int bits = apply(predicates[first], predicates[second]);
    predicates[destination] = predicates[destination] & ~active | bits & active;
  }

  private int apply(int a, int b) {
    return switch (logic) {
      case AND -> a & b;
      case OR -> a | b;
      case XOR -> a ^ b;
      case NOT_AND -> ~a & b;
      case NOT_OR -> ~a | b;
      case NOT_XOR -> ~a ^ b;
      case MOVE -> a;
      case NOT -> ~a;
      case CLEAR -> 0;
      case SET -> ~0;
    };
  }
}
