package dev.culebra.emulator.driver;

import dev.culebra.emulator.check.Finding;
import dev.culebra.emulator.count.LaunchCounters;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * The emulated device from the outside: what stands behind the driver's functions, and what was
 * found while they were used. The functions themselves stay bound for the life of the JVM.
 */
public final class EmulatedDriver {
  private EmulatedDriver() {}

  /**
   * Puts a new device in place, as if the process had just begun: nothing is initialised, allocated
   * or found. Handles and addresses of the old one are of no use any more.
   */
  public static void reset(EmulatorOptions options) {
    Driver.LOCK.lock();
    try {
      Driver.end();
      Driver.begin(options);
    } finally {
      Driver.LOCK.unlock();
    }
  }

  /**
   * Ends the device: waits for all work, reports what was left behind, gives its memory back.
   *
   * @return all findings since it was put in place
   */
  public static List<Finding> close() {
    Driver.LOCK.lock();
    try {
      return Driver.end();
    } finally {
      Driver.LOCK.unlock();
    }
  }

  /** What the checkers found so far, in the order in which it was found. */
  public static List<Finding> findings() {
    return underLock(Driver::findings);
  }

  /** Forgets the findings so far, and returns them. */
  public static List<Finding> takeFindings() {
    return underLock(
        driver -> {
          List<Finding> findings = driver.findings();
          driver.clearFindings();
          return findings;
        });
  }

  /**
   * What kernels did, in the order in which they ran, where {@link
   * dev.culebra.emulator.exec.ExecutionOptions#counters} asks for it: of the last 10,000 launches
   * that ran to their end. What is still enqueued has not run yet; products of cuBLAS are no
   * kernels here.
   */
  public static List<LaunchCounters> counters() {
    return underLock(Driver::counters);
  }

  /** Functions that were called, and instructions that were met, though they are not emulated. */
  public static Set<String> unsupported() {
    return underLock(Driver::unsupported);
  }

  /** Names of the driver's functions that only say CUDA_ERROR_NOT_SUPPORTED. */
  public static Set<String> unsupportedFunctions() {
    return DriverStubs.TABLE.unsupported();
  }

  /**
   * Why the last call of the calling thread that did not return CUDA_SUCCESS did not; an empty text
   * where there was none.
   */
  public static String explanation() {
    return underLock(driver -> driver.thread().explanation);
  }

  /** The options of the device that stands there now. */
  public static EmulatorOptions options() {
    return underLock(driver -> driver.options);
  }

  private static <T> T underLock(Function<Driver, T> call) {
    Driver.LOCK.lock();
    try {
      return call.apply(Driver.get());
    } finally {
      Driver.LOCK.unlock();
    }
  }
}
