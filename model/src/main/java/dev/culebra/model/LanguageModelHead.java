package dev.culebra.model;

import dev.culebra.runtime.Allocator;
import dev.culebra.runtime.Epilogue;
import dev.culebra.runtime.Ops;
import dev.culebra.runtime.Tensor;
import dev.culebra.runtime.Weight;

/**
 * Last norm, product with the vocabulary, cross-entropy. Loss and gradients go through the rows in
 * chunks, so that the logits of all rows, the largest tensor of a step by far, never exist at once.
 */
final class LanguageModelHead {
  /**
   * Most rows of a chunk. Each chunk but the first reads and writes the matrix's gradient, 8 bytes
   * an element, for 2 operations an element and row: 1024 rows make 256 operations a byte, ten
   * times what a CPU does in the time of a byte and about as many as a large GPU. More rows would
   * save little and cost memory: 1024 rows of 50,257 logits are 206 MB in F32.
   */
  static final int CHUNK_ROWS = 1024;

  private final Ops ops;
  private final Weight weight;
  private final Tensor weightGradient;
  private final Normalization norm;
  private final Tensor hidden;
  private final Tensor normed;
  private final Tensor dnormed;
  private final Chunk[] chunks;
  private Tensor splitTargets;

  /** Rows that go through the head together; the targets' part is that of the latest batch. */
  private static final class Chunk {
    private final long from;
    private final long to;
    private final Tensor logits;
    private final Tensor normed;
    private final Tensor dnormed;
    private final Tensor losses;
    private Tensor targets;

    Chunk(long from, long to, Tensor logits, Tensor normed, Tensor dnormed, Tensor losses) {
      this.from = from;
      this.to = to;
      this.logits = logits.rows(0, to - from);
      this.normed = normed.rows(from, to);
      this.dnormed = dnormed == null ? null : dnormed.rows(from, to);
      this.losses = losses.slice(from, to);
    }
  }

  /**
   * @param dnormed {@code [R, C]}, scratch of the backward pass; null without one
   * @param losses F32 {@code [R]}
   */
  LanguageModelHead(Parameters parameters, Allocator allocator, Tensor dnormed, Tensor losses) {
    ModelConfig config = parameters.config();
    DecoderWeights weights = parameters.decoder();
    long rows = losses.elements();
    this.ops = parameters.device().ops();
    this.weight = weights.head();
    this.weightGradient =
        parameters.gradient(config.tiedEmbeddings() ? "embedding.tokens" : "head.weight");
    this.norm =
        new Normalization(
            parameters, allocator, "norm", weights.normWeight(), weights.normBias(), rows);
    this.hidden = allocator.allocate(parameters.dtype(), rows, config.hiddenSize());
    this.normed = allocator.allocate(parameters.dtype(), rows, config.hiddenSize());
    this.dnormed = dnormed;
    int count = Math.toIntExact((rows + CHUNK_ROWS - 1) / CHUNK_ROWS);
    long chunkRows = (rows + count - 1) / count;
    Tensor logits = allocator.allocate(parameters.dtype(), chunkRows, config.vocabularySize());
    this.chunks = new Chunk[count];
    for (int i = 0; i < count; i++) {
      long from = i * chunkRows;
      long to = Math.min(rows, from + chunkRows);
      chunks[i] = new Chunk(from, to, logits, normed, dnormed, losses);
    }
  }

  /** The norm of {@code x + residual}, both {@code [R, C]}. */
  void normalize(Tensor x, Tensor residual) {
    norm.forward(x, residual, hidden, normed);
  }

  /** Logits of all rows, {@code [R, V]}. */
  void logits(Tensor out) {
    ops.matmul(normed, weight, Epilogue.NONE, out);
  }

  /** The losses alone. */
  void loss(Tensor targets) {
    split(targets);
    for (Chunk chunk : chunks) {
      ops.matmul(chunk.normed, weight, Epilogue.NONE, chunk.logits);
      ops.crossEntropy(chunk.logits, chunk.targets, chunk.losses);
    }
  }

  /**
   * The losses and all gradients of the head.
   *
   * @param gradScale F32 {@code [1]}
   * @param accumulate whether to add to the matrix's gradient
   * @param dhidden {@code [R, C]}: gradient of what the norm took in, written
   */
  void lossAndGradients(Tensor targets, Tensor gradScale, boolean accumulate, Tensor dhidden) {
    split(targets);
    boolean add = accumulate;
    for (Chunk chunk : chunks) {
      ops.matmul(chunk.normed, weight, Epilogue.NONE, chunk.logits);
      ops.crossEntropyWithGradient(chunk.logits, chunk.targets, gradScale, chunk.losses);
      if (weightGradient != null) {
        ops.matmulBackwardWeight(chunk.logits, chunk.normed, add, weightGradient, null);
        add = true;
      }
      ops.matmulBackwardInput(chunk.logits, weight, false, chunk.dnormed);
    }
    norm.backward(dnormed, hidden, null, dhidden);
  }

  private void split(Tensor targets) {
    if (targets != splitTargets) {
      for (Chunk chunk : chunks) {
        chunk.targets = targets.slice(chunk.from, chunk.to);
      }
      splitTargets = targets;
    }
  }
}
