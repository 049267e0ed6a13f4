package dev.culebra.emulator.driver;

import dev.culebra.emulator.exec.ExecutionResult;
import dev.culebra.emulator.exec.KernelFault;
import dev.culebra.emulator.exec.Launch;
import dev.culebra.emulator.exec.UnsupportedPtxException;
import dev.culebra.emulator.memory.HostMemory;
import dev.culebra.emulator.memory.OutOfDeviceMemoryException;
import java.lang.foreign.MemorySegment;

/** Runs a kernel. */
record KernelCommand(DeviceFunction function, Launch launch, StreamAttributes attributes)
    implements Command {
  @Override
  public void run(Context context) {
    Driver driver = context.driver;
    ExecutionResult result = execute(driver);
    result.findings().forEach(driver::report);
    if (result.counters() != null) {
      driver.report(result.counters());
    }
    if (result.fault() != null) {
      Status status = status(result.fault());
      throw new DeviceFault(status, "kernel " + function.kernel.name() + ": " + status.text());
    }
  }

  /** What is called by address is looked at only when it is called. */
  private ExecutionResult execute(Driver driver) {
    try {
      return driver.executor().run(launch, driver.timeline.touched());
    } catch (UnsupportedPtxException e) {
      driver.noteUnsupported(e.getMessage(), function.kernel.name() + ": " + e.getMessage());
      throw new DeviceFault(Status.NOT_SUPPORTED, e.getMessage());
    } catch (OutOfDeviceMemoryException e) {
      throw new DeviceFault(Status.OUT_OF_MEMORY, function.kernel.name() + ": " + e.getMessage());
    }
  }

  private static Status status(KernelFault fault) {
    return switch (fault) {
      case ILLEGAL_ADDRESS -> Status.ILLEGAL_ADDRESS;
      case MISALIGNED_ADDRESS -> Status.MISALIGNED_ADDRESS;
      case INVALID_ADDRESS_SPACE -> Status.INVALID_ADDRESS_SPACE;
      case ILLEGAL_INSTRUCTION -> Status.ILLEGAL_INSTRUCTION;
      case INVALID_PC -> Status.INVALID_PC;
      case ASSERT -> Status.ASSERT;
      case TRAP, CHECKER -> Status.LAUNCH_FAILED;
      case DEADLOCK, TIMEOUT -> Status.LAUNCH_TIMEOUT;
    };
  }

  @Override
  public NodeType nodeType() {
    return NodeType.KERNEL;
  }

  /** Whether it was given an address in memory of the host. */
  @Override
  public boolean mayWriteHostMemory(Context context) {
    MemorySegment parameters = MemorySegment.ofArray(launch.parameters());
    for (long at = 0; at + Long.BYTES <= parameters.byteSize(); at += Long.BYTES) {
      if (context.driver.hostBlocks.holding(parameters.get(HostMemory.LONG, at)) != null) {
        return true;
      }
    }
    return false;
  }
}
