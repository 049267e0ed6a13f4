package dev.culebra.emulator.tensorcore;

/**
 * Which elements of a matrix the registers of a warp hold: element {@code j} of register {@code r}
 * of lane {@code l} is number {@code registers[r] + lanes[l] + j * step} of the matrix.
 *
 * <p>A of shape {@code [m, k]} and C and D of shape {@code [m, n]} are numbered row by row, B of
 * shape {@code [k, n]} also: its eight columns lie together. In all shapes lane {@code l} belongs
 * to group {@code g = l / 4} and is {@code t = l % 4} in it (PTX ISA 9.7.14.5.1 to 13):
 *
 * <ul>
 *   <li>A: lane holds row {@code g} (and {@code g + 8}) and {@code p} columns from {@code t * p},
 *       where {@code p} elements share a register, then those {@code 4 * p} further on;
 *   <li>B: likewise, with columns for rows and rows for columns;
 *   <li>C and D: row {@code g} (and {@code g + 8}), columns {@code 2 * t} and {@code 2 * t + 1}.
 * </ul>
 */
public final class FragmentLayout {
  private static final int LANES = 32;
  private static final int GROUP = 4;
  private static final int ROWS = 8;
  private static final int COLUMNS = 8;

  private final int[] registers;
  private final int[] lanes;
  private final int perRegister;
  private final int step;

  private FragmentLayout(int[] registers, int[] lanes, int perRegister, int step) {
    this.registers = registers;
    this.lanes = lanes;
    this.perRegister = perRegister;
    this.step = step;
  }

  /** A, rows by columns, of 8 or 16 rows. */
  public static FragmentLayout a(TileShape shape, ElementType type) {
    int per = type.perRegister();
    int halves = shape.m() / ROWS;
    int[] registers = new int[shape.m() * shape.k() / LANES / per];
    for (int r = 0; r < registers.length; r++) {
      registers[r] = r % halves * ROWS * shape.k() + r / halves * GROUP * per;
    }
    int[] lanes = new int[LANES];
    for (int lane = 0; lane < LANES; lane++) {
      lanes[lane] = lane / GROUP * shape.k() + lane % GROUP * per;
    }
    return new FragmentLayout(registers, lanes, per, 1);
  }

  /** B, of 8 columns. */
  public static FragmentLayout b(TileShape shape, ElementType type) {
    int per = type.perRegister();
    int[] registers = new int[shape.k() * COLUMNS / LANES / per];
    for (int r = 0; r < registers.length; r++) {
      registers[r] = r * GROUP * per * COLUMNS;
    }
    int[] lanes = new int[LANES];
    for (int lane = 0; lane < LANES; lane++) {
      lanes[lane] = lane % GROUP * per * COLUMNS + lane / GROUP;
    }
    return new FragmentLayout(registers, lanes, per, COLUMNS);
  }

  /** C or D, of 8 or 16 rows and 8 columns. */
  public static FragmentLayout accumulators(TileShape shape, ElementType type) {
    int per = type.perRegister();
    int[] registers = new int[shape.m() * COLUMNS / LANES / per];
    for (int r = 0; r < registers.length; r++) {
      int element = r * per;
      registers[r] = element / 2 * ROWS * COLUMNS + element % 2;
    }
    int[] lanes = new int[LANES];
    for (int lane = 0; lane < LANES; lane++) {
      lanes[lane] = lane / GROUP * COLUMNS + lane % GROUP * 2;
    }
    return new FragmentLayout(registers, lanes, per, 1);
  }

  /**
   * A of {@code mma.m8n8k4} with f16, {@code [4, 8, 4]}: lanes {@code 4q..4q+3} and {@code
   * 16+4q..16+4q+3} hold the rows of quarter q, or, column by column, halves of its columns.
   */
  static FragmentLayout quartersOfA(boolean rows) {
    return quarter(rows ? 4 : 1, rows ? 1 : 4, rows ? 2 : 8, 16);
  }

  /** B of {@code mma.m8n8k4} with f16, {@code [4, 4, 8]}, likewise. */
  static FragmentLayout quartersOfB(boolean rows) {
    return quarter(rows ? 8 : 1, rows ? 1 : 8, rows ? 2 : 16, 4);
  }

  /**
   * Multiplicands of 32 elements a quarter, four a lane.
   *
   * @param lane how far a lane's elements are from those of the lane before it
   * @param step how far a lane's elements are from one another
   * @param register how far the second register's are from the first's
   * @param high how far those of lanes from 16 are from those of lanes below
   */
  private static FragmentLayout quarter(int lane, int step, int register, int high) {
    int[] lanes = new int[LANES];
    for (int l = 0; l < LANES; l++) {
      lanes[l] = l % 16 / GROUP * 32 + l % GROUP * lane + l / 16 * high;
    }
    return new FragmentLayout(new int[] {0, register}, lanes, 2, step);
  }

  /** C or D of {@code mma.m8n8k4} with f16, {@code [4, 8, 8]}. */
  static FragmentLayout quartersOfAccumulators(ElementType type) {
    boolean half = type == ElementType.F16;
    int[] lanes = new int[LANES];
    for (int l = 0; l < LANES; l++) {
      int row = l / 16 * GROUP + (half ? l % GROUP : l % 2);
      int column = half ? 0 : l & 2;
      lanes[l] = l % 16 / GROUP * ROWS * COLUMNS + row * COLUMNS + column;
    }
    int[] registers =
        half
            ? new int[] {0, 2, 4, 6}
            : new int[] {
              0, 1, 2 * COLUMNS, 2 * COLUMNS + 1, 4, 5, 2 * COLUMNS + 4, 2 * COLUMNS + 5
            };
    return new FragmentLayout(registers, lanes, type.perRegister(), 1);
  }

  /** How many registers of each lane hold the matrix. */
  public int registers() {
    return registers.length;
  }

  /** How many elements share a register. */
  public int perRegister() {
    return perRegister;
  }

  /** How far one element in a register is from the next in the matrix. */
  public int step() {
    return step;
  }

  /** Number, in the matrix, of an element of a register. */
  public int element(int register, int lane, int index) {
    return registers[register] + lanes[lane] + index * step;
  }

  /**
   * Takes the matrix from registers: {@code words[slots[r]][lane]}, elements in the low bits first.
   */
  void gather(int[][] words, int[] slots, int[] matrix) {
    int bits = LANES / perRegister;
    for (int r = 0; r < registers.length; r++) {
      int[] from = words[slots[r]];
      int start = registers[r];
      switch (perRegister) {
        case 1 -> {
          for (int lane = 0; lane < LANES; lane++) {
            matrix[start + lanes[lane]] = from[lane];
          }
        }
        case 2 -> {
          for (int lane = 0; lane < LANES; lane++) {
            int at = start + lanes[lane];
            matrix[at] = from[lane] & 0xffff;
            matrix[at + step] = from[lane] >>> 16;
          }
        }
        default -> {
          int mask = (1 << bits) - 1;
          for (int lane = 0; lane < LANES; lane++) {
            int at = start + lanes[lane];
            for (int i = 0; i < perRegister; i++) {
              matrix[at + i * step] = from[lane] >>> i * bits & mask;
            }
          }
        }
      }
    }
  }

  /** Takes a matrix of 64-bit elements from registers. */
  void gather(long[][] longs, int[] slots, double[] matrix) {
    for (int r = 0; r < registers.length; r++) {
      long[] from = longs[slots[r]];
      for (int lane = 0; lane < LANES; lane++) {
        matrix[registers[r] + lanes[lane]] = Double.longBitsToDouble(from[lane]);
      }
    }
  }

  /** Puts a matrix of elements of 32 or 16 bits into registers. */
  void scatter(int[] matrix, int[][] words, int[] slots) {
    for (int r = 0; r < registers.length; r++) {
      int[] to = words[slots[r]];
      int start = registers[r];
      if (perRegister == 1) {
        for (int lane = 0; lane < LANES; lane++) {
          to[lane] = matrix[start + lanes[lane]];
        }
      } else {
        for (int lane = 0; lane < LANES; lane++) {
          int at = start + lanes[lane];
          to[lane] = matrix[at] & 0xffff | matrix[at + step] << 16;
        }
      }
    }
  }

  /** Puts a matrix of 64-bit elements into registers. */
  void scatter(double[] matrix, long[][] longs, int[] slots) {
    for (int r = 0; r < registers.length; r++) {
      long[] to = longs[slots[r]];
      for (int lane = 0; lane < LANES; lane++) {
        to[lane] = Double.doubleToRawLongBits(matrix[registers[r] + lanes[lane]]);
      }
    }
  }
}
