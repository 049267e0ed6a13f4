package dev.culebra.bench;

import dev.culebra.model.generation.GenerationWeights;
import dev.culebra.model.generation.SamplingOptions;
import dev.culebra.model.generation.TokenGenerator;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.Device;
import dev.culebra.runtime.WeightFormat;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/** Greedy decoding of one sequence from an empty cache, as {@code decoding} of pytorch_peer.py. */
final class PeerDecoding implements Peer.Work {
  private final int threads;
  private final int length;
  private final GenerationWeights weights;
  private final TokenGenerator generator;

  PeerDecoding(Device device, PeerShape shape, int threads) {
    this.threads = threads;
    this.length = shape.length();
    SplittableRandom random = new SplittableRandom(1);
    WeightFormat format = shape.dtype() == DType.BF16 ? WeightFormat.BF16 : WeightFormat.SOURCE;
    weights =
        GenerationWeights.load(
            device, shape.config(), (name, dimensions) -> normal(random, dimensions), format);
    generator = new TokenGenerator(weights, shape.batch(), length, shape.dtype());
  }

  private static MemorySegment normal(SplittableRandom random, long[] shape) {
    int elements = 1;
    for (long size : shape) {
      elements = Math.multiplyExact(elements, Math.toIntExact(size));
    }
    float[] values = new float[elements];
    for (int i = 0; i < elements; i++) {
      values[i] = 0.02f * (float) random.nextGaussian();
    }
    return MemorySegment.ofArray(values);
  }

  @Override
  public long run(int steps) {
    for (int done = 0; done < steps; done += length - 1) {
      int tokens = Math.min(length - 1, steps - done);
      generator.generate(
          List.of(new int[] {0}),
          SamplingOptions.GREEDY.withMaxTokens(tokens),
          -1,
          (sequence, token) -> true);
    }
    return steps;
  }

  @Override
  public String facts() {
    double bandwidth = MemoryBandwidth.measure(threads);
    return String.format(
        Locale.ROOT,
        "{\"bytes_per_token\": %d, \"bandwidth\": %.0f, \"bound_tokens_per_second\": %.3f}",
        weights.bytesPerToken(),
        bandwidth,
        bandwidth / weights.bytesPerToken());
  }

  @Override
  public void close() {
    generator.close();
    weights.close();
  }
}
