package dev.culebra.bench;

import dev.culebra.runtime.Allocator;
import dev.culebra.runtime.Arena;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.Device;
import dev.culebra.runtime.Devices;
import dev.culebra.runtime.Graph;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Each {@link OperationCase} as a captured graph, launched and waited for. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {
      "--add-modules=jdk.incubator.vector",
      "--enable-native-access=ALL-UNNAMED",
      "-Xmx1g"
    })
public class OperationBenchmark {
  /** Room for the largest case: logits in F32, a vocabulary's table, AdamW's five buffers. */
  private static final long ARENA_BYTES = 1L << 30;

  @Param public OperationCase operation;

  @Param({"F32", "BF16"})
  public DType dtype;

  private Device device;
  private Arena arena;
  private Graph graph;

  /** Opens the device and captures the operation. */
  @Setup(Level.Trial)
  public void open() {
    device = Devices.open("auto", 0);
    arena = device.memory().arena("benchmark", ARENA_BYTES);
    BenchmarkFixture.Prepared prepared = prepare(operation, device, dtype, arena);
    device.stream().synchronize();
    graph = device.capture(prepared.enqueue());
  }

  static BenchmarkFixture.Prepared prepare(
      OperationCase operation, Device device, DType dtype, Allocator allocator) {
    return operation.prepare(
        new BenchmarkFixture(device, dtype, allocator, new SplittableRandom(1)));
  }

  /** One launch. */
  @Benchmark
  public void run() {
    graph.launch();
    device.stream().synchronize();
  }

  @TearDown(Level.Trial)
  public void close() {
    graph.close();
    arena.close();
    device.close();
  }
}
