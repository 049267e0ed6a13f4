package dev.culebra.emulator.ptx;

/**
 * A line of the program that PTX was made from, as {@code .loc} gives it (PTX ISA 11.5.4).
 *
 * @param inlinedAt the line into which this one was inlined; null where it wasn't
 */
public record SourceLine(String file, int line, SourceLine inlinedAt) {
  @Override
  public String toString() {
    return file + ":" + line + (inlinedAt == null ? "" : " (inlined at " + inlinedAt + ")");
  }
}
