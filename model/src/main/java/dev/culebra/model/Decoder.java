package dev.culebra.model;

import dev.culebra.runtime.Allocator;
import dev.culebra.runtime.Arena;
import dev.culebra.runtime.AttentionShape;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.Device;
import dev.culebra.runtime.Dropout;
import dev.culebra.runtime.Ops;
import dev.culebra.runtime.Tensor;
import dev.culebra.runtime.TensorChecks;
import java.util.ArrayList;
import java.util.List;

/**
 * The decoder's forward and backward pass over B sequences of T tokens, written out by hand:
 * embedding, L blocks, last norm, head, cross-entropy. GPT-2 and Llama differ in the {@link
 * ModelConfig} only.
 *
 * <p>All tensors are allocated when it is opened. Its methods enqueue on the device's stream,
 * allocate nothing and wait for nothing, so that {@link Device#capture} can take in a whole step.
 */
public final class Decoder implements AutoCloseable {
  /** What the forward pass keeps for the backward pass. */
  public enum Keep {
    /** All that it needs. */
    ACTIVATIONS,
    /**
     * Each block's input; the rest is computed again, block by block: a third more work for about a
     * sixteenth of the memory, and the same bits.
     */
    BLOCK_INPUTS,
    /** Nothing: evaluation only. */
    NOTHING
  }

  private final Parameters parameters;
  private final Ops ops;
  private final ModelConfig config;
  private final int batch;
  private final int length;
  private final Keep keep;
  private final Tensor positions;
  private final Tensor frequencies;
  private final Dropout embeddingDropout;
  private final BlockScratch scratch;
  private final Block[] blocks;
  private final LanguageModelHead head;
  private final Tensor losses;
  private final Tensor lossSum;
  private final List<Tensor> summedGradients;
  private final Tensor tokenGradient;
  private final Tensor positionGradient;
  private Arena arena;

  private Decoder(
      Parameters parameters, int batch, int length, Keep keep, Tensor random, Allocator allocator) {
    this.parameters = parameters;
    this.ops = parameters.device().ops();
    this.config = parameters.config();
    this.batch = batch;
    this.length = length;
    this.keep = keep;
    AttentionShape shape =
        new AttentionShape(batch, length, config.heads(), config.kvHeads(), config.headDim());
    boolean rotary = config.position() == ModelConfig.Position.ROTARY;
    positions = allocator.allocate(DType.I32, shape.rows());
    frequencies = rotary ? allocator.allocate(DType.F32, config.headDim() / 2) : null;
    embeddingDropout = Block.dropout(config.dropout(), random, 0);
    losses = allocator.allocate(DType.F32, shape.rows());
    lossSum = allocator.allocate(DType.F32, 1);
    boolean training = keep != Keep.NOTHING;
    scratch = BlockScratch.allocate(allocator, config, parameters.dtype(), shape.rows(), training);
    blocks =
        blocks(
            allocator,
            shape,
            rotary ? new SelfAttention.RotaryPositions(positions, frequencies) : null,
            random);
    head = new LanguageModelHead(parameters, allocator, scratch.dnormed(), losses);
    tokenGradient = parameters.gradient("embedding.tokens");
    positionGradient =
        parameters.layout().contains("embedding.positions")
            ? parameters.gradient("embedding.positions")
            : null;
    summedGradients = training ? summedGradients() : List.of();
  }

  private Block[] blocks(
      Allocator allocator,
      AttentionShape shape,
      SelfAttention.RotaryPositions rotary,
      Tensor random) {
    Block[] made = new Block[config.layers()];
    BlockActivations activations = null;
    for (int i = 0; i < made.length; i++) {
      if (activations == null || keep == Keep.ACTIVATIONS) {
        activations =
            BlockActivations.allocate(allocator, config, parameters.dtype(), batch, length);
      } else if (keep == Keep.BLOCK_INPUTS) {
        Tensor input = allocator.allocate(parameters.dtype(), shape.rows(), config.hiddenSize());
        activations = activations.withInput(input);
      }
      made[i] = new Block(parameters, allocator, i, shape, rotary, random, activations, scratch);
    }
    return made;
  }

  /**
   * The gradients that operations only ever add to, so that a step has to begin by zeroing them:
   * norms' and embeddings'. Products write theirs in a step's first pass; a tied head's does so for
   * the embedding.
   */
  private List<Tensor> summedGradients() {
    ParameterLayout layout = parameters.layout();
    List<Tensor> summed = new ArrayList<>();
    if (layout.trainableSize() > layout.decaySize()) {
      summed.add(parameters.gradients().slice(layout.decaySize(), layout.trainableSize()));
    }
    if (positionGradient != null) {
      summed.add(positionGradient);
    }
    if (tokenGradient != null && !config.tiedEmbeddings()) {
      summed.add(tokenGradient);
    }
    return List.copyOf(summed);
  }

  /**
   * Allocates everything that passes over {@code [batch, length]} tokens need.
   *
   * @param batch B
   * @param length T, at most the model's context
   * @param keep {@link Keep#NOTHING} for evaluation; the others need trainable parameters
   * @param random of {@link Dropout}, I32 {@code [3]}: seed low, seed high, step; the step must
   *     differ from pass to pass, also within a step of several. Null where nothing is dropped.
   */
  public static Decoder open(
      Parameters parameters, int batch, int length, Keep keep, Tensor random) {
    check(parameters, batch, length, keep, random);
    long bytes = bytes(parameters, batch, length, keep);
    Arena arena = parameters.device().memory().arena("activations", bytes);
    try {
      Decoder decoder = new Decoder(parameters, batch, length, keep, random, arena);
      decoder.arena = arena;
      decoder.writeConstants();
      return decoder;
    } catch (RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  /** Bytes that {@link #open} allocates. */
  public static long bytes(Parameters parameters, int batch, int length, Keep keep) {
    return Allocator.measure(
        parameters.device(),
        allocator -> new Decoder(parameters, batch, length, keep, null, allocator));
  }

  private static void check(
      Parameters parameters, int batch, int length, Keep keep, Tensor random) {
    ModelConfig config = parameters.config();
    if (batch < 1 || length < 1 || length > config.contextLength()) {
      throw new IllegalArgumentException(
          "a batch of %d sequences of %d tokens; the model takes 1 to %d tokens"
              .formatted(batch, length, config.contextLength()));
    }
    if (keep != Keep.NOTHING && !parameters.trainable()) {
      throw new IllegalArgumentException(
          "these parameters have no gradients: open the decoder with Keep.NOTHING");
    }
    if (keep != Keep.NOTHING && config.dropout() > 0) {
      TensorChecks.vector("dropout", "random", random, 3, DType.I32);
    }
  }

  private void writeConstants() {
    Device device = parameters.device();
    int[] places = new int[batch * length];
    for (int i = 0; i < places.length; i++) {
      places[i] = i % length;
    }
    device.write(positions, places);
    if (frequencies != null) {
      device.write(frequencies, config.rotary().frequencies(config.headDim()));
    }
  }

  public Parameters parameters() {
    return parameters;
  }

  /** B. */
  public int batch() {
    return batch;
  }

  /** T. */
  public int length() {
    return length;
  }

  /** F32 {@code [B T]}: the loss at each token of the latest pass, 0 where there is no target. */
  public Tensor losses() {
    return losses;
  }

  /** F32 {@code [1]}: the sum of {@link #losses}, over all passes since one did not accumulate. */
  public Tensor lossSum() {
    return lossSum;
  }

  public MemoryUse memory() {
    return new MemoryUse(arena.name(), arena.size());
  }

  /**
   * Enqueues a forward and a backward pass, with dropout where the config asks for it.
   *
   * @param gradScale F32 {@code [1]}: by what the gradient of each token's loss is multiplied; one
   *     over the number of targets of the whole step, say
   * @param accumulate whether gradients and {@link #lossSum} are added to what they hold: false for
   *     the first pass of a step, true for the others
   */
  public void forwardBackward(TokenBatch batch, Tensor gradScale, boolean accumulate) {
    if (keep == Keep.NOTHING) {
      throw new IllegalStateException("this decoder keeps nothing for a backward pass");
    }
    if (!accumulate) {
      for (int i = 0; i < summedGradients.size(); i++) {
        ops.fill(summedGradients.get(i), 0);
      }
    }
    forward(batch, true);
    head.lossAndGradients(batch.targets(), gradScale, accumulate, scratch.dresidual());
    ops.sum(losses, accumulate, lossSum);
    int last = blocks.length - 1;
    for (int i = last; i >= 0; i--) {
      // The last block's activations are still there.
      if (keep == Keep.BLOCK_INPUTS && i < last) {
        blocks[i].recompute(batch.mask());
      }
      blocks[i].backward(batch.mask(), accumulate);
    }
    embeddingBackward(batch.tokens());
  }

  /**
   * Enqueues a forward pass without dropout. {@link #losses} and {@link #lossSum} receive the
   * result.
   *
   * @param accumulate whether to add to what {@link #lossSum} holds
   */
  public void loss(TokenBatch batch, boolean accumulate) {
    forward(batch, false);
    head.loss(batch.targets());
    ops.sum(losses, accumulate, lossSum);
  }

  /**
   * Enqueues a forward pass without dropout that gives the logits of every token.
   *
   * @param out {@code [B T, V]} in the dtype of the activations, or F32
   */
  public void logits(TokenBatch batch, Tensor out) {
    forward(batch, false);
    head.logits(out);
  }

  private void forward(TokenBatch batch, boolean dropping) {
    TensorChecks.vector("decoder", "tokens", batch.tokens(), (long) this.batch * length, DType.I32);
    DecoderWeights weights = parameters.decoder();
    boolean learned = weights.positionEmbedding() != null;
    Tensor embedded = blocks[0].input();
    ops.embedding(
        batch.tokens(),
        weights.tokenEmbedding(),
        learned ? positions : null,
        weights.positionEmbedding(),
        embedded);
    if (dropping && embeddingDropout != null) {
      ops.dropout(embedded, embeddingDropout, embedded);
    }
    Block previous = null;
    for (Block block : blocks) {
      block.forward(previous, batch.mask(), dropping);
      previous = block;
    }
    head.normalize(scratch.sublayer(), previous.middle());
  }

  private void embeddingBackward(Tensor tokens) {
    Tensor dembedded = scratch.dresidual();
    if (embeddingDropout != null) {
      ops.dropout(dembedded, embeddingDropout, dembedded);
    }
    if (tokenGradient != null) {
      ops.embeddingBackward(tokens, dembedded, tokenGradient);
    }
    if (positionGradient != null) {
      ops.embeddingBackward(positions, dembedded, positionGradient);
    }
  }

  @Override
  public void close() {
    arena.close();
  }
}
