package dev.culebra.emulator.count;

import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.culebra.emulator.CudaToolkit;
import dev.culebra.emulator.Emulator;
import dev.culebra.emulator.KernelArguments;
import dev.culebra.emulator.exec.Dim3;
import dev.culebra.emulator.exec.ExecutionOptions;
import dev.culebra.emulator.exec.ExecutionResult;
import dev.culebra.emulator.exec.Kernel;
import dev.culebra.emulator.exec.Launch;
import dev.culebra.emulator.exec.Program;
import dev.culebra.emulator.profile.DeviceProfile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A device that counts, with a program loaded. */
final class CountedKernels implements AutoCloseable {
  /** Who wrote the PTX of the kernels whose counters are known. */
  enum Source {
    BY_HAND,
    /** Skipped where there is no nvcc. */
    NVCC
  }

  private static final Map<String, String> COMPILED = new ConcurrentHashMap<>();

  private final Emulator emulator;
  private final Program program;

  CountedKernels(String ptx, ExecutionOptions options, DeviceProfile profile) {
    emulator = new Emulator(profile, options.withCounters(true), System.out);
    program = emulator.load("counted.ptx", ptx);
  }

  CountedKernels(Source source, ExecutionOptions options) {
    this(ptx(source), options, DeviceProfile.H100);
  }

  CountedKernels(Source source) {
    this(source, ExecutionOptions.checked());
  }

  /** A kernel called {@code kernel}, of this body. */
  static CountedKernels kernel(String parameters, String body) {
    return new CountedKernels(
        ".version 8.0\n.target sm_90\n.address_size 64\n.visible .entry kernel(%s)\n{\n%s\n}\n"
            .formatted(parameters, body),
        ExecutionOptions.checked(),
        DeviceProfile.H100);
  }

  static String ptx(Source source) {
    return source == Source.BY_HAND
        ? resource("counted.ptx")
        : COMPILED.computeIfAbsent("counted.cu", name -> compile(resource(name)));
  }

  private static String compile(String source) {
    try {
      return CudaToolkit.ptx(source, "-arch=compute_90", "-lineinfo");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String resource(String name) {
    try (InputStream in = CountedKernels.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Device memory of so many ints, all of them written. */
  long ints(int count) {
    long address = emulator.allocate(count * 4L, "ints");
    emulator.memory().copyIn(address, MemorySegment.ofArray(new int[count]));
    return address;
  }

  /** Device memory of so many ints that nobody wrote. */
  long unwritten(int count) {
    return emulator.allocate(count * 4L, "unwritten");
  }

  /** Runs a kernel that has to be clean. */
  LaunchCounters run(String name, Dim3 grid, Dim3 block, Object... arguments) {
    ExecutionResult result = launch(name, grid, block, arguments);
    if (!result.clean()) {
      throw new AssertionError(result.findings().toString());
    }
    assertNotNull(result.counters());
    return result.counters();
  }

  ExecutionResult launch(String name, Dim3 grid, Dim3 block, Object... arguments) {
    Kernel kernel = program.kernel(name);
    KernelArguments packed = new KernelArguments(kernel);
    for (Object argument : arguments) {
      switch (argument) {
        case Integer value -> packed.i32(value);
        case Long value -> packed.i64(value);
        case Float value -> packed.f32(value);
        default -> throw new IllegalArgumentException(argument.toString());
      }
    }
    return emulator.launch(new Launch(kernel, grid, block, 0, packed.bytes()));
  }

  LaunchCounters run(String name, int grid, int block, Object... arguments) {
    return run(name, new Dim3(grid), new Dim3(block), arguments);
  }

  @Override
  public void close() {
    emulator.close();
  }
}
