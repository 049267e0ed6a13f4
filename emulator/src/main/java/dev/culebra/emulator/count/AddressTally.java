package dev.culebra.emulator.count;

import java.util.Arrays;

/** How often each address was operated on. */
public final class AddressTally {
  private static final int LEAST = 64;
  private static final long SPREAD = 0x9e3779b97f4a7c15L;

  /** Addresses plus 1; 0 where there is none. */
  private long[] keys = new long[LEAST];

  private long[] times = new long[LEAST];
  private int size;

  /** Notes operations on an address. */
  public void add(long address, long more) {
    if (2 * size >= keys.length) {
      grow();
    }
    int i = place(address + 1);
    if (keys[i] == 0) {
      keys[i] = address + 1;
      size++;
    }
    times[i] += more;
  }

  private int place(long key) {
    int i = (int) (key * SPREAD >>> 32) & keys.length - 1;
    while (keys[i] != 0 && keys[i] != key) {
      i = i + 1 & keys.length - 1;
    }
    return i;
  }

  private void grow() {
    long[] before = keys;
    long[] timesBefore = times;
    keys = new long[2 * before.length];
    times = new long[keys.length];
    for (int i = 0; i < before.length; i++) {
      if (before[i] != 0) {
        int to = place(before[i]);
        keys[to] = before[i];
        times[to] = timesBefore[i];
      }
    }
  }

  /** Adds all of another's. */
  public void add(AddressTally other) {
    for (int i = 0; i < other.keys.length; i++) {
      if (other.keys[i] != 0) {
        add(other.keys[i] - 1, other.times[i]);
      }
    }
  }

  /** Different addresses. */
  public long addresses() {
    return size;
  }

  /** Operations on the address that has most. */
  public long busiest() {
    return Arrays.stream(times).max().orElse(0);
  }

  public void clear() {
    if (size != 0) {
      Arrays.fill(keys, 0);
      Arrays.fill(times, 0);
      size = 0;
    }
  }
}
