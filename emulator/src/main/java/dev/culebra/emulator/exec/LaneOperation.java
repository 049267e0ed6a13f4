package dev.culebra.emulator.exec;

/** The same function of each lane. Subclasses are made by {@link LaneLoops}. */
abstract class LaneOperation extends Operation {
  final LaneFunction function;
  final int destination;
  final int first;
  final int second;
  final int third;
  final int fourth;

  LaneOperation(LaneFunction function, int destination, int[] sources) {
    this.function = function;
    this.destination = destination;
    first = sources.length > 0 ? sources[0] : 0;
    second = sources.length > 1 ? sources[1] : 0;
    third = sources.length > 2 ? sources[2] : 0;
    fourth = sources.length > 3 ? sources[3] : 0;
  }

  /** Slot of an operand in its bank. */
  final int source(int index) {
    return switch (index) {
      case 0 -> first;
      case 1 -> second;
      case 2 -> third;
      case 3 -> fourth;
      default -> throw new IndexOutOfBoundsException(index);
    };
  }

  @Override
  public final String toString() {
    return function.core().name() + "@" + destination;
  }
}
