package dev.culebra.emulator.driver;

import dev.culebra.emulator.exec.Schedule;
import dev.culebra.emulator.memory.TouchedMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * Decides what runs when. Nothing does before something waits for it; then only what has to be done
 * first, in the order of its stream, or under the random schedule whatever can run, in any order.
 */
final class Timeline {
  /** How long a stream may wait for a value that only another thread can write. */
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final Driver driver;
  private final boolean checks;
  private final Hazards hazards;
  private final InFlightCopies inFlight;

  /** Null for the schedules that run what is needed and nothing else. */
  private final Random random;

  /** What the program has waited for. */
  private Clock waited = Clock.START;

  /** What kernels tell their accesses; null until somebody wants to know. */
  private TouchedMemory touched;

  private int streams;

  /** Since when queries have found nothing that could run; 0 where they have. */
  private long queriesInVain;

  Timeline(Driver driver) {
    this.driver = driver;
    checks = driver.checksHostApi();
    hazards = new Hazards(driver);
    inFlight = new InFlightCopies(driver);
    random =
        driver.options.execution().schedule() instanceof Schedule.Random(long seed)
            ? new Random(seed)
            : null;
  }

  /** What orders work under the random schedule; null under the others. */
  Random random() {
    return random;
  }

  /** The number of the next stream. */
  int newStream() {
    return streams++;
  }

  /**
   * What the next kernel is to tell its accesses; null while there is one stream alone, and no copy
   * in it whose source a kernel might write.
   */
  TouchedMemory touched() {
    if (!checks || streams < 2 && !inFlight.waits()) {
      return null;
    }
    if (touched == null) {
      touched = new TouchedMemory(driver.memory());
    }
    return touched;
  }

  /** Gives back what it took to watch. */
  void close() {
    if (touched != null) {
      touched.close();
    }
  }

  /** Puts a command at the end of a stream's queue. */
  Work enqueue(Stream stream, Command command, List<Work> after) {
    List<Work> predecessors = new ArrayList<>(after);
    addImplicitPredecessors(stream, predecessors);
    int position = stream.last() == null ? 1 : stream.last().position + 1;
    Clock clock = checks ? clock(stream, predecessors, position) : Clock.START;
    predecessors.removeIf(Work::done);
    Work work =
        new Work(
            stream,
            command,
            predecessors.toArray(Work[]::new),
            clock,
            position,
            checks ? CallSite.current() : null);
    stream.enqueue(work);
    BackgroundProgress.begin();
    if (checks) {
      inFlight.enqueued(work);
    }
    return work;
  }

  Work enqueue(Stream stream, Command command) {
    return enqueue(stream, command, List.of());
  }

  /** The legacy stream and the blocking streams of a context wait for each other. */
  private static void addImplicitPredecessors(Stream stream, List<Work> predecessors) {
    if (stream.legacy()) {
      for (Stream other : stream.context.streams) {
        if (other != stream && other.blocking() && other.last() != null) {
          predecessors.add(other.last());
        }
      }
    } else if (stream.blocking() && stream.context.legacy.last() != null) {
      predecessors.add(stream.context.legacy.last());
    }
  }

  private Clock clock(Stream stream, List<Work> predecessors, int position) {
    Clock clock = stream.last() == null ? waited : waited.merge(stream.last().clock);
    for (Work predecessor : predecessors) {
      clock = clock.merge(predecessor.clock);
    }
    return clock.with(stream.index(), position);
  }

  /**
   * Waits for work.
   *
   * @throws DriverException when its context has failed
   */
  void finish(Work target) {
    if (target == null) {
      return;
    }
    while (!target.done()) {
      step(target);
    }
    noteWaited(target);
    target.stream.context.requireUsable();
  }

  /** As {@link #finish(Work)}, without telling of failure. */
  void finishQuietly(Work target) {
    while (target != null && !target.done()) {
      step(target);
    }
  }

  /** Waits until a command of a running graph can run. */
  private void awaitReady(Command command, Context context) {
    long start = System.nanoTime();
    while (!command.ready(context)) {
      waitForOthers(true, start);
    }
  }

  /** Waits for all work of a stream. */
  void finish(Stream stream) {
    finish(stream.last());
    stream.context.requireUsable();
  }

  /** Waits for all work of a context. */
  void finishAll(Context context) {
    finishAllQuietly(context);
    context.requireUsable();
  }

  /** As {@link #finishAll}, without telling of failure. */
  void finishAllQuietly(Context context) {
    for (Stream stream : List.copyOf(context.streams)) {
      while (stream.head() != null) {
        step(stream.last());
      }
      if (stream.last() != null) {
        noteWaited(stream.last());
      }
    }
  }

  /**
   * Asks whether work is done, as a program does in a loop: what is not gets one step nearer.
   *
   * @return true when it was done when asked
   */
  boolean query(Work work) {
    if (work == null || work.done()) {
      if (work != null) {
        noteWaited(work);
        work.stream.context.requireUsable();
      }
      return true;
    }
    stepWithoutWaiting(work);
    work.stream.context.requireUsable();
    return false;
  }

  /** Does one piece of work that the target needs; what may wait for the caller, beside it. */
  private void stepWithoutWaiting(Work target) {
    Work next = next(target);
    if (next == null || next.running()) {
      if (queriesInVain == 0) {
        queriesInVain = System.nanoTime();
      }
      try {
        waitForOthers(next == null && !anyRunning(), queriesInVain);
      } catch (DeviceFault fault) {
        target.stream.context.fail(fault.status());
      }
      return;
    }
    queriesInVain = 0;
    if (next.command().mayWaitForProgram()) {
      BackgroundWork.begin(
          () -> {
            if (!next.done() && !next.running()) {
              run(next);
            }
          });
    } else {
      run(next);
    }
  }

  private void noteWaited(Work work) {
    if (checks) {
      waited = waited.merge(work.clock);
      hazards.forget(this::beforeAllToCome);
    }
  }

  /** Whether work happens before all that is queued and all that will be. */
  private boolean beforeAllToCome(Work work) {
    if (!waited.includes(work)) {
      return false;
    }
    for (Context context : driver.contexts) {
      for (Stream stream : context.streams) {
        Work head = stream.head();
        if (head != null && !head.clock.includes(work)) {
          return false;
        }
      }
    }
    return true;
  }

  /** Does one piece of work that the target needs, or under the random schedule any. */
  private void step(Work target) {
    try {
      doStep(target);
    } catch (DeviceFault fault) {
      target.stream.context.fail(fault.status());
    }
  }

  private void doStep(Work target) {
    long start = System.nanoTime();
    while (!target.done()) {
      Work next = next(target);
      if (next != null && !next.running()) {
        run(next);
        return;
      }
      waitForOthers(next == null && !anyRunning(), start);
    }
  }

  /** What to do for the target, or under the random schedule what comes; null for nothing. */
  private Work next(Work target) {
    Work next = random == null ? needed(target) : any();
    return next == null ? any() : next;
  }

  /** Whether another thread is inside a function of the program that a stream called. */
  private boolean anyRunning() {
    for (Context context : driver.contexts) {
      for (Stream stream : context.streams) {
        Work head = stream.head();
        if (head != null && head.running()) {
          return true;
        }
      }
    }
    return false;
  }

  /** What has to be done first; null when that waits for a value in memory. */
  private Work needed(Work target) {
    Work next = target;
    while (true) {
      Work blocker = next.blocker();
      if (blocker == null) {
        Work head = next.stream.head();
        blocker = head == next ? null : head;
      }
      if (blocker == null) {
        return next.running() || next.command().ready(next.stream.context) ? next : null;
      }
      next = blocker;
    }
  }

  /** Whether anything can run now beside what does: one kernel at a time. */
  boolean canRunBeside() {
    return !candidates(KernelCommand.running() == null).isEmpty();
  }

  /** Does the first piece of work that can run beside what does, in the name of nobody. */
  void runBeside() {
    List<Work> candidates = candidates(KernelCommand.running() == null);
    if (!candidates.isEmpty()) {
      run(candidates.getFirst());
    }
  }

  /** Any work that can run, the first or a random one; null where none can. */
  private Work any() {
    List<Work> candidates = candidates(true);
    if (candidates.isEmpty()) {
      return null;
    }
    return candidates.get(random == null ? 0 : random.nextInt(candidates.size()));
  }

  private List<Work> candidates(boolean kernels) {
    List<Work> candidates = new ArrayList<>();
    for (Context context : driver.contexts) {
      for (Stream stream : context.streams) {
        Work head = stream.head();
        if (head != null
            && !head.running()
            && head.blocker() == null
            && (kernels || !head.command().runsKernels())
            && head.command().ready(context)) {
          candidates.add(head);
        }
      }
    }
    return candidates;
  }

  /** Lets other threads of the program go on: one has to write a value, or to end a function. */
  private void waitForOthers(boolean inVain, long start) {
    if (inVain && System.nanoTime() - start > PATIENCE_NANOS) {
      driver.report("a stream waits for a value in memory that nothing writes");
      throw new DeviceFault(Status.LAUNCH_TIMEOUT, "a stream waited in vain for a value in memory");
    }
    int held = Driver.unlock();
    try {
      Thread.sleep(1);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      Driver.lock(held);
    }
  }

  /**
   * Does one command, of a stream or of a graph.
   *
   * @param accesses is told what it touches
   */
  void perform(Command command, Context context, AccessSet.Builder accesses) {
    if (command instanceof GraphCommand graph) {
      graph.run(context, accesses);
      return;
    }
    awaitReady(command, context);
    if (checks) {
      command.accesses(context, accesses::add);
    }
    if (command instanceof KernelCommand kernel) {
      runKernel(kernel, context, accesses);
      return;
    }
    command.run(context);
    if (checks) {
      inFlight.finished(command, context);
    }
  }

  /** Flags in memory of the host are no conflict: they are what orders others. */
  private void runKernel(KernelCommand kernel, Context context, AccessSet.Builder accesses) {
    List<MemoryAccess> writtenOfHost = new ArrayList<>();
    try {
      kernel.run(
          context,
          (touch, at, bytes) -> {
            MemoryAccess access = new MemoryAccess(at, bytes, touch);
            boolean device = driver.memory().isDevice(at);
            if (device || touch != TouchedMemory.Touch.ATOMIC) {
              accesses.add(access);
            }
            if (!device && access.write()) {
              writtenOfHost.add(access);
            }
          });
    } finally {
      inFlight.written(writtenOfHost);
    }
  }

  /** Looks for nodes of a graph that touch the same memory, though neither waits for the other. */
  void checkGraph(GraphPlan plan, AccessSet[] byPlace) {
    if (checks) {
      hazards.checkGraph(plan, byPlace);
    }
  }

  private void run(Work work) {
    Context context = work.stream.context;
    Command command = work.command();
    work.start();
    if (checks) {
      inFlight.starting(work);
    }
    AccessSet.Builder accesses = new AccessSet.Builder();
    try {
      perform(command, context, accesses);
      work.finish();
      if (work.stream.destroyed() && work.stream.head() == null) {
        context.streams.remove(work.stream);
      }
    } catch (DeviceFault fault) {
      driver.options.log().println(fault.getMessage());
      context.fail(fault.status());
    } catch (RuntimeException | Error e) {
      // A fault of the emulator's own: whoever waits is told, and nothing waits for ever.
      context.fail(Status.UNKNOWN);
      throw e;
    } finally {
      if (checks) {
        hazards.add(work, command.nodeType(), accesses.build());
      }
    }
  }
}
