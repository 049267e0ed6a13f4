package dev.culebra.model.training;

import dev.culebra.model.Decoder;
import dev.culebra.model.Parameters;
import dev.culebra.model.TokenBatch;
import dev.culebra.runtime.Device;
import dev.culebra.runtime.Graph;

/** Measures the loss of a model on batches, without dropout; the pass is captured once. */
public final class Evaluator implements AutoCloseable {
  private final Device device;
  private final Decoder decoder;
  private final boolean ownsDecoder;
  private final BatchInput input;
  private final HostBatch host;
  private final Graph graph;

  private Evaluator(Decoder decoder, boolean ownsDecoder, boolean documents) {
    this.decoder = decoder;
    this.ownsDecoder = ownsDecoder;
    device = decoder.parameters().device();
    input = new BatchInput(device, decoder.batch(), decoder.length(), documents);
    host = new HostBatch(device, input);
    TokenBatch batch = input.tokenBatch(decoder.parameters().config());
    graph =
        device.capture(
            () -> {
              host.send();
              decoder.loss(batch, false);
            });
  }

  /**
   * With a decoder of its own.
   *
   * @param documents whether tokens see those of their own document only
   */
  public static Evaluator open(Parameters parameters, int batch, int length, boolean documents) {
    Decoder decoder = Decoder.open(parameters, batch, length, Decoder.Keep.NOTHING, null);
    return new Evaluator(decoder, true, documents);
  }

  /** With a training's decoder, between its steps. */
  static Evaluator of(Decoder decoder, boolean documents) {
    return new Evaluator(decoder, false, documents);
  }

  /** Loss over a number of batches, from where the source stands. */
  public Evaluation evaluate(BatchSource source, int batches) {
    Evaluation total = new Evaluation(0, 0);
    for (int i = 0; i < batches; i++) {
      total = add(total, source);
    }
    return total;
  }

  private Evaluation add(Evaluation total, BatchSource source) {
    long targets = host.fill(source);
    graph.launch();
    double sum = device.readFloats(decoder.lossSum())[0];
    return new Evaluation(total.lossSum() + sum, total.targets() + targets);
  }

  @Override
  public void close() {
    graph.close();
    host.close();
    input.close();
    if (ownsDecoder) {
      decoder.close();
    }
  }
}
