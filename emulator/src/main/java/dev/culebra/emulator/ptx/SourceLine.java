package dev.culebra.emulator.ptx;

/** A line of the program that PTX was made from, as {@code .loc} gives it. */
public record SourceLine(String file, int line) {
  @Override
  public String toString() {
    return file + ":" + line;
  }
}
