package dev.culebra.runtime.cpu;

import dev.culebra.runtime.DType;
import dev.culebra.runtime.Tensor;

/**
 * Attention's backward pass. Where there are enough pairs of a sequence and a key head for the
 * workers, a task is one such pair and computes all its gradients with five products for each tile.
 * Else each pair is split: some tasks compute the gradients of a run of keys, others those of a run
 * of queries, seven products in all but none waits for another. Every sum runs in the same order
 * either way, so results don't depend on the number of workers.
 *
 * <p>FLOPs: 10 D for each pair of a query and a key it sees (14 D when split). Bytes: each tensor
 * once for each task that needs it.
 */
final class AttentionBackward implements Kernel {
  private static final int FUSED_PRODUCTS = 5;
  private static final int SPLIT_PRODUCTS = 7;
  private static final int TASKS_PER_WORKER = 4;

  private final AttentionProblem problem;
  private final Tensor out;
  private final Tensor lse;
  private final Tensor dout;
  private final Tensor dq;
  private final Tensor dk;
  private final Tensor dv;
  private final BackwardTile[] tiles;
  private final boolean split;
  private final int chunks;
  private final long rangeBytes;
  private final long keyBytes;
  private final long rowBytes;
  private final long gradientBytes;
  private final long gradientRow;
  private final int spanKeys;
  private final DType operand;

  AttentionBackward(
      AttentionProblem problem,
      Tensor out,
      Tensor lse,
      Tensor dout,
      Tensor dq,
      Tensor dk,
      Tensor dv,
      TileProducts products,
      int workers) {
    this.problem = problem;
    this.out = out;
    this.lse = lse;
    this.dout = dout;
    this.dq = dq;
    this.dk = dk;
    this.dv = dv;
    AttentionDropout dropout = AttentionDropout.of(problem.dropout());
    tiles = new BackwardTile[workers];
    for (int i = 0; i < workers; i++) {
      tiles[i] = new BackwardTile(i, products, problem.shape().headDim(), dropout);
    }
    int groups = problem.groups();
    int rounds = (groups + workers - 1) / workers;
    split =
        problem.tiles() > 1
            && (long) rounds * workers * FUSED_PRODUCTS > (long) groups * SPLIT_PRODUCTS;
    int wanted = (TASKS_PER_WORKER * workers + groups - 1) / groups;
    chunks = split ? Math.min(wanted, problem.tiles()) : 1;
    rangeBytes = problem.paddedLength() * (long) Integer.BYTES;
    rowBytes = products.rowBytes();
    keyBytes = problem.paddedLength() * rowBytes;
    gradientRow = TileRows.padded(problem.shape().headDim()) * (long) Float.BYTES;
    gradientBytes = problem.paddedLength() * gradientRow;
    spanKeys = problem.spanKeys();
    operand = products.operand();
  }

  @Override
  public void run(Worker worker) {
    BackwardTile tile = tiles[worker.index()];
    long tensorBytes = 2 * rangeBytes + 2 * keyBytes + 2 * gradientBytes;
    long scratch = worker.scratch(tensorBytes + tile.bytes(spanKeys));
    tile.place(scratch + tensorBytes, spanKeys);
    int tasks = problem.groups() * (split ? 2 * chunks : 1);
    for (int task = worker.nextTask(); task < tasks; task = worker.nextTask()) {
      int group = task % problem.groups();
      int part = task / problem.groups();
      if (!split) {
        differentiate(tile, scratch, group, 0, problem.tiles(), 0, problem.tiles(), true, true);
      } else if (part < chunks) { // the first keys are seen by most queries where causal
        int from = bound(part);
        int to = bound(part + 1);
        differentiate(tile, scratch, group, 0, problem.tiles(), from, to, true, false);
      } else { // the last queries see most keys
        int from = bound(2 * chunks - 1 - part);
        int to = bound(2 * chunks - part);
        differentiate(tile, scratch, group, from, to, 0, problem.tiles(), false, true);
      }
    }
  }

  /** First tile of a chunk. */
  private int bound(int chunk) {
    return (int) ((long) problem.tiles() * chunk / chunks);
  }

  /** Gradients that pairs of a range of query tiles and a range of key tiles contribute to. */
  private void differentiate(
      BackwardTile tile,
      long scratch,
      int group,
      int queryTileFrom,
      int queryTileTo,
      int keyTileFrom,
      int keyTileTo,
      boolean wantKeys,
      boolean wantQueries) {
    int sequence = group / problem.shape().kvHeads();
    int kvHead = group % problem.shape().kvHeads();
    int length = problem.shape().length();
    long first = scratch;
    long end = first + rangeBytes;
    problem.visibleKeys(sequence, first, end);
    int queryFrom = queryTileFrom * ScoreTile.QUERIES;
    int queryTo = Math.min(queryTileTo * ScoreTile.QUERIES, length);
    int keyFrom = Math.max(keyTileFrom * ScoreTile.KEYS, tileStart(first, queryFrom));
    int keyTo = Math.min(keyTileTo * ScoreTile.KEYS, Lanes.getInt(end + (queryTo - 1) * 4L));
    long keys = end + rangeBytes;
    long values = keys + keyBytes;
    long dkeys = values + keyBytes;
    long dvalues = dkeys + gradientBytes;
    problem.pack(problem.k(), sequence, kvHead, keyFrom, keyTo, keys, operand);
    problem.pack(problem.v(), sequence, kvHead, keyFrom, keyTo, values, operand);
    if (wantKeys) {
      long used = (ScoreTile.tileEnd(keyTo) - keyFrom) * gradientRow;
      TileRows.clear(dkeys, dkeys + used);
      TileRows.clear(dvalues, dvalues + used);
    }
    for (int member = 0; member < problem.group(); member++) {
      int head = kvHead * problem.group() + member;
      for (int query = queryFrom; query < queryTo; query += ScoreTile.QUERIES) {
        int count = Math.min(ScoreTile.QUERIES, queryTo - query);
        int from = Math.max(keyFrom, Lanes.getInt(first + query * 4L));
        int to = Math.min(keyTo, Lanes.getInt(end + (query + count - 1) * 4L));
        if (from < to) {
          begin(tile, sequence, head, query, count);
          KeySpan span = tile.span();
          for (int start = ScoreTile.tileStart(from); start < to; start = span.end()) {
            span.set(start, from, to, first + query * 4L, end + query * 4L);
            long offset = start - keyFrom;
            tile.add(
                keys + offset * rowBytes,
                values + offset * rowBytes,
                wantKeys ? dkeys + offset * gradientRow : 0,
                wantKeys ? dvalues + offset * gradientRow : 0,
                problem.headRow(sequence, head, query) * length,
                length,
                wantQueries);
          }
          if (wantQueries) {
            tile.finish(
                problem.row(dq, sequence, head, query),
                dq.dtype(),
                AttentionProblem.rowBytes(dq),
                count,
                problem.scale());
          }
        }
      }
    }
    if (wantKeys) {
      TileRows.multiply(dkeys, (keyTo - keyFrom) * gradientRow, problem.scale());
      problem.unpack(dkeys, dk, sequence, kvHead, keyFrom, keyTo);
      problem.unpack(dvalues, dv, sequence, kvHead, keyFrom, keyTo);
    }
  }

  private static int tileStart(long first, int query) {
    return ScoreTile.tileStart(Lanes.getInt(first + query * 4L));
  }

  private void begin(BackwardTile tile, int sequence, int head, int query, int count) {
    tile.begin(
        problem.row(problem.q(), sequence, head, query),
        AttentionProblem.rowBytes(problem.q()),
        problem.row(dout, sequence, head, query),
        AttentionProblem.rowBytes(dout),
        problem.row(out, sequence, head, query),
        AttentionProblem.rowBytes(out),
        out.dtype(),
        lse.address() + problem.headRow(sequence, head, query) * Float.BYTES,
        count,
        problem.scale());
  }
}
