package dev.culebra.model.tokenizer;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Tokens of the pieces seen lately. A piece has one place, and takes it from whichever was there.
 *
 * <p>Pieces of up to 15 bytes lie in four longs, half a cache line: the bytes with the length on
 * top, then up to six ids of 21 bits each, plus one. Longer ones are arrays.
 */
final class PieceCache {
  static final int MAX_PIECE_BYTES = 64;

  private static final int SHORT_BYTES = 15;
  private static final int SLOT_BITS = 15;
  private static final int LONG_SLOT_BITS = 12;
  private static final int ID_BITS = 21;
  private static final int ID_MASK = (1 << ID_BITS) - 1;
  private static final int IDS_A_WORD = 3;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private record Entry(byte[] piece, int[] ids) {}

  private final long[] slots = new long[4 << SLOT_BITS];
  private final Entry[] entries = new Entry[1 << LONG_SLOT_BITS];

  /**
   * Appends the tokens of a piece to {@code ids} at {@code at}, where there is room for all that it
   * may have.
   *
   * @return the new end, or -1 if the piece is not known
   */
  int get(byte[] text, int from, int to, int[] ids, int at) {
    int length = to - from;
    if (length > SHORT_BYTES) {
      return length > MAX_PIECE_BYTES ? -1 : getLong(text, from, to, ids, at);
    }
    long low = low(text, from, length);
    long high = high(text, from, length);
    int slot = slot(low, high);
    if (slots[slot] != low || slots[slot + 1] != high) {
      return -1;
    }
    for (long word = slots[slot + 2]; word != 0; word >>>= ID_BITS) {
      ids[at++] = ((int) word & ID_MASK) - 1;
    }
    for (long word = slots[slot + 3]; word != 0; word >>>= ID_BITS) {
      ids[at++] = ((int) word & ID_MASK) - 1;
    }
    return at;
  }

  private static long low(byte[] text, int from, int length) {
    if (from + 8 <= text.length) {
      long bytes = (long) LONG.get(text, from);
      return length >= 8 ? bytes : bytes & (1L << 8 * length) - 1;
    }
    return bytes(text, from, Math.min(length, 8));
  }

  private static long high(byte[] text, int from, int length) {
    long bytes;
    if (length <= 8) {
      bytes = 0;
    } else if (from + 16 <= text.length) {
      bytes = (long) LONG.get(text, from + 8) & (1L << 8 * (length - 8)) - 1;
    } else {
      bytes = bytes(text, from + 8, length - 8);
    }
    return bytes | (long) length << 56;
  }

  private static long bytes(byte[] text, int from, int length) {
    long bytes = 0;
    for (int i = 0; i < length; i++) {
      bytes |= (text[from + i] & 0xffL) << 8 * i;
    }
    return bytes;
  }

  private static int slot(long low, long high) {
    long mixed = (low ^ Long.rotateLeft(high, 29) * 0xC2B2AE3D27D4EB4FL) * 0x9E3779B97F4A7C15L;
    return (int) (mixed >>> 64 - SLOT_BITS) << 2;
  }

  void put(byte[] text, int from, int to, int[] ids, int idsFrom, int idsTo) {
    int length = to - from;
    if (length > MAX_PIECE_BYTES) {
      return;
    }
    if (length > SHORT_BYTES) {
      entries[longSlot(text, from, to)] =
          new Entry(Arrays.copyOfRange(text, from, to), Arrays.copyOfRange(ids, idsFrom, idsTo));
      return;
    }
    if (idsTo - idsFrom > 2 * IDS_A_WORD) {
      return;
    }
    long first = pack(ids, idsFrom, Math.min(idsTo, idsFrom + IDS_A_WORD));
    long second = pack(ids, idsFrom + IDS_A_WORD, idsTo);
    if (first < 0 || second < 0) {
      return;
    }
    long low = low(text, from, length);
    long high = high(text, from, length);
    int slot = slot(low, high);
    slots[slot] = low;
    slots[slot + 1] = high;
    slots[slot + 2] = first;
    slots[slot + 3] = second;
  }

  /** Up to three ids, or -1 if one is too large. */
  private static long pack(int[] ids, int from, int to) {
    long word = 0;
    for (int i = to - 1; i >= from; i--) {
      if (ids[i] >= ID_MASK) {
        return -1;
      }
      word = word << ID_BITS | ids[i] + 1;
    }
    return word;
  }

  private int getLong(byte[] text, int from, int to, int[] ids, int at) {
    Entry entry = entries[longSlot(text, from, to)];
    if (entry == null || !Arrays.equals(entry.piece, 0, entry.piece.length, text, from, to)) {
      return -1;
    }
    System.arraycopy(entry.ids, 0, ids, at, entry.ids.length);
    return at + entry.ids.length;
  }

  private static int longSlot(byte[] text, int from, int to) {
    long mixed = to - from;
    int i = from;
    for (; i + 8 <= to; i += 8) {
      mixed = (mixed ^ (long) LONG.get(text, i)) * 0x9E3779B97F4A7C15L;
      mixed ^= mixed >>> 32;
    }
    mixed = (mixed ^ bytes(text, i, to - i)) * 0x9E3779B97F4A7C15L;
    return (int) (mixed >>> 64 - LONG_SLOT_BITS);
  }
}
