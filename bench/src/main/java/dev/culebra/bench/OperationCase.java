package dev.culebra.bench;

import dev.culebra.bench.BenchmarkFixture.Prepared;
import java.util.function.Function;

/**
 * The operations of a GPT-2 124M step at B = 4, T = 256, each alone: what is enqueued, and what it
 * must cost at the least.
 */
public enum OperationCase {
  MATMUL_QKV(ProductCases::matmulQkv),
  MATMUL_UP_GELU(ProductCases::matmulUpGelu),
  MATMUL_DOWN(ProductCases::matmulDown),
  MATMUL_BACKWARD_INPUT(ProductCases::matmulBackwardInput),
  MATMUL_BACKWARD_WEIGHT(ProductCases::matmulBackwardWeight),
  REFRESH_INT8(ProductCases::refreshInt8),
  DECODE_BF16(ProductCases::decodeBf16),
  DECODE_INT8(ProductCases::decodeInt8),
  ATTENTION(AttentionCases::attention),
  ATTENTION_BACKWARD(AttentionCases::attentionBackward),
  ROPE(AttentionCases::rope),
  STORE_KEY_VALUE(AttentionCases::storeKeyValue),
  DECODE_ATTENTION(AttentionCases::decodeAttention),
  LAYER_NORM(ElementCases::layerNorm),
  LAYER_NORM_BACKWARD(ElementCases::layerNormBackward),
  RMS_NORM(ElementCases::rmsNorm),
  RMS_NORM_BACKWARD(ElementCases::rmsNormBackward),
  GELU(ElementCases::gelu),
  GELU_BACKWARD(ElementCases::geluBackward),
  SWIGLU(ElementCases::swiglu),
  SWIGLU_BACKWARD(ElementCases::swigluBackward),
  DROPOUT(ElementCases::dropout),
  FILL(ElementCases::fill),
  CONVERT(ElementCases::convert),
  ADD(ElementCases::add),
  GATHER_ROWS(ElementCases::gatherRows),
  SUM(ElementCases::sum),
  EMBEDDING(StepCases::embedding),
  EMBEDDING_BACKWARD(StepCases::embeddingBackward),
  CROSS_ENTROPY_FORWARD(StepCases::crossEntropyForward),
  CROSS_ENTROPY(StepCases::crossEntropy),
  GLOBAL_NORM(StepCases::globalNorm),
  ADAMW(StepCases::adamw),
  SAMPLE_TOP_P(StepCases::sampleTopP),
  ADVANCE(StepCases::advance);

  private final Function<BenchmarkFixture, Prepared> preparation;

  OperationCase(Function<BenchmarkFixture, Prepared> preparation) {
    this.preparation = preparation;
  }

  /** Allocates and fills what the operation needs. */
  Prepared prepare(BenchmarkFixture fixture) {
    return preparation.apply(fixture);
  }
}
