package dev.culebra.emulator.driver;

import dev.culebra.emulator.memory.Allocation;
import dev.culebra.emulator.memory.DeviceMemory;
import dev.culebra.emulator.profile.DeviceProfile;

/**
 * What the driver does for the libraries that stand on it. Called from their functions, under
 * {@link LibraryStubs}.
 */
public final class LibraryWork {
  private final String name;
  private final Work work;
  private final Touched touched;

  /** Is told of stretches of memory. */
  public interface Stretches {
    void stretch(long address, long bytes);
  }

  /** Tells which bytes the work will read and write, when somebody asks. */
  public interface Touched {
    void tell(Stretches reads, Stretches writes);
  }

  /** What is done when the stream comes to it. */
  public interface Work {
    /**
     * @throws dev.culebra.emulator.memory.IllegalDeviceAddressException where memory is touched
     *     that is not there; the context then fails as for a kernel
     * @throws dev.culebra.emulator.memory.MisalignedDeviceAddressException likewise
     */
    void run(DeviceMemory memory);
  }

  /**
   * @param name for reports: the function's
   */
  public LibraryWork(String name, Work work, Touched touched) {
    this.name = name;
    this.work = work;
    this.touched = touched;
  }

  /**
   * Enqueues it.
   *
   * @param stream a handle, 0 for the default stream
   * @return whether there is such a stream in the calling thread's current context
   */
  public boolean submit(long stream) {
    try {
      Context context = Driver.get().context();
      context.stream(stream).submit(new LibraryCommand(name, touched, work));
      return true;
    } catch (DriverException e) {
      Driver.explain(name, e.getMessage());
      return false;
    }
  }

  /**
   * As {@link #submit}, and waits until it is done.
   *
   * @return whether there is such a stream, which is not being captured, and the work went well
   */
  public boolean submitAndWait(long stream) {
    try {
      Context context = Driver.get().context();
      Stream of = context.stream(stream);
      context.driver.captures.refuseCaptured(of, name);
      of.submit(new LibraryCommand(name, touched, work));
      context.driver.timeline.finish(of.last());
      return true;
    } catch (DriverException e) {
      Driver.explain(name, e.getMessage());
      return false;
    }
  }

  /** Whether the calling thread has a current context that has not failed. */
  public static boolean hasContext() {
    try {
      Driver.get().context();
      return true;
    } catch (DriverException e) {
      return false;
    }
  }

  /** Whether the calling thread's current context has a stream of that handle. */
  public static boolean isStream(long stream) {
    try {
      Driver.get().context().stream(stream);
      return true;
    } catch (DriverException e) {
      return false;
    }
  }

  /** Whether bytes of the host are pinned, so that the device can reach them later. */
  public static boolean pinned(long address, long bytes) {
    Allocation allocation = Driver.get().memory().find(address);
    return allocation != null && allocation.contains(address, bytes);
  }

  /** The device's memory. */
  public static DeviceMemory memory() {
    return Driver.get().memory();
  }

  /** The device that is emulated. */
  public static DeviceProfile profile() {
    return Driver.get().options.profile();
  }

  /** Notes why a function returns a status other than success. */
  public static void explain(String function, String reason) {
    Driver.explain(function, reason);
  }

  /** Notes a misuse that the checkers are to tell of. */
  public static void report(String message) {
    Driver.get().report(message);
  }
}
