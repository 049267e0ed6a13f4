package dev.culebra.runtime;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * One processor with its memory, its operations and a stream. A device is used by one host thread
 * at a time.
 */
public interface Device extends AutoCloseable {
  /** {@code cpu}, {@code cuda:0}... */
  String name();

  /** For people: what the processor is, how many threads, which instructions. */
  String description();

  Memory memory();

  /** The operations. They are enqueued on {@link #stream()}. */
  Ops ops();

  Stream stream();

  /**
   * Whether products of tensors of this type run in hardware, so that training or generating in it
   * is a gain. Operations accept F32 and BF16 on every device all the same.
   */
  boolean accelerates(DType dtype);

  /**
   * Records what {@code work} enqueues, without running it. Meanwhile everything that a stream
   * being captured can't do is refused with an {@link IllegalStateException}: what needs a result
   * on the host ({@link Stream#synchronize}, {@link Event#synchronize}, {@link #read}), {@link
   * #write}, making memory or weights, launching a graph, another capture.
   */
  Graph capture(Runnable work);

  /**
   * A linear layer's matrix in the device's own form. Not in capture. Its contents are undefined
   * until the first {@link Ops#refresh}.
   *
   * @param source {@code [N, K]}, F32 or BF16; read by each refresh
   * @param gradients whether {@link Ops#matmulBackwardInput} will be used; only with {@link
   *     WeightFormat#SOURCE}
   */
  Weight weight(Tensor source, WeightFormat format, boolean gradients);

  /** Host memory for asynchronous copies. Not in capture. */
  HostBuffer hostBuffer(long bytes);

  /**
   * Enqueues a copy of {@code to.bytes()} bytes, which {@code from} must have, from the start of
   * {@code from}; {@code to} must be contiguous. The host must not change the buffer until the copy
   * has run, so wait for an {@link Event} recorded after it first. May be captured: a graph copies
   * what the buffer holds when the graph runs.
   */
  void copy(HostBuffer from, Tensor to);

  /**
   * Enqueues a copy of contiguous {@code from} to the start of {@code to}. What the buffer holds is
   * undefined until the copy has run. May be captured.
   */
  void copy(Tensor from, HostBuffer to);

  /**
   * Copies host memory into a contiguous tensor, after all work enqueued so far (which may still
   * read what the tensor held), and returns when that is done. Not in capture.
   *
   * @param from at least {@code to.bytes()} long
   */
  void write(Tensor to, MemorySegment from);

  /**
   * Waits for the stream, then copies a contiguous tensor into host memory.
   *
   * @param to at least {@code from.bytes()} long
   * @throws IllegalStateException during capture
   */
  void read(Tensor from, MemorySegment to);

  /** Waits for the stream, then frees all memory. */
  @Override
  void close();

  /** Writes floats into a contiguous F32 tensor. Not in capture. */
  default void write(Tensor to, float... values) {
    TensorChecks.expect("write", "to", to, DType.F32, values.length);
    write(to, MemorySegment.ofArray(values));
  }

  /** Writes integers into a contiguous I32 tensor. Not in capture. */
  default void write(Tensor to, int... values) {
    TensorChecks.expect("write", "to", to, DType.I32, values.length);
    write(to, MemorySegment.ofArray(values));
  }

  /** All elements of a contiguous F32 tensor, in row-major order. Not in capture. */
  default float[] readFloats(Tensor from) {
    TensorChecks.expect("read", "from", from, DType.F32, from.elements());
    MemorySegment host = MemorySegment.ofArray(new float[Math.toIntExact(from.elements())]);
    read(from, host);
    return host.toArray(ValueLayout.JAVA_FLOAT);
  }

  /** All elements of a contiguous I32 tensor, in row-major order. Not in capture. */
  default int[] readInts(Tensor from) {
    TensorChecks.expect("read", "from", from, DType.I32, from.elements());
    MemorySegment host = MemorySegment.ofArray(new int[Math.toIntExact(from.elements())]);
    read(from, host);
    return host.toArray(ValueLayout.JAVA_INT);
  }
}
