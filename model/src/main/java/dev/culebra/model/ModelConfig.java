package dev.culebra.model;

import java.util.List;

/**
 * The shape of a decoder-only transformer. GPT-2 and Llama are two of these.
 *
 * @param vocabularySize V
 * @param contextLength the most tokens of one sequence
 * @param hiddenSize C
 * @param layers transformer blocks
 * @param heads H, query heads
 * @param kvHeads key and value heads, divides {@code heads}
 * @param headDim D
 * @param mlpSize F, inner width of the MLP
 * @param norm kind of normalisation, before each sublayer and at the end
 * @param normEpsilon added to the variance
 * @param position how the model knows where a token stands
 * @param rotary frequencies of {@link Position#ROTARY}; null otherwise
 * @param mlp kind of MLP
 * @param biases whether linear layers and layer norms have biases
 * @param tiedEmbeddings whether the head is the token embedding
 * @param dropout of embeddings, attention probabilities and sublayer outputs while training
 * @param slidingWindow tokens that a token sees, itself included; 0 for all before it
 * @param endTokens ids that end a generated text as the tokenizer's end of text does; most models
 *     have none besides that one
 */
public record ModelConfig(
    int vocabularySize,
    int contextLength,
    int hiddenSize,
    int layers,
    int heads,
    int kvHeads,
    int headDim,
    int mlpSize,
    Norm norm,
    float normEpsilon,
    Position position,
    Rotary rotary,
    Mlp mlp,
    boolean biases,
    boolean tiedEmbeddings,
    float dropout,
    int slidingWindow,
    List<Integer> endTokens) {

  /** More than anybody has: what a damaged file says must not be taken for a model's size. */
  private static final int MOST_LAYERS = 1 << 16;

  /** Kinds of normalisation. */
  public enum Norm {
    LAYER,
    RMS
  }

  /** Kinds of position. */
  public enum Position {
    LEARNED,
    ROTARY
  }

  /** Kinds of MLP. */
  public enum Mlp {
    GELU,
    SWIGLU
  }

  public ModelConfig {
    positive("vocabularySize", vocabularySize);
    positive("contextLength", contextLength);
    positive("hiddenSize", hiddenSize);
    positive("layers", layers);
    positive("heads", heads);
    positive("kvHeads", kvHeads);
    positive("headDim", headDim);
    positive("mlpSize", mlpSize);
    if (heads % kvHeads != 0) {
      throw new IllegalArgumentException("kvHeads " + kvHeads + " does not divide heads " + heads);
    }
    atMost(MOST_LAYERS, "layers", layers);
    atMost(Integer.MAX_VALUE, "(heads + 2 kvHeads) headDim", (heads + 2L * kvHeads) * headDim);
    atMost(Integer.MAX_VALUE, "2 mlpSize", 2L * mlpSize);
    if ((position == Position.ROTARY) != (rotary != null)) {
      throw new IllegalArgumentException("rotary goes with position ROTARY, and only with it");
    }
    if (position == Position.ROTARY && headDim % 2 != 0) {
      throw new IllegalArgumentException("rotary positions need an even headDim, not " + headDim);
    }
    if (!(dropout >= 0 && dropout < 1)) {
      throw new IllegalArgumentException("dropout " + dropout + " is not in [0, 1)");
    }
    if (slidingWindow < 0) {
      throw new IllegalArgumentException("slidingWindow " + slidingWindow + " is negative");
    }
    endTokens = List.copyOf(endTokens);
    for (int id : endTokens) {
      if (id < 0 || id >= vocabularySize) {
        throw new IllegalArgumentException(
            "end token " + id + " is outside the vocabulary of " + vocabularySize);
      }
    }
  }

  private static void positive(String field, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(field + " must be positive, not " + value);
    }
  }

  private static void atMost(int limit, String what, long value) {
    if (value > limit) {
      throw new IllegalArgumentException(what + " must be at most " + limit + ", not " + value);
    }
  }

  /**
   * GPT-2's form: learned positions, layer norm, GELU of four times the width, biases, tied head.
   */
  public static ModelConfig gpt2(
      int vocabularySize, int contextLength, int hiddenSize, int layers, int heads) {
    return new ModelConfig(
        vocabularySize,
        contextLength,
        hiddenSize,
        layers,
        heads,
        heads,
        hiddenSize / heads,
        4 * hiddenSize,
        Norm.LAYER,
        1e-5f,
        Position.LEARNED,
        null,
        Mlp.GELU,
        true,
        true,
        0,
        0,
        List.of());
  }

  /** Llama's form: rotary positions, RMS norm, SwiGLU, no biases, untied head. */
  public static ModelConfig llama(
      int vocabularySize,
      int contextLength,
      int hiddenSize,
      int layers,
      int heads,
      int kvHeads,
      int mlpSize) {
    return new ModelConfig(
        vocabularySize,
        contextLength,
        hiddenSize,
        layers,
        heads,
        kvHeads,
        hiddenSize / heads,
        mlpSize,
        Norm.RMS,
        1e-5f,
        Position.ROTARY,
        Rotary.plain(10000),
        Mlp.SWIGLU,
        false,
        false,
        0,
        0,
        List.of());
  }

  /** Width of the packed product of queries, keys and values: {@code (H + 2 kvHeads) D}. */
  public int qkvSize() {
    return (heads + 2 * kvHeads) * headDim;
  }

  /** Parameters in all. */
  public long parameters() {
    return ParameterLayout.of(this).parameters();
  }

  /** The same with another vocabulary, whose end tokens nobody has named. */
  public ModelConfig withVocabularySize(int size) {
    return with(size, tiedEmbeddings, dropout, List.of());
  }

  /** The same with another choice of head: the token embedding, or a matrix of its own. */
  public ModelConfig withTiedEmbeddings(boolean tied) {
    return with(vocabularySize, tied, dropout, endTokens);
  }

  /** The same with another dropout. */
  public ModelConfig withDropout(float share) {
    return with(vocabularySize, tiedEmbeddings, share, endTokens);
  }

  /** The same with other tokens that end a text. */
  public ModelConfig withEndTokens(List<Integer> ids) {
    return with(vocabularySize, tiedEmbeddings, dropout, ids);
  }

  /** The one place that copies all that stays. */
  private ModelConfig with(int vocabulary, boolean tied, float share, List<Integer> ends) {
    return new ModelConfig(
        vocabulary,
        contextLength,
        hiddenSize,
        layers,
        heads,
        kvHeads,
        headDim,
        mlpSize,
        norm,
        normEpsilon,
        position,
        rotary,
        mlp,
        biases,
        tied,
        share,
        slidingWindow,
        ends);
  }
}
