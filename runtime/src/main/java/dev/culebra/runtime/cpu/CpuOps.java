package dev.culebra.runtime.cpu;

import dev.culebra.runtime.AdamW;
import dev.culebra.runtime.AttentionMask;
import dev.culebra.runtime.AttentionShape;
import dev.culebra.runtime.Dropout;
import dev.culebra.runtime.Epilogue;
import dev.culebra.runtime.KeyValueCache;
import dev.culebra.runtime.Ops;
import dev.culebra.runtime.Tensor;
import dev.culebra.runtime.Weight;

/** The operations on the CPU, each kept in the class that it is passed on to. */
final class CpuOps implements Ops {
  private final CpuMemory memory;
  private final Moves moves;
  private final Embeddings embeddings;
  private final Norms norms;
  private final Products products;
  private final Activations activations;
  private final ElementDropout elementDropout;
  private final Attention attention;
  private final CachedAttention cachedAttention;
  private final Rope rope;
  private final CrossEntropy crossEntropy;
  private final Optimizers optimizers;
  private final Samplers samplers;

  CpuOps(CpuStream stream, CpuMemory memory) {
    this.memory = memory;
    moves = new Moves(stream);
    embeddings = new Embeddings(stream);
    norms = new Norms(stream);
    products = new Products(stream, memory);
    activations = new Activations(stream);
    elementDropout = new ElementDropout(stream);
    attention = new Attention(stream, products.primitives());
    cachedAttention = new CachedAttention(stream, products.primitives());
    rope = new Rope(stream);
    crossEntropy = new CrossEntropy(stream);
    optimizers = new Optimizers(stream);
    samplers = new Samplers(stream);
  }

  Products products() {
    return products;
  }

  void close() {
    products.close();
  }

  @Override
  public void fill(Tensor out, float value) {
    memory.use("fill", out);
    moves.fill(out, value);
  }

  @Override
  public void convert(Tensor x, Tensor out) {
    memory.use("convert", x, out);
    moves.convert(x, out);
  }

  @Override
  public void add(Tensor a, Tensor b, Tensor out) {
    memory.use("add", a, b, out);
    moves.add(a, b, out);
  }

  @Override
  public void gatherRows(Tensor x, Tensor indices, Tensor out) {
    memory.use("gatherRows", x, indices, out);
    moves.gatherRows(x, indices, out);
  }

  @Override
  public void sum(Tensor x, boolean accumulate, Tensor out) {
    memory.use("sum", x, out);
    moves.sum(x, accumulate, out);
  }

  @Override
  public void embedding(
      Tensor tokens, Tensor table, Tensor positions, Tensor positionTable, Tensor out) {
    memory.use("embedding", tokens, table, positions, positionTable, out);
    embeddings.embedding(tokens, table, positions, positionTable, out);
  }

  @Override
  public void embeddingBackward(Tensor indices, Tensor dout, Tensor dtable) {
    memory.use("embeddingBackward", indices, dout, dtable);
    embeddings.embeddingBackward(indices, dout, dtable);
  }

  @Override
  public void layerNorm(
      Tensor x,
      Tensor residual,
      Tensor sum,
      Tensor weight,
      Tensor bias,
      float epsilon,
      Tensor out,
      Tensor mean,
      Tensor rstd) {
    memory.use("layerNorm", x, residual, sum, weight, bias, out, mean, rstd);
    norms.layerNorm(x, residual, sum, weight, bias, epsilon, out, mean, rstd);
  }

  @Override
  public void layerNormBackward(
      Tensor dout,
      Tensor x,
      Tensor weight,
      Tensor mean,
      Tensor rstd,
      Tensor dresidual,
      Tensor dx,
      Tensor dweight,
      Tensor dbias) {
    memory.use("layerNormBackward", dout, x, weight, mean, rstd, dresidual, dx, dweight, dbias);
    norms.layerNormBackward(dout, x, weight, mean, rstd, dresidual, dx, dweight, dbias);
  }

  @Override
  public void rmsNorm(
      Tensor x,
      Tensor residual,
      Tensor sum,
      Tensor weight,
      float epsilon,
      Tensor out,
      Tensor rstd) {
    memory.use("rmsNorm", x, residual, sum, weight, out, rstd);
    norms.rmsNorm(x, residual, sum, weight, epsilon, out, rstd);
  }

  @Override
  public void rmsNormBackward(
      Tensor dout,
      Tensor x,
      Tensor weight,
      Tensor rstd,
      Tensor dresidual,
      Tensor dx,
      Tensor dweight) {
    memory.use("rmsNormBackward", dout, x, weight, rstd, dresidual, dx, dweight);
    norms.rmsNormBackward(dout, x, weight, rstd, dresidual, dx, dweight);
  }

  @Override
  public void refresh(Weight weight) {
    products.refresh(weight);
  }

  @Override
  public void matmul(Tensor x, Weight weight, Epilogue epilogue, Tensor out) {
    memory.use("matmul", x, epilogue.bias(), epilogue.preActivation(), out);
    products.matmul(x, weight, epilogue, out);
  }

  @Override
  public void matmulBackwardInput(Tensor dout, Weight weight, boolean accumulate, Tensor dx) {
    memory.use("matmulBackwardInput", dout, dx);
    products.matmulBackwardInput(dout, weight, accumulate, dx);
  }

  @Override
  public void matmulBackwardWeight(
      Tensor dout, Tensor x, boolean accumulate, Tensor dweight, Tensor dbias) {
    memory.use("matmulBackwardWeight", dout, x, dweight, dbias);
    products.matmulBackwardWeight(dout, x, accumulate, dweight, dbias);
  }

  @Override
  public void gelu(Tensor x, Tensor out) {
    memory.use("gelu", x, out);
    activations.gelu(x, out);
  }

  @Override
  public void geluBackward(Tensor dout, Tensor x, Tensor dx) {
    memory.use("geluBackward", dout, x, dx);
    activations.geluBackward(dout, x, dx);
  }

  @Override
  public void swiglu(Tensor gateUp, Tensor out) {
    memory.use("swiglu", gateUp, out);
    activations.swiglu(gateUp, out);
  }

  @Override
  public void swigluBackward(Tensor dout, Tensor gateUp, Tensor dgateUp) {
    memory.use("swigluBackward", dout, gateUp, dgateUp);
    activations.swigluBackward(dout, gateUp, dgateUp);
  }

  @Override
  public void dropout(Tensor x, Dropout dropout, Tensor out) {
    memory.use("dropout", x, dropout == null ? null : dropout.random(), out);
    elementDropout.dropout(x, dropout, out);
  }

  @Override
  public void attention(
      AttentionShape shape,
      AttentionMask mask,
      float scale,
      Tensor q,
      Tensor k,
      Tensor v,
      Dropout dropout,
      Tensor out,
      Tensor lse) {
    memory.use(
        "attention",
        mask.documents(),
        q,
        k,
        v,
        dropout == null ? null : dropout.random(),
        out,
        lse);
    attention.attention(shape, mask, scale, q, k, v, dropout, out, lse);
  }

  @Override
  public void attentionBackward(
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
      Tensor dv) {
    memory.use(
        "attentionBackward",
        mask.documents(),
        q,
        k,
        v,
        dropout == null ? null : dropout.random(),
        out,
        lse,
        dout,
        dq,
        dk,
        dv);
    attention.attentionBackward(shape, mask, scale, q, k, v, dropout, out, lse, dout, dq, dk, dv);
  }

  @Override
  public void storeKeyValue(
      Tensor k, Tensor v, Tensor sequences, Tensor positions, KeyValueCache cache) {
    memory.use(
        "storeKeyValue",
        k,
        v,
        sequences,
        positions,
        cache.keys(),
        cache.values(),
        cache.blockTable());
    cachedAttention.storeKeyValue(k, v, sequences, positions, cache);
  }

  @Override
  public void decodeAttention(
      Tensor q,
      Tensor sequences,
      Tensor positions,
      KeyValueCache cache,
      int heads,
      float scale,
      int window,
      Tensor out) {
    memory.use(
        "decodeAttention",
        q,
        sequences,
        positions,
        cache.keys(),
        cache.values(),
        cache.blockTable(),
        out);
    cachedAttention.decodeAttention(q, sequences, positions, cache, heads, scale, window, out);
  }

  @Override
  public void rope(Tensor x, Tensor positions, Tensor frequencies, int heads, boolean inverse) {
    memory.use("rope", x, positions, frequencies);
    rope.rope(x, positions, frequencies, heads, inverse);
  }

  @Override
  public void crossEntropy(Tensor logits, Tensor targets, Tensor losses) {
    memory.use("crossEntropy", logits, targets, losses);
    crossEntropy.crossEntropy(logits, targets, losses);
  }

  @Override
  public void crossEntropyWithGradient(
      Tensor logits, Tensor targets, Tensor gradScale, Tensor losses) {
    memory.use("crossEntropyWithGradient", logits, targets, gradScale, losses);
    crossEntropy.crossEntropyWithGradient(logits, targets, gradScale, losses);
  }

  @Override
  public void globalNorm(Tensor x, Tensor out) {
    memory.use("globalNorm", x, out);
    optimizers.globalNorm(x, out);
  }

  @Override
  public void adamW(
      AdamW config,
      Tensor parameters,
      Tensor gradients,
      Tensor firstMoment,
      Tensor secondMoment,
      Tensor working) {
    memory.use(
        "adamW",
        config.learningRate(),
        config.step(),
        config.gradNorm(),
        parameters,
        gradients,
        firstMoment,
        secondMoment,
        working);
    optimizers.adamW(config, parameters, gradients, firstMoment, secondMoment, working);
  }

  @Override
  public void sample(
      Tensor logits, Tensor parameters, Tensor seeds, Tensor history, Tensor lengths, Tensor next) {
    memory.use("sample", logits, parameters, seeds, history, lengths, next);
    samplers.sample(logits, parameters, seeds, history, lengths, next);
  }

  @Override
  public void advance(Tensor next, Tensor history, Tensor lengths, Tensor positions) {
    memory.use("advance", next, history, lengths, positions);
    samplers.advance(next, history, lengths, positions);
  }
}
