package dev.culebra.model.generation;

import dev.culebra.model.ModelConfig;
import dev.culebra.runtime.Allocator;
import dev.culebra.runtime.Arena;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.Device;
import dev.culebra.runtime.Graph;
import dev.culebra.runtime.HostBuffer;
import dev.culebra.runtime.Ops;
import dev.culebra.runtime.Tensor;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;

/**
 * Generates token ids for a batch of prompts: each prompt goes through the decoder in chunks, then
 * one captured graph makes one token for every sequence and is launched again and again. The tokens
 * stay on the device from one launch to the next; the host only reads along.
 */
public final class TokenGenerator implements AutoCloseable {
  /** Rows of a prompt that go through the decoder at once: enough to keep its products busy. */
  private static final int PROMPT_CHUNK = 256;

  private final Device device;
  private final ModelConfig config;
  private final int sequences;
  private final int length;
  private final Arena arena;
  private final HostBuffer chosen;
  private State state;
  private CachedDecoder decoder;
  private Graph step;

  /** What a generation keeps on the device; B sequences of at most L tokens, chunks of R rows. */
  private record State(
      DecoderCache cache,
      Tensor promptSequences, // I32 [B, R]: row s is s, R times
      Tensor promptPositions, // I32 [L]: 0, 1, 2...
      Tensor lastHidden, // [B, C]
      Tensor logits, // [B, V]
      Tensor parameters, // F32 [B, 5]
      Tensor seeds, // I32 [B, 2]
      Tensor history, // I32 [B, L]
      Tensor lengths, // I32 [B]
      Tensor positions, // I32 [B]: place of the token that goes in next
      Tensor rows, // I32 [B]: 0, 1, 2...
      Tensor next) { // I32 [B]

    static State allocate(
        Allocator allocator,
        ModelConfig config,
        int sequences,
        int length,
        int chunk,
        DType cacheType) {
      return new State(
          DecoderCache.allocate(allocator, config, sequences, length, cacheType),
          allocator.allocate(DType.I32, sequences, chunk),
          allocator.allocate(DType.I32, length),
          allocator.allocate(DType.F32, sequences, config.hiddenSize()),
          allocator.allocate(DType.F32, sequences, config.vocabularySize()),
          allocator.allocate(DType.F32, sequences, 5),
          allocator.allocate(DType.I32, sequences, 2),
          allocator.allocate(DType.I32, sequences, length),
          allocator.allocate(DType.I32, sequences),
          allocator.allocate(DType.I32, sequences),
          allocator.allocate(DType.I32, sequences),
          allocator.allocate(DType.I32, sequences));
    }
  }

  /**
   * @param weights stay the caller's and must outlive the generator
   * @param sequences B, prompts of a batch
   * @param length L, prompt and new tokens together; at most the model's context
   * @param cacheType F32 or BF16
   */
  public TokenGenerator(GenerationWeights weights, int sequences, int length, DType cacheType) {
    this.device = weights.device();
    this.config = weights.config();
    this.sequences = sequences;
    this.length = length;
    if (length < 1 || length > config.contextLength()) {
      throw new IllegalArgumentException(
          "length " + length + " is outside the model's context of " + config.contextLength());
    }
    int rows = Math.max(sequences, Math.min(PROMPT_CHUNK, length));
    long bytes = Allocator.measure(device, counter -> plan(counter, weights, rows, cacheType));
    this.arena = device.memory().arena("key-value cache and activations", bytes);
    plan(arena, weights, rows, cacheType);
    this.chosen = device.hostBuffer((long) sequences * DType.I32.bytes());
    state.cache.assignPages();
    decoder.prepare();
    device.write(state.rows, counting(sequences));
    device.write(state.promptPositions, counting(length));
    device.write(state.promptSequences, repeated(sequences, rows));
    this.step = device.capture(this::enqueueStep);
  }

  private static int[] counting(int count) {
    int[] numbers = new int[count];
    Arrays.setAll(numbers, i -> i);
    return numbers;
  }

  /** Each number below {@code count}, so many times. */
  private static int[] repeated(int count, int times) {
    int[] numbers = new int[count * times];
    Arrays.setAll(numbers, i -> i / times);
    return numbers;
  }

  private void plan(Allocator allocator, GenerationWeights weights, int rows, DType cacheType) {
    state = State.allocate(allocator, config, sequences, length, rows, cacheType);
    decoder = new CachedDecoder(device, config, weights.decoder(), state.cache, allocator, rows);
  }

  /** One token for every sequence. */
  private void enqueueStep() {
    Tensor hidden = decoder.forward(state.next, state.rows, state.positions);
    decoder.logits(hidden, state.logits);
    enqueueChoice();
  }

  private void enqueueChoice() {
    Ops ops = device.ops();
    ops.sample(
        state.logits, state.parameters, state.seeds, state.history, state.lengths, state.next);
    ops.advance(state.next, state.history, state.lengths, state.positions);
    device.copy(state.next, chosen);
  }

  /**
   * Generates until every sequence has ended.
   *
   * @param prompts 1 to B prompts of 1 to L tokens
   * @param endOfText ends a sequence, as each of the config's end tokens does; -1 for no other
   * @return why each sequence ended
   */
  public FinishReason[] generate(
      List<int[]> prompts, SamplingOptions options, int endOfText, TokenListener listener) {
    checkPrompts(prompts);
    start(prompts, options);
    for (int i = 0; i < sequences; i++) {
      prompt(i, promptOf(prompts, i).length);
    }
    decoder.logits(state.lastHidden, state.logits);
    enqueueChoice();
    Progress progress = new Progress(prompts, options, endOfText, listener);
    while (progress.read()) {
      step.launch();
    }
    return progress.reasons;
  }

  private void checkPrompts(List<int[]> prompts) {
    if (prompts.isEmpty() || prompts.size() > sequences) {
      throw new IllegalArgumentException(
          prompts.size() + " prompts, this generator takes 1 to " + sequences);
    }
    for (int[] prompt : prompts) {
      if (prompt.length == 0) {
        throw new IllegalArgumentException("a prompt has no tokens");
      }
      if (prompt.length > length) {
        throw new IllegalArgumentException(
            "the prompt has "
                + prompt.length
                + " tokens, the context holds "
                + length
                + "; shorten the prompt");
      }
      for (int token : prompt) {
        if (token < 0 || token >= config.vocabularySize()) {
          throw new IllegalArgumentException(
              "prompt token " + token + " is outside the vocabulary of " + config.vocabularySize());
        }
      }
    }
  }

  /** Rows without a prompt of their own repeat the first: their results are not looked at. */
  private static int[] promptOf(List<int[]> prompts, int sequence) {
    return prompts.get(sequence < prompts.size() ? sequence : 0);
  }

  private void start(List<int[]> prompts, SamplingOptions options) {
    float[] parameters = new float[sequences * 5];
    int[] seeds = new int[sequences * 2];
    int[] history = new int[sequences * length];
    int[] lengths = new int[sequences];
    int[] positions = new int[sequences];
    for (int i = 0; i < sequences; i++) {
      int[] prompt = promptOf(prompts, i);
      System.arraycopy(options.parameters(), 0, parameters, i * 5, 5);
      long seed = options.seed() + i;
      seeds[2 * i] = (int) seed;
      seeds[2 * i + 1] = (int) (seed >>> 32);
      System.arraycopy(prompt, 0, history, i * length, prompt.length);
      lengths[i] = prompt.length;
      positions[i] = prompt.length - 1; // of the last token read; the choice moves on from it
    }
    device.write(state.parameters, parameters);
    device.write(state.seeds, seeds);
    device.write(state.history, history);
    device.write(state.lengths, lengths);
    device.write(state.positions, positions);
  }

  /**
   * Runs a prompt through the decoder and keeps the hidden state of its last token. All that it
   * reads is on the device by now: nothing is written while chunks are in flight.
   */
  private void prompt(int sequence, int tokens) {
    Tensor history = row(state.history, sequence);
    Tensor sequenceOf = row(state.promptSequences, sequence);
    int chunk = Math.toIntExact(sequenceOf.elements());
    for (int from = 0; from < tokens; from += chunk) {
      int rows = Math.min(chunk, tokens - from);
      Tensor hidden =
          decoder.forward(
              history.slice(from, from + rows),
              sequenceOf.slice(0, rows),
              state.promptPositions.slice(from, from + rows));
      if (from + rows == tokens) {
        Tensor lastRow = state.promptPositions.slice(rows - 1, rows);
        device.ops().gatherRows(hidden, lastRow, state.lastHidden.rows(sequence, sequence + 1));
      }
    }
  }

  private static Tensor row(Tensor matrix, int row) {
    return matrix.rows(row, row + 1).reshape(matrix.columns());
  }

  @Override
  public void close() {
    step.close();
    chosen.close();
    arena.close();
  }

  /** Which sequences still run, and what has come of the others. */
  private final class Progress {
    private final SamplingOptions options;
    private final int endOfText;
    private final TokenListener listener;
    private final int[] lengths;
    private final FinishReason[] reasons;
    private int made;

    Progress(List<int[]> prompts, SamplingOptions options, int endOfText, TokenListener listener) {
      this.options = options;
      this.endOfText = endOfText;
      this.listener = listener;
      this.lengths = prompts.stream().mapToInt(prompt -> prompt.length).toArray();
      this.reasons = new FinishReason[lengths.length];
    }

    /** Takes the tokens just made to the listener; returns whether any sequence goes on. */
    boolean read() {
      device.stream().synchronize();
      boolean running = false;
      for (int i = 0; i < reasons.length; i++) {
        if (reasons[i] == null) {
          reasons[i] = take(i, chosen.segment().getAtIndex(ValueLayout.JAVA_INT, i));
          running |= reasons[i] == null;
        }
      }
      made++;
      return running;
    }

    private FinishReason take(int sequence, int token) {
      if (lengths[sequence] == length) {
        return FinishReason.CONTEXT_FULL;
      }
      if (token == endOfText || config.endTokens().contains(token)) {
        return FinishReason.END_OF_TEXT;
      }
      lengths[sequence]++;
      if (!listener.onToken(sequence, token)) {
        return FinishReason.CANCELLED;
      }
      if (options.maxTokens() > 0 && made + 1 == options.maxTokens()) {
        return FinishReason.MAX_TOKENS;
      }
      return lengths[sequence] == length ? FinishReason.CONTEXT_FULL : null;
    }
  }
}
