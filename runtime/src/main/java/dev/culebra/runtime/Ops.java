package dev.culebra.runtime;

/**
 * The operations on tensors, each the unit that a GPU kernel or library call does in one go. All
 * are enqueued in the order of the device's stream.
 *
 * <p>In the shapes, R stands for rows: all leading dimensions taken together. Unless said otherwise
 * a floating tensor may be F32 or BF16, all floating tensors of one call have the same dtype, sums
 * run in F32, and operands may have a row stride. Tensors with one element a row or a column
 * (indices, positions, targets, losses, {@code mean}, {@code rstd}, {@code lse}, biases, the norms'
 * weights and all their gradients) and AdamW's are contiguous, whatever their leading dimensions.
 * Outputs may not overlap inputs unless said. No operation takes a number by value that changes
 * from step to step.
 *
 * <p>Arguments are checked when enqueued; an {@link IllegalArgumentException} names the operation,
 * the tensor and the shapes. A tensor of another device is refused likewise, one of a closed arena
 * by an {@link IllegalStateException}. What only the contents of tensors show (an index, target or
 * position out of range, parameters that can't be sampled with) is refused when the operation runs:
 * the same exception comes out of the call that enqueued it, of {@link Graph#launch}, or at the
 * latest of the next wait for the device ({@link Stream#synchronize}, {@link Event#synchronize},
 * {@link Device#read}). What the outputs of that and of later work then hold is undefined; the
 * device goes on working. NaN and infinity are numbers like others, which results show, except to
 * {@link #sample} and {@link #adamW}.
 *
 * <p>The work and traffic of each operation are given by {@link Cost}.
 */
public interface Ops {

  // ---- moving ----

  /** Sets every element. */
  void fill(Tensor out, float value);

  /** {@code out = x}, rounding to nearest even where {@code out} is narrower. Same shape. */
  void convert(Tensor x, Tensor out);

  /** {@code out = a + b}. All {@code [R, C]}; {@code out} may be {@code a} or {@code b}. */
  void add(Tensor a, Tensor b, Tensor out);

  /**
   * Rows by index: {@code out[i] = x[indices[i]]}.
   *
   * @param x {@code [R, C]}
   * @param indices I32 {@code [N]}, each in [0, R)
   * @param out {@code [N, C]}
   */
  void gatherRows(Tensor x, Tensor indices, Tensor out);

  /**
   * Sum of all elements in a fixed order.
   *
   * @param x F32, contiguous
   * @param accumulate whether to add to what {@code out} holds
   * @param out F32 {@code [1]}
   */
  void sum(Tensor x, boolean accumulate, Tensor out);

  // ---- embedding ----

  /**
   * {@code out[r] = table[tokens[r]] + positionTable[positions[r]]}.
   *
   * @param tokens I32 {@code [R]}
   * @param table {@code [V, C]}
   * @param positions I32 {@code [R]}, or null with {@code positionTable}
   * @param positionTable {@code [P, C]}, or null
   * @param out {@code [R, C]}
   */
  void embedding(Tensor tokens, Tensor table, Tensor positions, Tensor positionTable, Tensor out);

  /**
   * Adds each row of {@code dout} to the gradient row of its token, in a fixed order.
   *
   * @param indices I32 {@code [R]}: tokens, or positions for the position table
   * @param dout {@code [R, C]}
   * @param dtable F32 {@code [V, C]}, accumulated
   */
  void embeddingBackward(Tensor indices, Tensor dout, Tensor dtable);

  // ---- normalisation ----

  /**
   * Layer normalisation (Ba et al. 2016) of {@code x + residual}, as rounded to their dtype: with
   * {@code sum} for {@code x} and no residual the result has the same bits.
   *
   * @param x {@code [R, C]}
   * @param residual {@code [R, C]} added to {@code x} first, or null
   * @param sum {@code [R, C]} receives {@code x + residual}; null where {@code residual} is; may be
   *     {@code x} or {@code residual}
   * @param weight {@code [C]}
   * @param bias {@code [C]} or null
   * @param out {@code [R, C]}
   * @param mean F32 {@code [R]} for the backward pass, or null with {@code rstd}
   * @param rstd F32 {@code [R]}, {@code 1 / sqrt(variance + epsilon)}
   */
  void layerNorm(
      Tensor x,
      Tensor residual,
      Tensor sum,
      Tensor weight,
      Tensor bias,
      float epsilon,
      Tensor out,
      Tensor mean,
      Tensor rstd);

  /**
   * @param dout {@code [R, C]}
   * @param x {@code [R, C]}, what was normalised ({@code sum} where there was a residual)
   * @param dresidual {@code [R, C]} added to {@code dx}: the gradient that reaches {@code x} past
   *     the norm; null for none; may be {@code dx}
   * @param dx {@code [R, C]}
   * @param dweight F32 {@code [C]}, accumulated
   * @param dbias F32 {@code [C]}, accumulated, or null
   */
  void layerNormBackward(
      Tensor dout,
      Tensor x,
      Tensor weight,
      Tensor mean,
      Tensor rstd,
      Tensor dresidual,
      Tensor dx,
      Tensor dweight,
      Tensor dbias);

  /**
   * Root-mean-square normalisation (Zhang and Sennrich 2019) of {@code x + residual}; parameters as
   * in {@link #layerNorm}.
   *
   * @param rstd F32 {@code [R]}, {@code 1 / sqrt(mean(x²) + epsilon)}, or null
   */
  void rmsNorm(
      Tensor x, Tensor residual, Tensor sum, Tensor weight, float epsilon, Tensor out, Tensor rstd);

  /** Parameters as in {@link #layerNormBackward}. */
  void rmsNormBackward(
      Tensor dout,
      Tensor x,
      Tensor weight,
      Tensor rstd,
      Tensor dresidual,
      Tensor dx,
      Tensor dweight);

  // ---- products ----

  /** Brings a weight up to date with its source; the source must still be there. */
  void refresh(Weight weight);

  /**
   * {@code out = epilogue(x wᵀ)}.
   *
   * @param x {@code [M, K]}; for a weight in BF16 or INT8 also F32 where the source was
   * @param weight {@code [N, K]}
   * @param out {@code [M, N]} in the dtype of {@code x}, or F32
   */
  void matmul(Tensor x, Weight weight, Epilogue epilogue, Tensor out);

  /**
   * {@code dx (+)= dout w}.
   *
   * @param dout {@code [M, N]}
   * @param weight {@code [N, K]} in {@link WeightFormat#SOURCE}
   * @param accumulate whether to add to what {@code dx} holds
   * @param dx {@code [M, K]}
   */
  void matmulBackwardInput(Tensor dout, Weight weight, boolean accumulate, Tensor dx);

  /**
   * {@code dweight (+)= doutᵀ x} and {@code dbias (+)= Σ_m dout[m]}.
   *
   * @param dout {@code [M, N]}
   * @param x {@code [M, K]}
   * @param accumulate whether to add to what the gradients hold
   * @param dweight F32 {@code [N, K]}
   * @param dbias F32 {@code [N]} or null
   */
  void matmulBackwardWeight(
      Tensor dout, Tensor x, boolean accumulate, Tensor dweight, Tensor dbias);

  // ---- activations ----

  /** {@link Activation#GELU}. Both {@code [R, C]}. */
  void gelu(Tensor x, Tensor out);

  /** {@code dx = dout gelu'(x)}; {@code dx} may be {@code dout}. All {@code [R, C]}. */
  void geluBackward(Tensor dout, Tensor x, Tensor dx);

  /**
   * SwiGLU (Shazeer 2020): {@code out = silu(gate) up}.
   *
   * @param gateUp {@code [R, 2F]}: gate in the first F columns, up in the others
   * @param out {@code [R, F]}
   */
  void swiglu(Tensor gateUp, Tensor out);

  /**
   * @param dout {@code [R, F]}
   * @param gateUp {@code [R, 2F]}
   * @param dgateUp {@code [R, 2F]}; may be {@code gateUp}
   */
  void swigluBackward(Tensor dout, Tensor gateUp, Tensor dgateUp);

  /** Drops elements, see {@link Dropout}; {@code out} may be {@code x}. Its own backward. */
  void dropout(Tensor x, Dropout dropout, Tensor out);

  // ---- attention ----

  /**
   * Rotary position embedding (Su et al. 2021) in place, in the two-halves form of Hugging Face: in
   * a head, elements i and i + D/2 are turned by {@code positions[r] * frequencies[i]}.
   *
   * @param x {@code [R, heads * D]}
   * @param positions I32 {@code [R]}
   * @param frequencies F32 {@code [D / 2]}, radians a position
   * @param inverse turns back: the backward pass
   */
  void rope(Tensor x, Tensor positions, Tensor frequencies, int heads, boolean inverse);

  /**
   * {@code out = softmax(mask(scale q kᵀ)) v} for each head, without a T by T matrix in memory (Dao
   * 2023, algorithm 1).
   *
   * @param q {@code [B T, H D]}
   * @param k {@code [B T, kvHeads D]}
   * @param v {@code [B T, kvHeads D]}
   * @param dropout of the probabilities, or null; element index {@code ((b H + h) T + i) T + j}
   * @param out {@code [B T, H D]}
   * @param lse F32 {@code [B, H, T]}: log of the sum of exponentials, for the backward pass, or
   *     null
   */
  void attention(
      AttentionShape shape,
      AttentionMask mask,
      float scale,
      Tensor q,
      Tensor k,
      Tensor v,
      Dropout dropout,
      Tensor out,
      Tensor lse);

  /**
   * Gradients of {@link #attention} (Dao 2023, algorithm 2), written, not accumulated.
   *
   * @param out what the forward pass gave
   * @param lse what the forward pass gave
   * @param dout {@code [B T, H D]}
   * @param dq like {@code q}
   * @param dk like {@code k}, summed over the query heads that share it
   * @param dv like {@code v}
   */
  void attentionBackward(
      AttentionShape shape,
      AttentionMask mask,
      float scale,
      Tensor q,
      Tensor k,
      Tensor v,
      Dropout dropout,
      Tensor out,
      Tensor lse,
      Tensor dout,
      Tensor dq,
      Tensor dk,
      Tensor dv);

  /**
   * Puts keys and values of R new tokens into the cache, converting to its dtype. No two rows of
   * one call may have the same place.
   *
   * @param k {@code [R, kvHeads D]}
   * @param v {@code [R, kvHeads D]}
   * @param sequences I32 {@code [R]}: the row's sequence
   * @param positions I32 {@code [R]}: its place in the sequence
   */
  void storeKeyValue(Tensor k, Tensor v, Tensor sequences, Tensor positions, KeyValueCache cache);

  /**
   * Attention of R new tokens over the cache: row r attends to positions 0 to {@code positions[r]}
   * of its sequence (already stored). Serves a prompt's many rows of one sequence and one row of
   * many sequences alike; rows of a sequence are adjacent and ascending.
   *
   * @param q {@code [R, H D]}
   * @param heads H
   * @param window as in {@link AttentionMask}; 0 for no limit
   * @param out {@code [R, H D]}
   */
  void decodeAttention(
      Tensor q,
      Tensor sequences,
      Tensor positions,
      KeyValueCache cache,
      int heads,
      float scale,
      int window,
      Tensor out);

  // ---- loss ----

  /**
   * Cross-entropy of each row, {@code losses[r] = log Σ exp(logits[r]) - logits[r, targets[r]]}.
   *
   * @param logits {@code [R, V]}
   * @param targets I32 {@code [R]}; a negative target gives loss 0
   * @param losses F32 {@code [R]}
   */
  void crossEntropy(Tensor logits, Tensor targets, Tensor losses);

  /**
   * {@link #crossEntropy} and the gradient in one pass: {@code logits} becomes {@code
   * (softmax(logits) - onehot(targets)) * gradScale}, rows with a negative target 0.
   *
   * @param gradScale F32 {@code [1]}: one over the number of targets of the whole step, say
   */
  void crossEntropyWithGradient(Tensor logits, Tensor targets, Tensor gradScale, Tensor losses);

  // ---- optimizer ----

  /**
   * Euclidean norm of all elements, summed in a fixed order.
   *
   * @param x F32, contiguous
   * @param out F32 {@code [1]}
   */
  void globalNorm(Tensor x, Tensor out);

  /**
   * One {@link AdamW} update of a range of the flat buffers.
   *
   * @param parameters F32 {@code [n]}
   * @param gradients F32 {@code [n]}
   * @param firstMoment F32 {@code [n]}
   * @param secondMoment F32 {@code [n]}
   * @param working BF16 {@code [n]} receives the rounded parameters, or null
   */
  void adamW(
      AdamW config,
      Tensor parameters,
      Tensor gradients,
      Tensor firstMoment,
      Tensor secondMoment,
      Tensor working);

  // ---- sampling ----

  /**
   * Chooses the next token of each row. In this order: the repetition penalty (Keskar et al. 2019:
   * logits of tokens in the history, each once, are divided by it when positive, multiplied when
   * negative), the temperature, top-k, top-p (Holtzman et al. 2020: the fewest most likely tokens
   * whose probabilities reach p), min-p (at least that share of the largest probability); each has
   * the probabilities of what those before it kept, and of equal logits the first is the more
   * likely. The draw takes the first token, in index order, at which the cumulated probability of
   * the kept ones exceeds u times their sum, u being the {@link Philox} uniform with key {@code
   * seeds[b]} and counter {@code (0, 0, lengths[b], 0)}, word 0. Temperature 0 takes the largest
   * logit, the first where several are equal. NaN among the logits, or nothing but negative
   * infinity, is refused when the operation runs.
   *
   * @param logits {@code [B, V]}; may be overwritten
   * @param parameters F32 {@code [B, 5]}: temperature, top-k (0: off), top-p (1: off), min-p (0:
   *     off), repetition penalty (1: off)
   * @param seeds I32 {@code [B, 2]}
   * @param history I32 {@code [B, L]}
   * @param lengths I32 {@code [B]}: tokens in the history
   * @param next I32 {@code [B]}
   */
  void sample(
      Tensor logits, Tensor parameters, Tensor seeds, Tensor history, Tensor lengths, Tensor next);

  /**
   * Appends the chosen tokens: {@code history[b, lengths[b]] = next[b]}, then adds one to {@code
   * lengths[b]} and {@code positions[b]}. A row whose history is full stays as it is, its length
   * and position too.
   *
   * @param next I32 {@code [B]}
   * @param history I32 {@code [B, L]}
   * @param lengths I32 {@code [B]}
   * @param positions I32 {@code [B]}
   */
  void advance(Tensor next, Tensor history, Tensor lengths, Tensor positions);
}
