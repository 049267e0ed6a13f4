package dev.culebra.emulator.exec;

import dev.culebra.emulator.memory.DeviceMemory;
import dev.culebra.emulator.profile.DeviceProfile;
import java.io.PrintStream;

/** Runs kernels, one launch at a time, on threads of its own. */
public final class Executor implements AutoCloseable {
  /**
   * @param deviceOutput where what kernels print goes, at the end of each launch
   */
  public Executor(
      DeviceMemory memory,
      DeviceProfile profile,
      ExecutionOptions options,
      PrintStream deviceOutput) {}

  /**
   * Runs a kernel to its end.
   *
   * @throws UnsupportedPtxException before it starts, when it can't be emulated
   * @throws IllegalArgumentException when the launch does not fit the kernel or the device
   */
  public synchronized ExecutionResult run(Launch launch) {
    throw new UnsupportedPtxException("nothing is emulated yet");
  }

  @Override
  public void close() {}
}
