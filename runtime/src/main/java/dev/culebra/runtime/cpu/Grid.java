package dev.culebra.runtime.cpu;

/**
 * A matrix cut into {@code rowParts x columnParts} rectangles, one for each worker.
 *
 * @param m rows of the matrix
 * @param n its columns
 */
record Grid(long m, long n, int rowParts, int columnParts) {
  /** Columns are cut at whole cache lines of 16 floats. */
  private static final long COLUMN_GRAIN = 16;

  /**
   * What reading an element of the left and of the right factor costs, in multiplications: the
   * right one is copied into the layout of oneDNN's inner loop by every worker that needs it.
   */
  private static final double LEFT_COST = 4;

  private static final double RIGHT_COST = 16;

  /** The grid in which the busiest worker is done first, by the costs above. */
  static Grid choose(long m, long n, int workers) {
    Grid best = null;
    double bestCost = Double.POSITIVE_INFINITY;
    for (int rowParts = 1; rowParts <= workers; rowParts++) {
      Grid grid = new Grid(m, n, rowParts, workers / rowParts);
      double rows = ceil(m, grid.rowParts);
      double columns = Math.min(n, COLUMN_GRAIN * ceil(ceil(n, COLUMN_GRAIN), grid.columnParts));
      double cost = rows * columns + LEFT_COST * rows + RIGHT_COST * columns;
      if (cost < bestCost) {
        best = grid;
        bestCost = cost;
      }
    }
    return best;
  }

  /** First row of a worker's rectangle; workers beyond the grid have empty ones. */
  long rowFrom(int worker) {
    return m * rowPart(worker) / rowParts;
  }

  long rowTo(int worker) {
    return worker < rowParts * columnParts ? m * (rowPart(worker) + 1) / rowParts : m;
  }

  long columnFrom(int worker) {
    return columnBound(worker % columnParts);
  }

  long columnTo(int worker) {
    return columnBound(worker % columnParts + 1);
  }

  private int rowPart(int worker) {
    return Math.min(worker / columnParts, rowParts);
  }

  private long columnBound(int part) {
    return Math.min(n, ceil(n, COLUMN_GRAIN) * part / columnParts * COLUMN_GRAIN);
  }

  private static long ceil(long total, long unit) {
    return (total + unit - 1) / unit;
  }
}
