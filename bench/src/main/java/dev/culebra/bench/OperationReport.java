package dev.culebra.bench;

import dev.culebra.runtime.Arena;
import dev.culebra.runtime.Cost;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.Device;
import dev.culebra.runtime.Devices;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Runs {@link OperationBenchmark} and prints for each operation its time, GFLOP/s and GB/s, and the
 * share of what this machine was measured to reach: the best product of the same dtype, and the
 * best rate of reading memory.
 */
public final class OperationReport {
  private static final int ROUNDS = 15;

  private OperationReport() {}

  /** GFLOP/s of products by dtype, and GB/s of reading. */
  private record Ceilings(Map<DType, Double> gigaflops, double gigabytes) {}

  /**
   * @param args operations to run, by name; none means all
   */
  public static void main(String[] args) throws RunnerException {
    Ceilings ceilings;
    try (Device device = Devices.open("auto", 0)) {
      System.out.println(device.description());
      ceilings = measureCeilings(device);
    }
    System.out.printf(
        "ceilings: %.0f GFLOP/s f32, %.0f GFLOP/s bf16, %.1f GB/s%n",
        ceilings.gigaflops.get(DType.F32), ceilings.gigaflops.get(DType.BF16), ceilings.gigabytes);
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include(OperationBenchmark.class.getName())
            .verbosity(VerboseMode.SILENT);
    if (args.length > 0) {
      options.param("operation", args);
    }
    print(new Runner(options.build()).run(), ceilings);
  }

  private static void print(Collection<RunResult> results, Ceilings ceilings) {
    System.out.printf(
        "%-24s %-5s %12s %10s %6s %8s %6s%n",
        "operation", "dtype", "us", "GFLOP/s", "of max", "GB/s", "of max");
    for (RunResult result : results) {
      OperationCase operation = OperationCase.valueOf(result.getParams().getParam("operation"));
      DType dtype = DType.valueOf(result.getParams().getParam("dtype"));
      double microseconds = result.getPrimaryResult().getScore();
      Cost cost = costOf(operation, dtype);
      double gigaflops = cost.flops() / microseconds / 1e3;
      double gigabytes = cost.bytes() / microseconds / 1e3;
      System.out.printf(
          "%-24s %-5s %12.1f %10.1f %5.0f%% %8.1f %5.0f%%%n",
          operation,
          dtype,
          microseconds,
          gigaflops,
          100 * gigaflops / ceilings.gigaflops.get(dtype),
          gigabytes,
          100 * gigabytes / ceilings.gigabytes);
    }
  }

  private static Cost costOf(OperationCase operation, DType dtype) {
    try (Device device = Devices.open("auto", 0);
        Arena arena = device.memory().arena("benchmark", 1L << 30)) {
      return OperationBenchmark.prepare(operation, device, dtype, arena).cost();
    }
  }

  private static Ceilings measureCeilings(Device device) {
    Map<DType, Double> gigaflops = new EnumMap<>(DType.class);
    for (DType dtype : new DType[] {DType.F32, DType.BF16}) {
      try (Arena arena = device.memory().arena("ceiling", 1L << 30)) {
        BenchmarkFixture.Prepared product =
            OperationBenchmark.prepare(OperationCase.MATMUL_DOWN, device, dtype, arena);
        gigaflops.put(dtype, product.cost().flops() / best(device, product.enqueue()));
      }
    }
    return new Ceilings(
        gigaflops, MemoryBandwidth.measure(Runtime.getRuntime().availableProcessors()) / 1e9);
  }

  /** Nanoseconds of the fastest of some rounds. */
  private static double best(Device device, Runnable enqueue) {
    double best = Double.MAX_VALUE;
    for (int i = 0; i < ROUNDS; i++) {
      long start = System.nanoTime();
      enqueue.run();
      device.stream().synchronize();
      best = Math.min(best, System.nanoTime() - start);
    }
    return best;
  }
}
