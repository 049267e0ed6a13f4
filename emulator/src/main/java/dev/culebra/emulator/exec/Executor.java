package dev.culebra.emulator.exec;

import dev.culebra.emulator.check.Checker;
import dev.culebra.emulator.memory.DeviceMemory;
import dev.culebra.emulator.memory.Footprint;
import dev.culebra.emulator.memory.TouchedMemory;
import dev.culebra.emulator.profile.DeviceProfile;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Runs kernels, one launch at a time, on threads of its own and the caller's. */
public final class Executor implements AutoCloseable {
  private static final int PARAMETER_BYTES = 1 << 16;
  private static final int WORKSPACE_BYTES = 4096;

  private final DeviceMemory memory;
  private final DeviceProfile profile;
  private final ExecutionOptions options;
  private final PrintStream deviceOutput;
  private final DeviceOutput output = new DeviceOutput();
  private final Arena arena = Arena.ofShared();
  private final MemorySegment parameters;
  private final WorkerPool workers;
  private final GlobalHistory history = new GlobalHistory();
  private long launches;
  private long workspace;
  private Footprint footprint;

  /**
   * @param deviceOutput where what kernels print goes, at the end of each launch
   */
  public Executor(
      DeviceMemory memory,
      DeviceProfile profile,
      ExecutionOptions options,
      PrintStream deviceOutput) {
    this.memory = memory;
    this.profile = profile;
    this.options = options;
    this.deviceOutput = deviceOutput;
    parameters = arena.allocate(PARAMETER_BYTES, DeviceMemory.ALIGNMENT);
    workers = new WorkerPool(options.workers());
  }

  /**
   * Runs a kernel to its end.
   *
   * @throws UnsupportedPtxException before it starts, when it can't be emulated; when what it calls
   *     by address can't, before that starts
   * @throws IllegalArgumentException when the launch does not fit the kernel or the device
   */
  public ExecutionResult run(Launch launch) {
    return run(launch, null);
  }

  /**
   * As {@link #run(Launch)}.
   *
   * @param touched is told which global memory the launch touches; null where nobody asks
   */
  public synchronized ExecutionResult run(Launch launch, TouchedMemory touched) {
    launch.kernel().requireSupported();
    LaunchLimits.check(launch, profile, PARAMETER_BYTES);
    MemorySegment.copy(
        MemorySegment.ofArray(launch.parameters()), 0, parameters, 0, launch.parameters().length);
    Grid grid =
        new Grid(
            launch,
            options,
            memory,
            profile,
            ++launches,
            parameters.address(),
            launch.cooperative() ? workspace() : 0,
            output,
            touched,
            options.counters() ? new LaunchCount(footprint()) : null,
            history);
    if (!options.checkers().contains(Checker.INITIALISED)) {
      memory.assumeWritten();
    }
    history.begin(grid.blocks());
    workers.run(grid);
    output.flush(deviceOutput);
    return grid.result();
  }

  /** Memory in which the blocks of a cooperative launch count one another. */
  private long workspace() {
    if (workspace == 0) {
      workspace = memory.allocate(WORKSPACE_BYTES, "workspace of cooperative launches");
    }
    memory.fill(workspace, 0, 1, WORKSPACE_BYTES);
    return workspace;
  }

  private Footprint footprint() {
    if (footprint == null) {
      footprint = new Footprint(memory);
    }
    return footprint;
  }

  @Override
  public synchronized void close() {
    workers.close();
    if (footprint != null) {
      footprint.close();
    }
    if (arena.scope().isAlive()) {
      if (workspace != 0) {
        memory.free(workspace);
      }
      arena.close();
    }
  }
}
