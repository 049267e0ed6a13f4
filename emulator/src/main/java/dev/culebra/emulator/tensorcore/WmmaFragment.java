package dev.culebra.emulator.tensorcore;

import java.util.Arrays;

/**
 * How the registers of a {@code wmma} fragment hold a matrix (PTX ISA 9.7.14.4.1, which leaves it
 * open): as those of one {@code mma}, or of two whose halves of the matrix come one after the
 * other, which is what devices from compute capability 7.5 do. Shape m8n32k16 is that of {@code D^T
 * = B^T * A^T}. Fragments of f16 multiplicands have eight registers, however few are needed: the
 * others repeat the first.
 */
public final class WmmaFragment {
  /** Which matrix. */
  public enum Role {
    A,
    B,
    /** C or D. */
    ACCUMULATOR
  }

  private static final int MAX_ROWS = 16;
  private static final int COLUMNS = 8;
  private static final int HALF_REGISTERS = 8;

  private final FragmentLayout layout;
  private final int registers;
  private final int distinct;
  private final int width;
  private final boolean transposed;
  private final int rowsBetween;
  private final int columnsBetween;

  /**
   * @param shape of {@code wmma}
   */
  public WmmaFragment(Role role, TileShape shape, ElementType type) {
    TileShape tile = tile(shape);
    boolean turned = turned(shape);
    Role own = turned && role == Role.A ? Role.B : turned && role == Role.B ? Role.A : role;
    layout =
        switch (own) {
          case A -> FragmentLayout.a(tile, type);
          case B -> FragmentLayout.b(tile, type);
          case ACCUMULATOR -> FragmentLayout.accumulators(tile, type);
        };
    width = own == Role.A ? tile.k() : COLUMNS;
    transposed = turned;
    int rows = turned ? shape.n() : shape.m();
    int columns = turned ? shape.m() : shape.n();
    int tiles =
        switch (own) {
          case A -> rows / tile.m();
          case B -> columns / tile.n();
          case ACCUMULATOR -> rows / tile.m() * (columns / tile.n());
        };
    rowsBetween = rows > tile.m() ? tile.m() : 0;
    columnsBetween = columns > tile.n() ? tile.n() : 0;
    distinct = tiles * layout.registers();
    registers = type == ElementType.F16 && role != Role.ACCUMULATOR ? HALF_REGISTERS : distinct;
  }

  /** The shape of the {@code mma} that it is made of. */
  public static TileShape tile(TileShape shape) {
    int rows = turned(shape) ? shape.n() : shape.m();
    return new TileShape(Math.min(rows, MAX_ROWS), COLUMNS, shape.k());
  }

  /** Whether it is made of products of the transposed matrices. */
  public static boolean turned(TileShape shape) {
    return shape.m() == COLUMNS && shape.n() > COLUMNS;
  }

  /** How many {@code mma} it is made of. */
  public static int tiles(TileShape shape) {
    TileShape tile = tile(shape);
    return shape.m() * shape.n() / (tile.m() * tile.n());
  }

  /** How many registers of each lane make up the fragment. */
  public int registers() {
    return registers;
  }

  /** How many of these, the first ones, are not repetitions. */
  public int distinct() {
    return distinct;
  }

  /** How many elements share a register. */
  public int perRegister() {
    return layout.perRegister();
  }

  /** Of the registers of the whole, those for one of the {@link #tiles}. */
  public int[] ofTile(int[] slots, int tile) {
    int count = layout.registers();
    int first = tile * count % distinct;
    return Arrays.copyOfRange(slots, first, first + count);
  }

  /** Row, in the matrix, of an element of a register. */
  public int row(int register, int lane, int index) {
    return transposed ? ownColumn(register, lane, index) : ownRow(register, lane, index);
  }

  /** Column, in the matrix, of an element of a register. */
  public int column(int register, int lane, int index) {
    return transposed ? ownRow(register, lane, index) : ownColumn(register, lane, index);
  }

  private int element(int register, int lane, int index) {
    return layout.element(register % distinct % layout.registers(), lane, index);
  }

  private int tileOf(int register) {
    return register % distinct / layout.registers();
  }

  private int ownRow(int register, int lane, int index) {
    return element(register, lane, index) / width + tileOf(register) * rowsBetween;
  }

  private int ownColumn(int register, int lane, int index) {
    return element(register, lane, index) % width + tileOf(register) * columnsBetween;
  }
}
