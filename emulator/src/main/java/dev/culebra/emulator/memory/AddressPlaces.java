package dev.culebra.emulator.memory;

import java.util.Map;
import java.util.TreeMap;

/** Which addresses of a span are free. Those that were given back are given again first. */
final class AddressPlaces {
  /** Starts and lengths of what was given back, never two that touch. */
  private final TreeMap<Long, Long> holes = new TreeMap<>();

  private final long end;

  /** All from here on were never given. */
  private long top;

  AddressPlaces(long start, long end) {
    this.top = start;
    this.end = end;
  }

  /**
   * Takes a stretch.
   *
   * @param alignment of its start, a power of two
   * @return its start; -1 where none is long enough
   */
  long take(long bytes, long alignment) {
    for (Map.Entry<Long, Long> hole : holes.entrySet()) {
      long start = roundUp(hole.getKey(), alignment);
      if (start - hole.getKey() <= hole.getValue() - bytes) {
        cut(hole.getKey(), hole.getValue(), start, bytes);
        return start;
      }
    }
    long start = roundUp(top, alignment);
    if (bytes > end - start) {
      return -1;
    }
    long before = top;
    top = start + bytes;
    giveBack(before, start - before);
    return start;
  }

  private void cut(long hole, long length, long start, long bytes) {
    holes.remove(hole);
    if (start > hole) {
      holes.put(hole, start - hole);
    }
    long rest = hole + length - (start + bytes);
    if (rest > 0) {
      holes.put(start + bytes, rest);
    }
  }

  /** Makes a stretch that was taken free again. */
  void giveBack(long start, long bytes) {
    if (bytes == 0) {
      return;
    }
    Map.Entry<Long, Long> before = holes.lowerEntry(start);
    if (before != null && before.getKey() + before.getValue() == start) {
      start = before.getKey();
      bytes += before.getValue();
    }
    Long after = holes.remove(start + bytes);
    holes.put(start, after == null ? bytes : bytes + after);
  }

  private static long roundUp(long address, long alignment) {
    return (address + alignment - 1) & -alignment;
  }
}
