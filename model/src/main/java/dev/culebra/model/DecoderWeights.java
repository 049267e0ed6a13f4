package dev.culebra.model;

import dev.culebra.runtime.Tensor;
import dev.culebra.runtime.Weight;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The tensors that a decoder computes with, by their place in it. Biases are null where the model
 * has none. Matrices are in the device's own form; who made them closes them.
 *
 * @param tokenEmbedding {@code [V, C]}
 * @param positionEmbedding {@code [context, C]}, or null with rotary positions
 * @param normWeight {@code [C]}, of the last norm
 * @param normBias {@code [C]} or null
 * @param head {@code [V, C]}
 */
public record DecoderWeights(
    Tensor tokenEmbedding,
    Tensor positionEmbedding,
    List<Layer> layers,
    Tensor normWeight,
    Tensor normBias,
    Weight head)
    implements AutoCloseable {

  /** One block. */
  public record Layer(
      Tensor attentionNormWeight,
      Tensor attentionNormBias,
      Weight qkv,
      Tensor qkvBias,
      Weight attentionOutput,
      Tensor attentionOutputBias,
      Tensor mlpNormWeight,
      Tensor mlpNormBias,
      Weight up,
      Tensor upBias,
      Weight down,
      Tensor downBias) {}

  /**
   * Puts a model together.
   *
   * @param tensor gives embeddings, norms and biases by parameter name
   * @param matrix gives a linear layer's matrix by parameter name; for tied embeddings it is asked
   *     for {@code embedding.tokens}
   */
  public static DecoderWeights of(
      ModelConfig config, Function<String, Tensor> tensor, Function<String, Weight> matrix) {
    ParameterLayout layout = ParameterLayout.of(config);
    Function<String, Tensor> optional = name -> layout.contains(name) ? tensor.apply(name) : null;
    List<Layer> layers =
        IntStream.range(0, config.layers())
            .mapToObj(i -> layer("layers." + i + ".", optional, matrix))
            .toList();
    return new DecoderWeights(
        tensor.apply("embedding.tokens"),
        optional.apply("embedding.positions"),
        layers,
        tensor.apply("norm.weight"),
        optional.apply("norm.bias"),
        matrix.apply(config.tiedEmbeddings() ? "embedding.tokens" : "head.weight"));
  }

  private static Layer layer(
      String prefix, Function<String, Tensor> tensor, Function<String, Weight> matrix) {
    return new Layer(
        tensor.apply(prefix + "attention.norm.weight"),
        tensor.apply(prefix + "attention.norm.bias"),
        matrix.apply(prefix + "attention.qkv.weight"),
        tensor.apply(prefix + "attention.qkv.bias"),
        matrix.apply(prefix + "attention.output.weight"),
        tensor.apply(prefix + "attention.output.bias"),
        tensor.apply(prefix + "mlp.norm.weight"),
        tensor.apply(prefix + "mlp.norm.bias"),
        matrix.apply(prefix + "mlp.up.weight"),
        tensor.apply(prefix + "mlp.up.bias"),
        matrix.apply(prefix + "mlp.down.weight"),
        tensor.apply(prefix + "mlp.down.bias"));
  }

  /** All matrices, for refreshing and closing. */
  public List<Weight> matrices() {
    return Stream.concat(
            layers.stream()
                .flatMap(
                    layer ->
                        Stream.of(layer.qkv(), layer.attentionOutput(), layer.up(), layer.down())),
            Stream.of(head))
        .toList();
  }

  @Override
  public void close() {
    matrices().forEach(Weight::close);
  }
}
