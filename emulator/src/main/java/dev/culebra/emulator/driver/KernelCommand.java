package dev.culebra.emulator.driver;

import dev.culebra.emulator.exec.ExecutionResult;
import dev.culebra.emulator.exec.KernelFault;
import dev.culebra.emulator.exec.Launch;
import dev.culebra.emulator.exec.UnsupportedPtxException;
import dev.culebra.emulator.memory.OutOfDeviceMemoryException;
import dev.culebra.emulator.memory.TouchedMemory;
import java.util.concurrent.locks.ReentrantLock;

/** Runs a kernel. */
record KernelCommand(DeviceFunction function, Launch launch, StreamAttributes attributes)
    implements Command {
  /** One kernel runs at a time. Nobody waits for this with {@link Driver#LOCK} in hand. */
  private static final ReentrantLock KERNEL = new ReentrantLock();

  /** The launch that runs now; null for none. */
  private static volatile Launch running;

  @Override
  public void run(Context context) {
    run(context, (touch, address, bytes) -> {});
  }

  /**
   * As {@link #run(Context)}, telling what memory it touches where that is watched. Other threads
   * may use the driver meanwhile: the kernel may wait for what they do.
   */
  void run(Context context, TouchedMemory.Visitor touches) {
    Driver driver = context.driver;
    TouchedMemory touched = driver.timeline.touched();
    int held = Driver.unlock();
    KERNEL.lock();
    try {
      ExecutionResult result;
      try {
        running = launch;
        result = driver.executor().run(launch, touched);
      } finally {
        running = null;
        Driver.lock(held);
        if (touched != null) {
          touched.drain(touches);
        }
      }
      judge(driver, result);
    } catch (UnsupportedPtxException e) {
      driver.noteUnsupported(e.getMessage(), function.kernel.name() + ": " + e.getMessage());
      throw new DeviceFault(Status.NOT_SUPPORTED, e.getMessage());
    } catch (OutOfDeviceMemoryException e) {
      throw new DeviceFault(Status.OUT_OF_MEMORY, function.kernel.name() + ": " + e.getMessage());
    } finally {
      KERNEL.unlock();
    }
  }

  /** The launch that runs now; null for none. */
  static Launch running() {
    return running;
  }

  private void judge(Driver driver, ExecutionResult result) {
    result.findings().forEach(driver::report);
    if (result.counters() != null) {
      driver.report(result.counters());
    }
    if (result.fault() != null) {
      Status status = status(result.fault());
      throw new DeviceFault(status, "kernel " + function.kernel.name() + ": " + status.text());
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
  public boolean runsKernels() {
    return true;
  }

  @Override
  public NodeType nodeType() {
    return NodeType.KERNEL;
  }
}
