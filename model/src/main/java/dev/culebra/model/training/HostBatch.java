package dev.culebra.model.training;

import dev.culebra.runtime.Device;
import dev.culebra.runtime.HostBuffer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** One pass's {@link BatchInput} in host memory, and the copy that brings it to the device. */
final class HostBatch implements AutoCloseable {
  private final Device device;
  private final BatchInput input;
  private final HostBuffer buffer;
  private final MemorySegment all;
  private final MemorySegment tokens;
  private final MemorySegment targets;
  private final MemorySegment documents;

  HostBatch(Device device, BatchInput input) {
    this.device = device;
    this.input = input;
    BatchInput.Places places = input.places();
    buffer = device.hostBuffer(places.end() * Integer.BYTES);
    all = buffer.segment();
    tokens = rows(places.tokens());
    targets = rows(places.targets());
    documents = places.hasDocuments() ? rows(places.documents()) : null;
  }

  private MemorySegment rows(long place) {
    long bytes = (long) input.batch() * input.length() * Integer.BYTES;
    return all.asSlice(place * Integer.BYTES, bytes);
  }

  /** Takes the next batch from the source; returns how many targets it has. */
  long fill(BatchSource source) {
    source.next(input.batch(), input.length(), tokens, targets, documents);
    long count = 0;
    long rows = (long) input.batch() * input.length();
    for (long i = 0; i < rows; i++) {
      if (targets.getAtIndex(ValueLayout.JAVA_INT, i) >= 0) {
        count++;
      }
    }
    return count;
  }

  /**
   * Sets the numbers of the step.
   *
   * @param pass counts the passes of all steps, from 0
   */
  void set(long seed, int pass, float learningRate, int step, float gradScale) {
    BatchInput.Places places = input.places();
    all.setAtIndex(ValueLayout.JAVA_INT, places.random(), (int) seed);
    all.setAtIndex(ValueLayout.JAVA_INT, places.random() + 1, (int) (seed >>> 32));
    all.setAtIndex(ValueLayout.JAVA_INT, places.random() + 2, pass);
    all.setAtIndex(ValueLayout.JAVA_FLOAT, places.learningRate(), learningRate);
    all.setAtIndex(ValueLayout.JAVA_INT, places.step(), step);
    all.setAtIndex(ValueLayout.JAVA_FLOAT, places.gradScale(), gradScale);
  }

  /** Enqueues the copy. */
  void send() {
    device.copy(buffer, input.block());
  }

  @Override
  public void close() {
    buffer.close();
  }
}
