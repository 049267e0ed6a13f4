package dev.culebra.emulator.driver;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A context: what was made in it lives as long as it does. A fault of a kernel ends its use, and
 * that of all contexts but for an assertion.
 */
final class Context implements HandleTable.Resource {
  final Driver driver;
  final long handle;
  final long id;
  final boolean primary;
  final Limits limits;
  final Set<Stream> streams = new LinkedHashSet<>();

  /** The stream 0 that blocking streams wait for and that waits for them. */
  final Stream legacy;

  /** Streams 0 of threads that asked for their own. */
  private final Map<ThreadState, Stream> ofThreads = new HashMap<>();

  /** Modules, libraries, events, allocations: everything that ends with the context. */
  private final Set<ContextResource> resources = new LinkedHashSet<>();

  int flags;
  int cacheConfig;
  private Status failure;
  private boolean destroyed;

  /** What a context takes with it when it goes. */
  interface ContextResource {
    /** "4096 bytes of device memory, allocated at ..."; null for what may be left behind. */
    String leak();

    void release();
  }

  /**
   * Creates one.
   *
   * @throws DriverException where a fault has ended the use of the device for this process
   */
  Context(Driver driver, boolean primary, int flags) {
    driver.requireWorking();
    this.driver = driver;
    this.primary = primary;
    this.flags = flags;
    id = driver.newId();
    handle = driver.handles.add(this);
    limits = new Limits(driver.options.profile());
    legacy = Stream.ofContext(this, Stream.LEGACY, true);
    driver.contexts.add(this);
  }

  @Override
  public String what() {
    return "context";
  }

  boolean destroyed() {
    return destroyed;
  }

  void requireAlive() {
    if (destroyed) {
      throw driver.misuse(Status.CONTEXT_IS_DESTROYED, "the current context was destroyed");
    }
  }

  /** Ends with the status of the first fault, of this call or an earlier one. */
  void requireUsable() {
    requireAlive();
    driver.requireWorking();
    if (failure != null) {
      throw failure.because("an earlier kernel or copy failed; only a new context helps");
    }
  }

  boolean failed() {
    return failure != null || driver.failure() != null;
  }

  /** Makes every later call fail. What is still queued will never run. */
  void fail(Status status) {
    if (failure == null) {
      failure = status;
    }
    for (Stream stream : streams) {
      stream.abandon();
    }
    if (status.endsProcess()) {
      driver.fail(status);
    }
  }

  /** The calling thread's own stream 0. */
  Stream ofThread(ThreadState thread) {
    return ofThreads.computeIfAbsent(
        thread, key -> Stream.ofContext(this, Stream.PER_THREAD, true));
  }

  /** The stream that a handle names in this context, 0 and the other two special ones included. */
  Stream stream(long streamHandle) {
    ThreadState thread = driver.thread();
    if (streamHandle == 0) {
      return thread.perThreadDefaultStream ? ofThread(thread) : legacy;
    }
    if (streamHandle == Stream.LEGACY) {
      return legacy;
    }
    if (streamHandle == Stream.PER_THREAD) {
      return ofThread(thread);
    }
    return driver.resource(streamHandle, Stream.class, "stream");
  }

  void own(ContextResource resource) {
    resources.add(resource);
  }

  void disown(ContextResource resource) {
    resources.remove(resource);
  }

  /** Waits for everything, reports what was left behind, and gives it back. */
  void destroy() {
    if (destroyed) {
      return;
    }
    driver.captures.endAllOf(this);
    if (!failed()) {
      driver.timeline.finishAllQuietly(this);
    }
    if (!failed() && driver.checksHostApi()) {
      reportLeaks();
    }
    for (ContextResource resource : List.copyOf(resources)) {
      resource.release();
    }
    resources.clear();
    for (Stream stream : List.copyOf(streams)) {
      stream.release();
    }
    destroyed = true;
    driver.handles.free(handle);
    driver.contexts.remove(this);
  }

  private void reportLeaks() {
    for (ContextResource resource : resources) {
      String leak = resource.leak();
      if (leak != null) {
        driver.reportLeak(leak);
      }
    }
    for (Stream stream : streams) {
      if (!stream.special()) {
        driver.reportLeak("a stream, created at " + stream.site());
      }
    }
  }
}
