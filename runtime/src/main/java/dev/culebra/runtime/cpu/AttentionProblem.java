package dev.culebra.runtime.cpu;

import dev.culebra.runtime.AttentionMask;
import dev.culebra.runtime.AttentionShape;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.Dropout;
import dev.culebra.runtime.Tensor;
import dev.culebra.runtime.TensorChecks;

/** What attention's forward and backward kernels are given, checked, and where its rows lie. */
record AttentionProblem(
    AttentionShape shape,
    AttentionMask mask,
    float scale,
    Tensor q,
    Tensor k,
    Tensor v,
    Dropout dropout) {

  static AttentionProblem of(
      String operation,
      AttentionShape shape,
      AttentionMask mask,
      float scale,
      Tensor q,
      Tensor k,
      Tensor v,
      Dropout dropout) {
    AttentionProblem problem = new AttentionProblem(shape, mask, scale, q, k, v, dropout);
    TensorChecks.present(operation, "q", q);
    TensorChecks.dtype(operation, "q", q, DType.F32, DType.BF16);
    problem.checkQueryLike(operation, "q", q);
    problem.checkKeyLike(operation, "k", k);
    problem.checkKeyLike(operation, "v", v);
    if (mask.documents() != null) {
      TensorChecks.vector(operation, "documents", mask.documents(), shape.rows(), DType.I32);
    }
    if (dropout != null) {
      TensorChecks.vector(operation, "dropout.random", dropout.random(), 3, DType.I32);
    }
    return problem;
  }

  /** {@code [B T, H D]} in the dtype of q. */
  void checkQueryLike(String operation, String role, Tensor tensor) {
    long columns = (long) shape.heads() * shape.headDim();
    TensorChecks.matrix(operation, role, tensor, shape.rows(), columns, q.dtype());
  }

  /** {@code [B T, kvHeads D]} in the dtype of q. */
  void checkKeyLike(String operation, String role, Tensor tensor) {
    long columns = (long) shape.kvHeads() * shape.headDim();
    TensorChecks.matrix(operation, role, tensor, shape.rows(), columns, q.dtype());
  }

  void checkLse(String operation, Tensor lse) {
    TensorChecks.vector(operation, "lse", lse, shape.rows() * shape.heads(), DType.F32);
  }

  /** Query heads that share a key head. */
  int group() {
    return shape.heads() / shape.kvHeads();
  }

  /** T in whole tiles of queries. */
  int paddedLength() {
    return tiles() * ScoreTile.QUERIES;
  }

  int tiles() {
    return (shape.length() + ScoreTile.QUERIES - 1) / ScoreTile.QUERIES;
  }

  /** Pairs of a sequence and a key head: what is independent even in the backward pass. */
  int groups() {
    return shape.batch() * shape.kvHeads();
  }

  /** Address of one head of one token in a tensor of any number of heads. */
  long row(Tensor tensor, int sequence, int head, int token) {
    return tensor.rowAddress((long) sequence * shape.length() + token)
        + (long) head * shape.headDim() * tensor.dtype().bytes();
  }

  static long rowBytes(Tensor tensor) {
    return tensor.rowStride() * tensor.dtype().bytes();
  }

  /** Index of an element of the tensors {@code [B, H, T]}. */
  long headRow(int sequence, int head, int token) {
    return ((long) sequence * shape.heads() + head) * shape.length() + token;
  }

  /** Fills the ranges of visible keys of a sequence. */
  void visibleKeys(int sequence, long first, long end) {
    long documents =
        mask.documents() == null
            ? 0
            : mask.documents().address() + (long) sequence * shape.length() * Integer.BYTES;
    VisibleKeys.fill(
        first, end, shape.length(), paddedLength(), mask.causal(), mask.window(), documents);
  }

  /** Most keys of a span. */
  int spanKeys() {
    return Math.min(tiles(), TileProducts.SPAN) * ScoreTile.KEYS;
  }

  /** Packs keys or values {@code [from, to)}, with rows of zeros up to whole tiles of keys. */
  void pack(Tensor tensor, int sequence, int kvHead, int from, int to, long packed, DType operand) {
    TileColumns.pack(
        row(tensor, sequence, kvHead, from),
        tensor.dtype(),
        rowBytes(tensor),
        shape.headDim(),
        to - from,
        ScoreTile.tileEnd(to) - from,
        packed,
        operand);
  }

  /** Copies gradients of keys or values {@code [from, to)} from F32 rows, packed likewise. */
  void unpack(long packed, Tensor tensor, int sequence, int kvHead, int from, int to) {
    TileColumns.unpack(
        packed,
        shape.headDim(),
        to - from,
        row(tensor, sequence, kvHead, from),
        tensor.dtype(),
        rowBytes(tensor));
  }
}
