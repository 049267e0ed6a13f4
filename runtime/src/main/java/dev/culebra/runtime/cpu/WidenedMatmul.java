package dev.culebra.runtime.cpu;

import dev.culebra.runtime.DType;

/**
 * A product whose factors oneDNN can't multiply as they are (quantised weights, F32 by BF16, BF16
 * on a processor for which it has no such code): blocks of them are widened to F32 in the worker's
 * own memory and multiplied there. Exact but for F32 rounding.
 */
final class WidenedMatmul implements Kernel {
  /**
   * Rows and columns of a block: 2 x 128 x 768 floats are 768 KiB, in reach of a second-level
   * cache, and widening costs a hundredth of multiplying.
   */
  private static final long BLOCK = 128;

  /** Blocks that are whole or not in rows and in columns. */
  private static final int KINDS = 4;

  private final MatmulPrimitives primitives;
  private final Grid grid;
  private final long k;
  private final FloatBlocks left;
  private final FloatBlocks right;
  private final ProductEpilogue epilogue;
  private final MatmulPrimitive[] compiled;
  private long productScratch;

  /**
   * @param left its parts are rows of the result
   * @param leftTransposed whether its parts are columns of the tensor
   * @param right its parts are columns of the result
   * @param rightTransposed whether its parts are rows of the tensor
   */
  WidenedMatmul(
      MatmulPrimitives primitives,
      boolean capturing,
      int workers,
      long m,
      long n,
      long k,
      FloatBlocks left,
      boolean leftTransposed,
      FloatBlocks right,
      boolean rightTransposed,
      ProductEpilogue epilogue) {
    this.primitives = primitives;
    this.grid = Grid.choose(m, n, workers);
    this.k = k;
    this.left = left;
    this.right = right;
    this.epilogue = epilogue;
    this.compiled = new MatmulPrimitive[workers * KINDS];
    for (int i = 0; i < workers; i++) {
      long rows = grid.rowTo(i) - grid.rowFrom(i);
      long columns = grid.columnTo(i) - grid.columnFrom(i);
      for (long blockRows : new long[] {Math.min(rows, BLOCK), rows % BLOCK}) {
        for (long blockColumns : new long[] {Math.min(columns, BLOCK), columns % BLOCK}) {
          if (blockRows > 0 && blockColumns > 0) {
            MatmulShape shape = shape(blockRows, blockColumns, leftTransposed, rightTransposed);
            MatmulPrimitive primitive = primitives.get(shape, capturing);
            compiled[index(i, blockRows, blockColumns)] = primitive;
            productScratch = Math.max(productScratch, primitive.scratchBytes());
          }
        }
      }
    }
  }

  private MatmulShape shape(long m, long n, boolean leftTransposed, boolean rightTransposed) {
    return new MatmulShape(
        m,
        n,
        k,
        DType.F32,
        leftTransposed ? 1 : k,
        leftTransposed ? m : 1,
        rightTransposed ? 1 : n,
        rightTransposed ? k : 1,
        DType.F32,
        n,
        false,
        false,
        false);
  }

  /** Where a worker's product for a block of this size is: whole blocks, and its last ones. */
  private static int index(int worker, long rows, long columns) {
    return worker * KINDS + (rows < BLOCK ? 2 : 0) + (columns < BLOCK ? 1 : 0);
  }

  @Override
  public void run(Worker worker) {
    int i = worker.index();
    long factorBytes = BLOCK * k * Float.BYTES;
    long scratch = worker.scratch(2 * factorBytes + BLOCK * BLOCK * Float.BYTES + productScratch);
    long leftBlock = scratch;
    long rightBlock = leftBlock + factorBytes;
    long sums = rightBlock + factorBytes;
    long rest = sums + BLOCK * BLOCK * Float.BYTES;
    for (long column = grid.columnFrom(i); column < grid.columnTo(i); column += BLOCK) {
      long columnTo = Math.min(column + BLOCK, grid.columnTo(i));
      right.widen(column, columnTo, rightBlock);
      for (long row = grid.rowFrom(i); row < grid.rowTo(i); row += BLOCK) {
        long rowTo = Math.min(row + BLOCK, grid.rowTo(i));
        left.widen(row, rowTo, leftBlock);
        compiled[index(i, rowTo - row, columnTo - column)].execute(
            i, primitives.stream(i), leftBlock, rightBlock, 0, sums, rest);
        epilogue.apply(worker, sums, columnTo - column, row, rowTo, column, columnTo);
      }
    }
  }
}
