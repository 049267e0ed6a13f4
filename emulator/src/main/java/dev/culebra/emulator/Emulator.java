package dev.culebra.emulator;

import dev.culebra.emulator.exec.ExecutionOptions;
import dev.culebra.emulator.exec.ExecutionResult;
import dev.culebra.emulator.exec.Executor;
import dev.culebra.emulator.exec.Launch;
import dev.culebra.emulator.exec.Program;
import dev.culebra.emulator.memory.DeviceMemory;
import dev.culebra.emulator.profile.DeviceProfile;
import dev.culebra.emulator.ptx.PtxParser;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * An emulated device for running kernels alone, without the driver's functions: load PTX, allocate,
 * launch, read the findings.
 *
 * <pre>{@code
 * try (Emulator emulator = new Emulator(DeviceProfile.H100, ExecutionOptions.checked(), System.out)) {
 *   Program program = emulator.load(Path.of("saxpy.ptx"));
 *   long x = emulator.allocate(4096, "x");
 *   emulator.memory().copyIn(x, values);
 *   byte[] arguments = new KernelArguments(program.kernel("saxpy")).i32(1024).f32(2).address(x).bytes();
 *   ExecutionResult result = emulator.launch(
 *       new Launch(program.kernel("saxpy"), new Dim3(4), new Dim3(256), 0, arguments));
 * }
 * }</pre>
 */
public final class Emulator implements AutoCloseable {
  private final DeviceProfile profile;
  private final DeviceMemory memory;
  private final Executor executor;
  private final List<Program> programs = new ArrayList<>();

  /**
   * @param deviceOutput where what kernels print goes
   */
  public Emulator(DeviceProfile profile, ExecutionOptions options, PrintStream deviceOutput) {
    this.profile = profile;
    memory = new DeviceMemory(profile.memoryBytes());
    executor = new Executor(memory, profile, options, deviceOutput);
  }

  /**
   * Loads a file of PTX.
   *
   * @throws dev.culebra.emulator.ptx.PtxException when it is not well formed
   */
  public Program load(Path ptx) throws IOException {
    return load(ptx.getFileName().toString(), Files.readString(ptx));
  }

  /**
   * Loads PTX.
   *
   * @param name what messages call it
   * @throws dev.culebra.emulator.ptx.PtxException when it is not well formed
   */
  public Program load(String name, String ptx) {
    Program program = Program.load(PtxParser.parse(name, ptx), memory, profile);
    programs.add(program);
    return program;
  }

  /**
   * Allocates device memory, which holds no value yet.
   *
   * @param label what findings call it
   * @return its device address
   */
  public long allocate(long bytes, String label) {
    return memory.allocate(bytes, label);
  }

  public DeviceMemory memory() {
    return memory;
  }

  public DeviceProfile profile() {
    return profile;
  }

  /**
   * Runs a kernel to its end.
   *
   * @throws dev.culebra.emulator.exec.UnsupportedPtxException before it starts, when something in
   *     it is not emulated
   */
  public ExecutionResult launch(Launch launch) {
    return executor.run(launch);
  }

  @Override
  public void close() {
    programs.forEach(Program::close);
    executor.close();
    memory.close();
  }
}
