package dev.culebra.runtime.cpu;

import dev.culebra.runtime.DType;
import dev.culebra.runtime.Tensor;

/**
 * Attention's forward pass. A task is a run of query tiles of all query heads that share a key
 * head; their keys and values are packed once. Every query adds up its keys in the same order
 * whoever does it, so results don't depend on the number of workers.
 *
 * <p>FLOPs: 4 D for each pair of a query and a key it sees. Bytes: each tensor once; keys and
 * values once for each task beyond the first of a head.
 */
final class AttentionForward implements Kernel {
  /** Tasks for each worker, so that unequal ones even out. */
  private static final int TASKS_PER_WORKER = 8;

  private final AttentionProblem problem;
  private final Tensor out;
  private final Tensor lse;
  private final ForwardTile[] tiles;
  private final int chunks;
  private final long rangeBytes;
  private final long keyBytes;
  private final long rowBytes;
  private final int spanKeys;
  private final DType operand;

  AttentionForward(
      AttentionProblem problem, Tensor out, Tensor lse, TileProducts products, int workers) {
    this.problem = problem;
    this.out = out;
    this.lse = lse;
    AttentionDropout dropout = AttentionDropout.of(problem.dropout());
    tiles = new ForwardTile[workers];
    for (int i = 0; i < workers; i++) {
      tiles[i] = new ForwardTile(i, products, problem.shape().headDim(), dropout);
    }
    int wanted = (TASKS_PER_WORKER * workers + problem.groups() - 1) / problem.groups();
    chunks = Math.min(wanted, problem.tiles());
    rangeBytes = problem.paddedLength() * (long) Integer.BYTES;
    rowBytes = products.rowBytes();
    operand = products.operand();
    keyBytes = problem.paddedLength() * rowBytes;
    spanKeys = problem.spanKeys();
  }

  @Override
  public void run(Worker worker) {
    ForwardTile tile = tiles[worker.index()];
    long scratch = worker.scratch(2 * rangeBytes + 2 * keyBytes + tile.bytes(spanKeys));
    tile.place(scratch + 2 * rangeBytes + 2 * keyBytes, spanKeys);
    int tasks = problem.groups() * chunks;
    for (int task = worker.nextTask(); task < tasks; task = worker.nextTask()) {
      int chunk = chunks - 1 - task / problem.groups(); // the longest first where causal
      int group = task % problem.groups();
      int kvHeads = problem.shape().kvHeads();
      attend(tile, scratch, group / kvHeads, group % kvHeads, chunk);
    }
  }

  private void attend(ForwardTile tile, long scratch, int sequence, int kvHead, int chunk) {
    long first = scratch;
    long end = first + rangeBytes;
    long keys = end + rangeBytes;
    long values = keys + keyBytes;
    int length = problem.shape().length();
    int from = (int) ((long) problem.tiles() * chunk / chunks) * ScoreTile.QUERIES;
    int to = (int) ((long) problem.tiles() * (chunk + 1) / chunks) * ScoreTile.QUERIES;
    to = Math.min(to, length);
    problem.visibleKeys(sequence, first, end);
    int firstKey = ScoreTile.tileStart(Lanes.getInt(first + from * 4L));
    int endKey = Lanes.getInt(end + (to - 1) * 4L);
    problem.pack(problem.k(), sequence, kvHead, firstKey, endKey, keys, operand);
    problem.pack(problem.v(), sequence, kvHead, firstKey, endKey, values, operand);
    for (int member = 0; member < problem.group(); member++) {
      int head = kvHead * problem.group() + member;
      for (int query = from; query < to; query += ScoreTile.QUERIES) {
        int queries = Math.min(ScoreTile.QUERIES, to - query);
        attendTile(tile, sequence, head, query, queries, first, end, keys, values, firstKey);
      }
    }
  }

  private void attendTile(
      ForwardTile tile,
      int sequence,
      int head,
      int query,
      int queries,
      long first,
      long end,
      long keys,
      long values,
      int firstKey) {
    int length = problem.shape().length();
    tile.begin(
        problem.row(problem.q(), sequence, head, query),
        problem.q().dtype(),
        AttentionProblem.rowBytes(problem.q()),
        queries,
        problem.scale());
    long tileFirst = first + query * 4L;
    long tileEnd = end + query * 4L;
    int from = Lanes.getInt(tileFirst);
    int to = Lanes.getInt(tileEnd + (queries - 1) * 4L);
    KeySpan span = tile.span();
    for (int start = ScoreTile.tileStart(from); start < to; start = span.end()) {
      span.set(start, from, to, tileFirst, tileEnd);
      tile.add(
          keys + (start - firstKey) * rowBytes,
          values + (start - firstKey) * rowBytes,
          problem.headRow(sequence, head, query) * length,
          length);
    }
    tile.finish(
        problem.row(out, sequence, head, query),
        out.dtype(),
        AttentionProblem.rowBytes(out),
        queries,
        lse == null ? 0 : lse.address() + problem.headRow(sequence, head, query) * Float.BYTES);
  }
}
