package dev.culebra.bench;

import static dev.culebra.bindings.cuda.cuda_h.cuCtxSetCurrent;
import static dev.culebra.bindings.cuda.cuda_h.cuDevicePrimaryCtxRetain;
import static dev.culebra.bindings.cuda.cuda_h.cuInit;
import static dev.culebra.bindings.cuda.cuda_h.cuLaunchKernel;
import static dev.culebra.bindings.cuda.cuda_h.cuModuleGetFunction;
import static dev.culebra.bindings.cuda.cuda_h.cuModuleLoadData;
import static dev.culebra.bindings.cuda.cuda_h.cuStreamSynchronize;

import dev.culebra.bindings.NativeLibraries;
import dev.culebra.emulator.check.Checker;
import dev.culebra.emulator.driver.EmulatedDriver;
import dev.culebra.emulator.driver.EmulatorOptions;
import dev.culebra.emulator.exec.Dim3;
import dev.culebra.emulator.exec.ExecutionOptions;
import dev.culebra.emulator.exec.ExecutionResult;
import dev.culebra.emulator.exec.Executor;
import dev.culebra.emulator.exec.Launch;
import dev.culebra.emulator.exec.Program;
import dev.culebra.emulator.memory.DeviceMemory;
import dev.culebra.emulator.profile.DeviceProfile;
import dev.culebra.emulator.ptx.PtxModule;
import dev.culebra.emulator.ptx.PtxParser;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Random;
import java.util.Set;

/**
 * The emulated device on plain fp32 kernels, two workers: lane-instructions (warp instructions, 32
 * times) a second with some checkers and others, what the first launch of a kernel takes, what an
 * empty launch takes through the driver's functions, and what it takes to parse 20 MB of PTX.
 * Medians, warm but for first launches. Tensor cores: {@link TensorCoreBenchmark}.
 *
 * <p>Arguments: names of what to measure, {@code kernels}, {@code first}, {@code launch}, {@code
 * parse}; all without any.
 */
public final class EmulatorBenchmark {
  private static final int WORKERS = 2;
  private static final int ROUNDS = 9;
  private static final long WARM_UP = 4_000_000_000L;

  private static final int THREADS = 256;
  private static final int SAXPY_NUMBERS = 1 << 20;
  private static final int NORM_ROWS = 512;
  private static final int NORM_COLUMNS = 1024;

  private static final int LAUNCHES = 20_000;
  private static final int PARSED_BYTES = 20_000_000;

  private EmulatorBenchmark() {}

  /**
   * Checkers that are on, and how many millions of lane-instructions a second are asked of them.
   */
  private record Checking(String name, Set<Checker> checkers, int asked) {}

  private static final Checking[] CHECKINGS = {
    new Checking("no checker", Set.of(), 3000),
    new Checking("memory", EnumSet.of(Checker.MEMORY), 1200),
    new Checking("every checker", EnumSet.allOf(Checker.class), 150)
  };

  /** Prints a line a figure. */
  public static void main(String[] arguments) throws IOException {
    Set<String> chosen =
        arguments.length > 0 ? Set.of(arguments) : Set.of("kernels", "first", "launch", "parse");
    String ptx = resource("plain_kernels.ptx");
    if (chosen.contains("first")) {
      first(ptx);
    }
    if (chosen.contains("kernels")) {
      kernels(ptx);
    }
    if (chosen.contains("launch")) {
      launch(ptx);
    }
    if (chosen.contains("parse")) {
      parse(ptx);
    }
  }

  /** A device with the two kernels and their operands in it. */
  private static final class Device implements AutoCloseable {
    private final DeviceMemory memory = new DeviceMemory(1L << 28);
    private final Program program;
    private final Executor executor;

    Device(String ptx, Set<Checker> checkers) {
      program = Program.load(PtxParser.parse("plain_kernels.ptx", ptx), memory, DeviceProfile.H100);
      executor =
          new Executor(
              memory,
              DeviceProfile.H100,
              ExecutionOptions.fast().with(checkers).withWorkers(WORKERS),
              System.out);
    }

    Launch saxpy(int numbers) {
      return new Launch(
          program.kernel("saxpy"),
          new Dim3((numbers + THREADS - 1) / THREADS),
          new Dim3(THREADS),
          0,
          ByteBuffer.allocate(24)
              .order(ByteOrder.LITTLE_ENDIAN)
              .putInt(numbers)
              .putFloat(1.5f)
              .putLong(floats(numbers))
              .putLong(floats(numbers))
              .array());
    }

    Launch layerNorm(int rows) {
      return new Launch(
          program.kernel("layer_norm"),
          new Dim3(rows),
          new Dim3(THREADS),
          0,
          ByteBuffer.allocate(36)
              .order(ByteOrder.LITTLE_ENDIAN)
              .putLong(floats(rows * NORM_COLUMNS))
              .putLong(floats(NORM_COLUMNS))
              .putLong(floats(NORM_COLUMNS))
              .putLong(floats(rows * NORM_COLUMNS))
              .putInt(NORM_COLUMNS)
              .array());
    }

    private long floats(int count) {
      Random random = new Random(count);
      float[] values = new float[count];
      for (int i = 0; i < count; i++) {
        values[i] = random.nextFloat() - 0.5f;
      }
      long address = memory.allocate((long) count * Float.BYTES, "operand");
      memory.copyIn(address, MemorySegment.ofArray(values));
      return address;
    }

    /** Runs a launch; nanoseconds. */
    long run(Launch launch) {
      long start = System.nanoTime();
      ExecutionResult result = executor.run(launch);
      long taken = System.nanoTime() - start;
      if (!result.clean()) {
        throw new IllegalStateException(result.toString());
      }
      return taken;
    }

    /** Millions of lane-instructions a second, the median of some launches. */
    double rate(Launch launch) {
      long warm = System.nanoTime() + WARM_UP;
      while (System.nanoTime() < warm) {
        run(launch);
      }
      double instructions = executor.run(launch).warpInstructions();
      double[] nanoseconds = new double[ROUNDS];
      Arrays.setAll(nanoseconds, round -> run(launch));
      return instructions * 32 / median(nanoseconds) * 1e3;
    }

    @Override
    public void close() {
      executor.close();
      program.close();
      memory.close();
    }
  }

  private static void kernels(String ptx) {
    for (Checking checking : CHECKINGS) {
      try (Device device = new Device(ptx, checking.checkers)) {
        print(
            "%-14s saxpy %7.0f, layer norm %7.0f million lane-instructions/s (asked: %d)%n",
            checking.name,
            device.rate(device.saxpy(SAXPY_NUMBERS)),
            device.rate(device.layerNorm(NORM_ROWS)),
            checking.asked);
      }
    }
  }

  /** What tests pay: kernels that run once. */
  private static void first(String ptx) {
    for (Checking checking : CHECKINGS) {
      try (Device device = new Device(ptx, checking.checkers)) {
        long start = System.nanoTime();
        device.run(device.layerNorm(4));
        double first = (System.nanoTime() - start) / 1e6;
        start = System.nanoTime();
        device.run(device.layerNorm(4));
        double second = (System.nanoTime() - start) / 1e6;
        print("%-14s first small launch %.1f ms, second %.1f ms%n", checking.name, first, second);
      }
    }
  }

  /** From enqueueing an empty kernel to the end of the synchronisation behind it. */
  private static void launch(String ptx) {
    NativeLibraries.choose("emulated");
    for (Checking checking : CHECKINGS) {
      EmulatedDriver.reset(options(checking));
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment out = arena.allocate(ValueLayout.ADDRESS);
        require(cuInit(0));
        require(cuDevicePrimaryCtxRetain(out, 0));
        require(cuCtxSetCurrent(out.get(ValueLayout.ADDRESS, 0)));
        require(cuModuleLoadData(out, arena.allocateFrom(ptx)));
        MemorySegment module = out.get(ValueLayout.ADDRESS, 0);
        require(cuModuleGetFunction(out, module, arena.allocateFrom("empty")));
        MemorySegment kernel = out.get(ValueLayout.ADDRESS, 0);
        double[] nanoseconds = new double[LAUNCHES];
        for (int round = 0; round < 2; round++) {
          for (int i = 0; i < LAUNCHES; i++) {
            long start = System.nanoTime();
            require(
                cuLaunchKernel(
                    kernel,
                    1,
                    1,
                    1,
                    32,
                    1,
                    1,
                    0,
                    MemorySegment.NULL,
                    MemorySegment.NULL,
                    MemorySegment.NULL));
            require(cuStreamSynchronize(MemorySegment.NULL));
            nanoseconds[i] = System.nanoTime() - start;
          }
        }
        print(
            "%-14s launch of an empty kernel %.1f us (asked: under 20)%n",
            checking.name, median(nanoseconds) / 1e3);
      }
      EmulatedDriver.close();
    }
  }

  private static EmulatorOptions options(Checking checking) {
    EmulatorOptions options = EmulatorOptions.defaults();
    return options.with(options.execution().with(checking.checkers).withWorkers(WORKERS));
  }

  private static void require(int status) {
    if (status != 0) {
      throw new IllegalStateException("status " + status + ": " + EmulatedDriver.explanation());
    }
  }

  /** Parses the kernels' text, again and again under other names, as one module. */
  private static void parse(String ptx) {
    int body = ptx.indexOf(".visible");
    StringBuilder text = new StringBuilder(ptx.substring(0, body));
    for (int i = 0; text.length() < PARSED_BYTES; i++) {
      text.append(
          ptx.substring(body)
              .replace("saxpy", "saxpy" + i)
              .replace("layer_norm", "layer_norm" + i)
              .replace("empty", "empty" + i));
    }
    String module = text.toString();
    double[] seconds = new double[3];
    for (int round = 0; round < seconds.length; round++) {
      long start = System.nanoTime();
      PtxModule parsed = PtxParser.parse("large.ptx", module);
      seconds[round] = (System.nanoTime() - start) / 1e9;
      print(
          "parsing %.1f MB, %d functions: %.2f s (asked: under 5)%n",
          module.length() / 1e6, parsed.functions().size(), seconds[round]);
    }
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = EmulatorBenchmark.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private static void print(String format, Object... values) {
    System.out.printf(Locale.ROOT, format, values);
  }
}
