package dev.culebra.runtime.cpu;

import dev.culebra.runtime.DType;
import dev.culebra.runtime.KeyValueCache;
import dev.culebra.runtime.Tensor;

/**
 * Attention over a key-value cache. Rows of one sequence that follow each other, as a prompt's, are
 * attended in tiles, a task being a tile of queries of one key head. The rest, one new token of
 * each sequence, is bound by memory: all their positions together are shared out evenly, so that a
 * single long row keeps all workers busy; a row that is cut at the end of a worker's share is put
 * together after a barrier.
 *
 * <p>Everything is planned when the kernel runs, from the positions that the tensors then hold.
 * FLOPs: 4 D for each pair of a head and a position. Bytes: each visible key and value once for
 * each row, or once for each tile of rows.
 */
final class DecodeAttention implements Kernel {
  /** From so many rows of a sequence on, tiles beat reading the cache once a row. */
  static final int TILE_ROWS = 4;

  private static final int SPAN_KEYS = TileProducts.SPAN * ScoreTile.KEYS;
  private static final int NONE = -1;

  private final Tensor q;
  private final long sequences;
  private final long positions;
  private final KeyValueCache cache;
  private final float scale;
  private final int window;
  private final Tensor out;
  private final int rowCount;
  private final int kvHeads;
  private final int group;
  private final int headDim;
  private final long rowBytes;
  private final DType operand;
  private final CacheRows rows;
  private final ForwardTile[] tiles;
  private final StreamedRow[] streams;

  // What each worker kept of a row begun before its share, and of one that its share cut off.
  private final long[] partials;
  private final int[] continuedRow;
  private final int[] cutRow;

  DecodeAttention(
      Tensor q,
      Tensor sequences,
      Tensor positions,
      KeyValueCache cache,
      int heads,
      float scale,
      int window,
      Tensor out,
      TileProducts products,
      int workers) {
    this.q = q;
    this.sequences = sequences.address();
    this.positions = positions.address();
    this.cache = cache;
    this.scale = scale;
    this.window = window;
    this.out = out;
    rowCount = Math.toIntExact(q.rows());
    headDim = (int) (q.columns() / heads);
    kvHeads = (int) (cache.keys().columns() / headDim);
    group = heads / kvHeads;
    rowBytes = products.rowBytes();
    operand = products.operand();
    rows = new CacheRows("decodeAttention", cache);
    tiles = new ForwardTile[workers];
    streams = new StreamedRow[workers];
    for (int i = 0; i < workers; i++) {
      tiles[i] = new ForwardTile(i, products, headDim, null);
      streams[i] = new StreamedRow(cache, rows, heads, headDim);
    }
    partials = new long[workers];
    continuedRow = new int[workers];
    cutRow = new int[workers];
  }

  @Override
  public void run(Worker worker) {
    long streamed = 0;
    int tiledKeys = 0;
    for (int row = 0; row < rowCount; ) {
      int end = runEnd(row);
      rows.row(sequence(row), position(row)); // refuses what the cache does not hold
      rows.row(sequence(row), position(end - 1));
      if (end - row >= TILE_ROWS) {
        tiledKeys = Math.max(tiledKeys, position(end - 1) + 1);
      } else {
        for (int r = row; r < end; r++) {
          streamed += visible(r);
        }
      }
      row = end;
    }
    StreamedRow stream = streams[worker.index()];
    long keyBytes = tiledKeys == 0 ? 0 : (tiledKeys + 2 * ScoreTile.KEYS) * rowBytes;
    long rangeBytes = ScoreTile.QUERIES * (long) Integer.BYTES;
    long tileBytes =
        2 * Long.highestOneBit(2 * keyBytes)
            + 2 * rangeBytes
            + tiles[worker.index()].bytes(SPAN_KEYS);
    long partialBytes = 2 * stream.partialBytes();
    long scratch = worker.scratch(partialBytes + Math.max(tileBytes, stream.bytes()));
    if (tiledKeys > 0) {
      runTiles(worker, scratch + partialBytes, keyBytes);
    }
    if (streamed > 0) {
      partials[worker.index()] = scratch;
      stream.place(scratch + partialBytes);
      runStream(worker, stream, worker.from(streamed), worker.to(streamed));
      worker.barrier();
      mergeCutRow(worker, stream);
    }
  }

  private int sequence(int row) {
    return Lanes.getInt(sequences + row * 4L);
  }

  private int position(int row) {
    return Lanes.getInt(positions + row * 4L);
  }

  /** First position that a row attends to. */
  private int firstVisible(int row) {
    return window == 0 ? 0 : Math.max(0, position(row) - window + 1);
  }

  private int visible(int row) {
    return position(row) + 1 - firstVisible(row);
  }

  /** End of the rows of the same sequence, in ascending order, that begin at {@code row}. */
  private int runEnd(int row) {
    int end = row + 1;
    while (end < rowCount && sequence(end) == sequence(row) && position(end) > position(end - 1)) {
      end++;
    }
    return end;
  }

  // ---- tiles ----

  private void runTiles(Worker worker, long scratch, long keyBytes) {
    int task = worker.nextTask();
    int before = 0;
    for (int row = 0; row < rowCount; ) {
      int end = runEnd(row);
      if (end - row >= TILE_ROWS) {
        int tilesOfRun = (end - row + ScoreTile.QUERIES - 1) / ScoreTile.QUERIES;
        int tasks = tilesOfRun * kvHeads;
        while (task - before < tasks) {
          int tile = tilesOfRun - 1 - (task - before) / kvHeads; // the longest first
          int from = row + tile * ScoreTile.QUERIES;
          int to = Math.min(end, from + ScoreTile.QUERIES);
          attendTile(tiles[worker.index()], scratch, keyBytes, from, to, (task - before) % kvHeads);
          task = worker.nextTask();
        }
        before += tasks;
      }
      row = end;
    }
  }

  private void attendTile(
      ForwardTile tile, long scratch, long keyBytes, int from, int to, int kvHead) {
    long first = scratch;
    long end = first + ScoreTile.QUERIES * 4L;
    long keys = end + ScoreTile.QUERIES * 4L;
    long values = keys + keyBytes;
    for (int i = 0; i < ScoreTile.QUERIES; i++) {
      int row = Math.min(from + i, to - 1);
      int endKey = position(row) + 1;
      Lanes.setInt(first + i * 4L, from + i < to ? firstVisible(row) : endKey);
      Lanes.setInt(end + i * 4L, endKey);
    }
    int firstKey = ScoreTile.tileStart(firstVisible(from));
    int endKey = position(to - 1) + 1;
    pack(cache.keys(), sequence(from), kvHead, firstKey, endKey, keys);
    pack(cache.values(), sequence(from), kvHead, firstKey, endKey, values);
    tile.place(values + keyBytes, SPAN_KEYS);
    for (int member = 0; member < group; member++) {
      long column = (long) (kvHead * group + member) * headDim * q.dtype().bytes();
      tile.begin(
          q.rowAddress(from) + column,
          q.dtype(),
          q.rowStride() * q.dtype().bytes(),
          to - from,
          scale);
      KeySpan span = tile.span();
      for (int start = firstKey; start < endKey; start = span.end()) {
        span.set(start, firstVisible(from), endKey, first, end);
        tile.add(
            keys + (start - firstKey) * rowBytes, values + (start - firstKey) * rowBytes, 0, 0);
      }
      tile.finish(
          out.rowAddress(from) + column,
          out.dtype(),
          out.rowStride() * out.dtype().bytes(),
          to - from,
          0);
    }
  }

  private void pack(Tensor tensor, int sequence, int kvHead, int from, int to, long packed) {
    long column = (long) kvHead * headDim * tensor.dtype().bytes();
    for (int key = from; key < to; key++) {
      long row = tensor.rowAddress(rows.row(sequence, key)) + column;
      TileRows.pack(row, tensor.dtype(), headDim, packed, operand);
      packed += rowBytes;
    }
    TileRows.clear(packed, packed + (ScoreTile.tileEnd(to) - to) * rowBytes);
  }

  // ---- one row at a time ----

  /** Positions {@code [from, to)} of all streamed rows' positions laid end to end. */
  private void runStream(Worker worker, StreamedRow stream, long from, long to) {
    int index = worker.index();
    continuedRow[index] = NONE;
    cutRow[index] = NONE;
    long before = 0;
    for (int row = 0; row < rowCount && before < to; ) {
      int end = runEnd(row);
      for (int r = row; r < end && end - row < TILE_ROWS; r++) {
        long after = before + visible(r);
        if (after > from && before < to) {
          int start = firstVisible(r);
          stream.begin(q, r, scale);
          stream.add(
              sequence(r),
              start + (int) Math.max(0, from - before),
              start + (int) (Math.min(to, after) - before));
          if (before < from) {
            continuedRow[index] = r;
            stream.keep(partials[index]);
          } else if (after > to) {
            cutRow[index] = r;
            stream.keep(partials[index] + stream.partialBytes());
          } else {
            stream.finish(out, r);
          }
        }
        before = after;
      }
      row = end;
    }
  }

  /** The worker whose share a row begins in adds up what the workers after it kept of it. */
  private void mergeCutRow(Worker worker, StreamedRow stream) {
    int row = cutRow[worker.index()];
    if (row == NONE) {
      return;
    }
    long partial = partials[worker.index()] + stream.partialBytes();
    for (int next = worker.index() + 1; next < worker.count(); next++) {
      if (continuedRow[next] == row) {
        stream.merge(partials[next], partial);
      }
    }
    stream.finishKept(partial, out, row);
  }
}
