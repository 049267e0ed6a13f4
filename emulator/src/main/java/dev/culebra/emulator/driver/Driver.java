package dev.culebra.emulator.driver;

import dev.culebra.emulator.check.Checker;
import dev.culebra.emulator.check.Finding;
import dev.culebra.emulator.count.LaunchCounters;
import dev.culebra.emulator.exec.Executor;
import dev.culebra.emulator.memory.DeviceMemory;
import java.io.PrintStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The state behind the driver's functions: one process's view of one device. All calls are under
 * one lock, which is let go while a kernel or a function of the program runs.
 */
final class Driver implements AutoCloseable {
  /** Held by every call, but for {@link #unlock}. */
  static final ReentrantLock LOCK = new ReentrantLock();

  /** Launches whose counters are kept. */
  private static final int MOST_COUNTED = 10_000;

  private static Driver current;
  private static long calls;

  final EmulatorOptions options;
  final HandleTable handles = new HandleTable();
  final Timeline timeline;
  final HostBlocks hostBlocks;
  final Captures captures = new Captures();
  final Set<Context> contexts = new LinkedHashSet<>();
  final DeviceBlocks deviceBlocks = new DeviceBlocks(this);
  final MemoryPools pools = new MemoryPools(this);
  final VirtualMemory virtualMemory = new VirtualMemory(this);
  final PrimaryContext primaryContext = new PrimaryContext(this);

  private final List<Finding> findings = new ArrayList<>();
  private final Set<Object> told = new HashSet<>();
  private final Deque<LaunchCounters> counters = new ArrayDeque<>();
  private final Set<String> unsupported = new TreeSet<>();
  private final DeviceMemory memory;
  private final Executor executor;
  private final Set<Library> libraries = new LinkedHashSet<>();
  private boolean initialised;
  private Status failure;
  private long nextId = 1;

  Driver(EmulatorOptions options) {
    this.options = options;
    long bytes =
        options.memoryBytes() == 0 ? options.profile().memoryBytes() : options.memoryBytes();
    memory = new DeviceMemory(bytes);
    hostBlocks = new HostBlocks(memory);
    timeline = new Timeline(this);
    executor = new Executor(memory, options.profile(), options.execution(), options.deviceOutput());
  }

  /**
   * Lets other threads call.
   *
   * @return what {@link #lock} is to be given
   */
  static int unlock() {
    int held = LOCK.getHoldCount();
    for (int i = 0; i < held; i++) {
      LOCK.unlock();
    }
    return held;
  }

  /** Goes on where {@link #unlock} left off. */
  static void lock(int held) {
    for (int i = 0; i < held; i++) {
      LOCK.lock();
    }
  }

  /** The one that calls go to. */
  static Driver get() {
    if (current == null) {
      current = new Driver(EmulatorOptions.ofSystemProperties());
    }
    return current;
  }

  /** As {@link #get}, without making one. */
  static Driver currentOrNull() {
    return current;
  }

  /** Notes a call from native code. */
  static void noteCall() {
    calls++;
  }

  /** How many calls there were, of all drivers. */
  static long calls() {
    return calls;
  }

  /** Puts a new one in place. */
  static void begin(EmulatorOptions options) {
    current = new Driver(options);
  }

  /** Closes the one that is there, if any, and tells what it found. */
  static List<Finding> end() {
    Driver ended = current;
    if (ended == null) {
      return List.of();
    }
    try {
      ended.close(); // waits for its work, which may call: none of that is to make another device
    } finally {
      current = null;
    }
    return ended.findings();
  }

  /** Where to tell what went wrong inside the emulator itself. */
  static PrintStream log() {
    return current == null ? System.err : current.options.log();
  }

  /** Notes why a function does not return success. */
  static void explain(String function, String reason) {
    if (current != null) {
      current.thread().explanation = function + ": " + reason;
    }
  }

  void initialise() {
    initialised = true;
  }

  /** Refuses calls before cuInit, and all calls of functions that a stream calls. */
  void requireInitialised() {
    if (!initialised) {
      throw Status.NOT_INITIALIZED.because("cuInit was not called");
    }
    if (thread().insideHostFunction) {
      throw misuse(
          Status.NOT_PERMITTED, "a function called by a stream must not call the driver itself");
    }
  }

  /** Why the device can't be used any more; null while it can. */
  Status failure() {
    return failure;
  }

  /** Ends with the status of the fault that broke the process. */
  void requireWorking() {
    if (failure != null) {
      throw failure.because("an earlier kernel or copy failed, which only a new process gets over");
    }
  }

  /** Makes all contexts fail, those to come too, as a device does that its process has broken. */
  void fail(Status status) {
    if (failure == null) {
      failure = status;
      contexts.forEach(context -> context.fail(status));
    }
  }

  DeviceMemory memory() {
    return memory;
  }

  Executor executor() {
    return executor;
  }

  /** A number that nothing else of this driver has: ids of contexts, streams, buffers. */
  long newId() {
    return nextId++;
  }

  ThreadState thread() {
    return ThreadState.of(this);
  }

  /**
   * The context that is current for the calling thread, fit for use.
   *
   * @throws DriverException where there is none, or where it has failed
   */
  Context context() {
    Context context = currentContext();
    context.requireUsable();
    return context;
  }

  /**
   * The context that is current for the calling thread, failed or not.
   *
   * @throws DriverException where there is none, or where it was destroyed
   */
  Context currentContext() {
    requireInitialised();
    Context context = thread().contexts.peek();
    if (context == null) {
      throw Status.INVALID_CONTEXT.because("no context is current for this thread");
    }
    context.requireAlive();
    return context;
  }

  /** What a handle stands for; anything else is an invalid handle. */
  <T extends HandleTable.Resource> T resource(long handle, Class<T> type, String what) {
    T resource = handles.find(handle, type);
    if (resource == null) {
      String message = "expected a " + what + ", got " + handles.describe(handle);
      throw handle == 0
          ? Status.INVALID_HANDLE.because(message)
          : misuse(Status.INVALID_HANDLE, message);
    }
    return resource;
  }

  /** As {@link #context}, for calls that an ongoing capture may forbid. */
  Context contextForUnsafeCall(String what) {
    Context context = context();
    captures.refuseUnsafe(this, what);
    return context;
  }

  void own(Library library) {
    libraries.add(library);
  }

  void disown(Library library) {
    libraries.remove(library);
  }

  boolean checksHostApi() {
    return options.execution().checkers().contains(Checker.HOST_API);
  }

  /** Notes a misuse of the driver's functions, and gives the exception that ends the call. */
  DriverException misuse(Status status, String message) {
    report(message + " (" + status.cName() + ")");
    return status.because(message);
  }

  /** Notes a misuse of the driver's functions that the driver itself lets pass. */
  void report(String message) {
    if (checksHostApi()) {
      report(hostFinding(message + ", called from " + CallSite.current()));
    }
  }

  static Finding hostFinding(String message) {
    return new Finding(Checker.HOST_API, null, null, null, null, null, null, message);
  }

  /** Notes a finding; the same one again, of a later launch or call, is not told twice. */
  void report(Finding finding) {
    Object same =
        finding.kernel() == null
            ? finding
            : List.of(finding.checker(), finding.kernel(), String.valueOf(finding.position()));
    if (told.add(same)) {
      findings.add(finding);
      options.log().println(finding);
    }
  }

  /** Notes what a launch did. */
  void report(LaunchCounters launch) {
    if (counters.size() == MOST_COUNTED) {
      counters.remove();
    }
    counters.add(launch);
    options.log().println(launch);
  }

  List<LaunchCounters> counters() {
    return List.copyOf(counters);
  }

  /** Notes something that was left behind; each is one of its own. */
  void reportLeak(String what) {
    Finding finding = hostFinding("leak: " + what);
    findings.add(finding);
    options.log().println(finding);
  }

  List<Finding> findings() {
    return List.copyOf(findings);
  }

  void clearFindings() {
    told.clear();
    findings.clear();
  }

  /** Says once what is not emulated. */
  void noteUnsupported(String name, String message) {
    if (unsupported.add(name)) {
      options.log().println(message);
    }
  }

  Set<String> unsupported() {
    return Set.copyOf(unsupported);
  }

  /** Reports what the program left behind, and gives all of it back. */
  @Override
  public void close() {
    for (Context context : List.copyOf(contexts)) {
      context.destroy();
    }
    List.copyOf(libraries).forEach(Library::unload);
    virtualMemory.close();
    hostBlocks.close();
    executor.close();
    timeline.close();
    memory.close();
  }
}
