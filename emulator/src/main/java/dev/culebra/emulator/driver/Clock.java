package dev.culebra.emulator.driver;

import java.util.Arrays;

/**
 * A vector clock (Mattern 1989): for each stream the position up to which everything happens
 * before. Tells whether anything orders two pieces of work, whichever of them ran first.
 */
final class Clock {
  static final Clock START = new Clock(new int[0]);

  private final int[] positions;

  private Clock(int[] positions) {
    this.positions = positions;
  }

  /** What happens before either. */
  Clock merge(Clock other) {
    if (other.covers(this)) {
      return other;
    }
    if (covers(other)) {
      return this;
    }
    int[] merged = Arrays.copyOf(positions, Math.max(positions.length, other.positions.length));
    for (int i = 0; i < other.positions.length; i++) {
      merged[i] = Math.max(merged[i], other.positions[i]);
    }
    return new Clock(merged);
  }

  private boolean covers(Clock other) {
    for (int i = 0; i < other.positions.length; i++) {
      if (other.positions[i] > position(i)) {
        return false;
      }
    }
    return true;
  }

  /** With that position for one stream. */
  Clock with(int stream, int position) {
    int[] next = Arrays.copyOf(positions, Math.max(positions.length, stream + 1));
    next[stream] = position;
    return new Clock(next);
  }

  private int position(int stream) {
    return stream < positions.length ? positions[stream] : 0;
  }

  /** Whether the work at a position of a stream happens before. */
  boolean includes(Work work) {
    return includes(work.stream.index(), work.position);
  }

  boolean includes(int stream, int position) {
    return position(stream) >= position;
  }
}
