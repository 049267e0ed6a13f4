package dev.culebra.emulator.exec;

/** Extent of a grid or a block, or an index in one. */
public record Dim3(int x, int y, int z) {
  public Dim3(int x) {
    this(x, 1, 1);
  }

  public Dim3(int x, int y) {
    this(x, y, 1);
  }

  /** Of all three. */
  public long product() {
    return (long) x * y * z;
  }

  @Override
  public String toString() {
    return "(" + x + "," + y + "," + z + ")";
  }
}
