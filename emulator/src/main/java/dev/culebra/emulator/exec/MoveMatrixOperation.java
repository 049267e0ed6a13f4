package dev.culebra.emulator.exec;

/**
 * {@code movmatrix.trans} (PTX ISA 9.7.14.5.17): transposes 8 by 8 elements of 16 bits, of which
 * lane {@code 4 * row + column / 2} holds two of a row.
 */
final class MoveMatrixOperation extends Operation {
  private final int source;
  private final int destination;

  MoveMatrixOperation(int source, int destination) {
    this.source = source;
    this.destination = destination;
  }

  @Override
  void execute(Warp warp, int active) {
    int[] to = warp.words[destination];
    int[] from = source == destination ? to.clone() : warp.words[source];
    for (int lane = 0; lane < LANES; lane++) {
      int row = lane >> 2;
      int column = (lane & 3) * 2;
      // Element [column][row] and the one below it.
      int holder = column * 4 + (row >> 1);
      int shift = (row & 1) * 16;
      to[lane] = from[holder] >>> shift & 0xffff | from[holder + 4] >>> shift << 16;
    }
  }
}
