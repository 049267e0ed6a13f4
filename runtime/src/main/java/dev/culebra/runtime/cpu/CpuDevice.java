package dev.culebra.runtime.cpu;

import dev.culebra.runtime.DType;
import dev.culebra.runtime.Device;
import dev.culebra.runtime.Graph;
import dev.culebra.runtime.HostBuffer;
import dev.culebra.runtime.Memory;
import dev.culebra.runtime.Ops;
import dev.culebra.runtime.Tensor;
import dev.culebra.runtime.TensorChecks;
import dev.culebra.runtime.Weight;
import dev.culebra.runtime.WeightFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The host's processor: oneDNN for products, the Vector API for the rest, one pool of threads. */
public final class CpuDevice implements Device {
  private final WorkerPool pool;
  private final CpuStream stream;
  private final CpuMemory memory;
  private final CpuOps ops;

  /**
   * @param threads that compute, the caller's included: {@code threads - 1} are started. More than
   *     there are cores is slower. Results are the same bits for the same number.
   */
  public CpuDevice(int threads) {
    VectorSupport.check();
    pool = new WorkerPool(threads);
    stream = new CpuStream(pool);
    memory = new CpuMemory(this, stream);
    ops = new CpuOps(stream, memory);
  }

  @Override
  public String name() {
    return "cpu";
  }

  @Override
  public String description() {
    return processorModel()
        + ", "
        + pool.size()
        + (pool.size() == 1 ? " thread, " : " threads, ")
        + OneDnn.instructionSet()
        + ", oneDNN "
        + OneDnn.version();
  }

  @Override
  public Memory memory() {
    return memory;
  }

  @Override
  public Ops ops() {
    return ops;
  }

  @Override
  public dev.culebra.runtime.Stream stream() {
    return stream;
  }

  @Override
  public boolean accelerates(DType dtype) {
    return dtype == DType.F32 || dtype == DType.BF16 && OneDnn.hasBf16Instructions();
  }

  @Override
  public Graph capture(Runnable work) {
    return stream.capture(work, ops.products().primitives());
  }

  @Override
  public Weight weight(Tensor source, WeightFormat format, boolean gradients) {
    stream.requireNoCapture("making a weight");
    memory.use("weight", source);
    return ops.products().weight(source, format, gradients);
  }

  @Override
  public HostBuffer hostBuffer(long bytes) {
    stream.requireNoCapture("allocation of a host buffer");
    return new CpuHostBuffer(bytes);
  }

  @Override
  public void copy(HostBuffer from, Tensor to) {
    MemorySegment source = from.segment();
    TensorChecks.copyable("copy", "to", to, source.byteSize());
    memory.use("copy", to);
    long bytes = to.bytes();
    long address = to.address();
    stream.enqueueSingle(() -> MemorySegment.copy(source, 0, HostMemory.ALL, address, bytes));
  }

  @Override
  public void copy(Tensor from, HostBuffer to) {
    MemorySegment target = to.segment();
    TensorChecks.copyable("copy", "from", from, target.byteSize());
    memory.use("copy", from);
    long bytes = from.bytes();
    long address = from.address();
    stream.enqueueSingle(() -> MemorySegment.copy(HostMemory.ALL, address, target, 0, bytes));
  }

  @Override
  public void write(Tensor to, MemorySegment from) {
    stream.requireNoCapture("write");
    TensorChecks.copyable("write", "to", to, from.byteSize());
    memory.use("write", to);
    MemorySegment.copy(from, 0, HostMemory.ALL, to.address(), to.bytes());
  }

  @Override
  public void read(Tensor from, MemorySegment to) {
    stream.requireNoCapture("read");
    TensorChecks.copyable("read", "from", from, to.byteSize());
    memory.use("read", from);
    MemorySegment.copy(HostMemory.ALL, from.address(), to, 0, from.bytes());
  }

  @Override
  public void close() {
    pool.close();
    ops.close();
    memory.closeAll();
  }

  private static String processorModel() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .findFirst()
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .orElse(System.getProperty("os.arch"));
    } catch (IOException | UncheckedIOException e) { // not Linux
      return System.getProperty("os.arch");
    }
  }

  private static final class CpuHostBuffer implements HostBuffer {
    private final java.lang.foreign.Arena arena = java.lang.foreign.Arena.ofShared();
    private final MemorySegment segment;

    CpuHostBuffer(long bytes) {
      segment = arena.allocate(bytes, 64);
    }

    @Override
    public MemorySegment segment() {
      return segment;
    }

    @Override
    public void close() {
      if (arena.scope().isAlive()) {
        arena.close();
      }
    }
  }
}
