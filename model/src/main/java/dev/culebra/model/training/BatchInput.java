package dev.culebra.model.training;

import dev.culebra.model.ModelConfig;
import dev.culebra.model.TokenBatch;
import dev.culebra.runtime.Allocator;
import dev.culebra.runtime.Arena;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.Device;
import dev.culebra.runtime.Tensor;

/**
 * All that changes from pass to pass, on the device, as one tensor that one copy fills: the numbers
 * of the step, then tokens, targets and documents. {@link HostBatch} is its like on the host.
 */
final class BatchInput implements AutoCloseable {
  /** Where each part begins in the block, in 4-byte elements. */
  record Places(
      long random,
      long learningRate,
      long step,
      long gradScale,
      long tokens,
      long targets,
      long documents,
      long end) {
    private static final long ALIGNMENT_ELEMENTS = Allocator.ALIGNMENT / DType.I32.bytes();

    static Places of(int batch, int length, boolean documents) {
      long rows = aligned((long) batch * length);
      long tokens = 4 * ALIGNMENT_ELEMENTS;
      return new Places(
          0,
          ALIGNMENT_ELEMENTS,
          2 * ALIGNMENT_ELEMENTS,
          3 * ALIGNMENT_ELEMENTS,
          tokens,
          tokens + rows,
          tokens + 2 * rows,
          tokens + (documents ? 3 : 2) * rows);
    }

    private static long aligned(long elements) {
      return (elements + ALIGNMENT_ELEMENTS - 1) / ALIGNMENT_ELEMENTS * ALIGNMENT_ELEMENTS;
    }

    boolean hasDocuments() {
      return documents < end;
    }
  }

  private final Arena arena;
  private final Places places;
  private final Tensor block;
  private final int batch;
  private final int length;

  BatchInput(Device device, int batch, int length, boolean documents) {
    this.batch = batch;
    this.length = length;
    places = Places.of(batch, length, documents);
    arena = device.memory().arena("batch", places.end() * DType.I32.bytes());
    block = arena.allocate(DType.I32, places.end());
  }

  Places places() {
    return places;
  }

  /** Filled by one copy from a {@link HostBatch}. */
  Tensor block() {
    return block;
  }

  int batch() {
    return batch;
  }

  int length() {
    return length;
  }

  /** I32 {@code [3]}, of {@link dev.culebra.runtime.Dropout}. */
  Tensor random() {
    return block.slice(places.random(), places.random() + 3);
  }

  /** F32 {@code [1]}. */
  Tensor learningRate() {
    return number(places.learningRate());
  }

  /** I32 {@code [1]}. */
  Tensor step() {
    return block.slice(places.step(), places.step() + 1);
  }

  /** F32 {@code [1]}. */
  Tensor gradScale() {
    return number(places.gradScale());
  }

  private Tensor number(long place) {
    Tensor integer = block.slice(place, place + 1);
    return Tensor.contiguous(integer.arena(), integer.address(), DType.F32, 1);
  }

  TokenBatch tokenBatch(ModelConfig config) {
    return TokenBatch.causal(
        config,
        rows(places.tokens()),
        rows(places.targets()),
        places.hasDocuments() ? rows(places.documents()) : null);
  }

  private Tensor rows(long place) {
    return block.slice(place, place + (long) batch * length).reshape(batch, length);
  }

  @Override
  public void close() {
    arena.close();
  }
}
