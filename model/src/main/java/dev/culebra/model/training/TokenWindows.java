package dev.culebra.model.training;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A text in windows that follow each other; each token but the first is a target once. */
final class TokenWindows implements BatchSource {
  private final int[] tokens;
  private int place;

  TokenWindows(int[] tokens) {
    this.tokens = tokens;
  }

  /** Whether there are targets left. */
  boolean hasNext() {
    return place < tokens.length - 1;
  }

  @Override
  public void next(
      int batch, int length, MemorySegment input, MemorySegment targets, MemorySegment documents) {
    for (long i = 0; i < (long) batch * length; i++, place++) {
      boolean inside = place < tokens.length - 1;
      input.setAtIndex(ValueLayout.JAVA_INT, i, inside ? tokens[place] : 0);
      targets.setAtIndex(ValueLayout.JAVA_INT, i, inside ? tokens[place + 1] : -1);
    }
    if (documents != null) {
      documents.fill((byte) 0);
    }
    place = Math.min(place, Math.max(0, tokens.length - 1));
  }

  @Override
  public DataPosition position() {
    return new DataPosition(0, place);
  }

  @Override
  public void seek(DataPosition position) {
    place = Math.toIntExact(position.sequence());
  }
}
