package dev.culebra.emulator.ptx;

/** A place in the text of a PTX module, both numbers from 1. */
public record SourcePosition(int line, int column) {
  @Override
  public String toString() {
    return line + ":" + column;
  }
}
