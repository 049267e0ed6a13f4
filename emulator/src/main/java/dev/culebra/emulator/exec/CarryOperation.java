package dev.culebra.emulator.exec;

/**
 * Addition, subtraction and multiply-add with carry in and carry out, of which integers of any
 * length are made (PTX ISA 9.7.2). The carry is the warp's, one bit a lane. PTX speaks of a borrow
 * after a subtraction; the devices subtract by adding the complement, so that what {@code addc}
 * finds after {@code sub.cc} is 1 where nothing was borrowed. The division of 128 bits that nvcc
 * emits relies on it.
 */
abstract class CarryOperation extends Operation {
  /** Whether the carry of the instruction before is taken in. */
  final boolean takes;

  /** Whether the carry is given on. */
  final boolean gives;

  final int destination;
  final int first;
  final int second;

  private CarryOperation(boolean takes, boolean gives, int destination, int first, int second) {
    this.takes = takes;
    this.gives = gives;
    this.destination = destination;
    this.first = first;
    this.second = second;
  }

  @Override
  final void execute(Warp warp, int active) {
    int in = takes ? warp.carry : without();
    int out = 0;
    for (int rest = active; rest != 0; rest &= rest - 1) {
      int lane = Integer.numberOfTrailingZeros(rest);
      out |= lane(warp, lane, in >>> lane & 1) << lane;
    }
    if (gives) {
      warp.carry = warp.carry & ~active | out;
    }
  }

  /** The carries that an instruction has which takes none in. */
  int without() {
    return 0;
  }

  /** Computes a lane; returns what it carries out. */
  abstract int lane(Warp warp, int lane, int carry);

  /** {@code d = a + b + carry}, 32 bits. */
  static final class Add32 extends CarryOperation {
    Add32(boolean takes, boolean gives, int destination, int first, int second) {
      super(takes, gives, destination, first, second);
    }

    @Override
    int lane(Warp warp, int lane, int carry) {
      long sum =
          Integer.toUnsignedLong(warp.words[first][lane])
              + Integer.toUnsignedLong(warp.words[second][lane])
              + carry;
      warp.words[destination][lane] = (int) sum;
      return (int) (sum >>> Integer.SIZE);
    }
  }

  /** {@code d = a + ~b + carry}, 32 bits. */
  static final class Subtract32 extends CarryOperation {
    Subtract32(boolean takes, boolean gives, int destination, int first, int second) {
      super(takes, gives, destination, first, second);
    }

    @Override
    int without() {
      return ALL;
    }

    @Override
    int lane(Warp warp, int lane, int carry) {
      long sum =
          Integer.toUnsignedLong(warp.words[first][lane])
              + Integer.toUnsignedLong(~warp.words[second][lane])
              + carry;
      warp.words[destination][lane] = (int) sum;
      return (int) (sum >>> Integer.SIZE);
    }
  }

  /** {@code d = a + b + carry}, 64 bits. */
  static final class Add64 extends CarryOperation {
    Add64(boolean takes, boolean gives, int destination, int first, int second) {
      super(takes, gives, destination, first, second);
    }

    @Override
    int lane(Warp warp, int lane, int carry) {
      long a = warp.longs[first][lane];
      long b = warp.longs[second][lane];
      long sum = a + b + carry;
      warp.longs[destination][lane] = sum;
      return (int) ((a & b | (a | b) & ~sum) >>> Long.SIZE - 1);
    }
  }

  /** {@code d = a + ~b + carry}, 64 bits. */
  static final class Subtract64 extends CarryOperation {
    Subtract64(boolean takes, boolean gives, int destination, int first, int second) {
      super(takes, gives, destination, first, second);
    }

    @Override
    int without() {
      return ALL;
    }

    @Override
    int lane(Warp warp, int lane, int carry) {
      long a = warp.longs[first][lane];
      long b = ~warp.longs[second][lane];
      long sum = a + b + carry;
      warp.longs[destination][lane] = sum;
      return (int) ((a & b | (a | b) & ~sum) >>> Long.SIZE - 1);
    }
  }
}
