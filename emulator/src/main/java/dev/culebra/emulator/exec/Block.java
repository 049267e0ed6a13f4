package dev.culebra.emulator.exec;

import dev.culebra.emulator.check.Checker;
import dev.culebra.emulator.check.Finding;
import dev.culebra.emulator.memory.LocalMemory;
import dev.culebra.emulator.memory.SharedMemory;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * A block of threads while it runs: all its state, so that a worker can leave it and come back.
 * When it is done, it serves for another of the same launch, or of one of the same shape.
 */
final class Block implements AutoCloseable {
  /** How many named barriers there are. */
  static final int BARRIERS = 16;

  /** Instructions that a warp executes before the next has its turn. */
  private static final long TURN = 4096;

  private static final int MOST_RANDOM_INSTRUCTIONS = 48;

  /** A copy that may be done is, once in so many turns of a random schedule. */
  private static final int COPY_CHANCE = 4;

  /** How often all threads may wait for mbarriers in vain. */
  private static final int MOST_IDLE_ROUNDS = 10_000;

  /** How often programs poll in vain before a late copy is done. */
  private static final int PATIENT_POLLS = 16;

  final NamedBarrier[] barriers = new NamedBarrier[BARRIERS];

  /** By their addresses in shared memory. */
  final Map<Integer, Mbarrier> mbarriers = new HashMap<>();

  /** How often its threads have been ordered among one another. */
  long epoch;

  /** Whether a thread has looked for what others do since this was last asked. */
  boolean polled;

  /** Instructions that polling cost, though none was executed, since this was last asked. */
  long waited;

  final BlockCounters counters = new BlockCounters();
  final SharedMemory shared;

  /** Bytes that addresses of the device's memory span. */
  final long deviceSpan;

  /** Where the device's memory really begins. */
  final long deviceNative;

  /** Looks at each access; null where nobody does. */
  final AccessMonitor monitor;

  /** Told of what threads do; null for nobody. */
  final BlockObserver observer;

  /** Whether it is told of each instruction. */
  final boolean counts;

  private final LocalMemory local;
  private final Warp[] warps;
  private final SpecialRegisters specials = SpecialRegisters.ofBlock();
  private final Frame[] entryFrames;
  private final SplittableRandom random;
  private Grid grid;
  private Grid entered;
  private Dim3 index;
  private long linearIndex;
  private int liveWarps;
  private final InFlight inFlight;
  private final int sharedFloor;
  private final boolean checksInitialised;
  private AsyncCopies copies;
  private int idleRounds;
  private int failedPolls;

  /**
   * @param random null where the schedule is not random
   */
  Block(Grid grid, SplittableRandom random) {
    this.random = random;
    deviceSpan = grid.memory().span();
    deviceNative = grid.memory().nativeBase();
    this.grid = grid;
    Launch launch = grid.launch();
    Kernel kernel = launch.kernel();
    for (int i = 0; i < BARRIERS; i++) {
      barriers[i] = new NamedBarrier(i);
    }
    int reserved = grid.profile().multiprocessor().reservedSharedBytesPerBlock();
    shared =
        new SharedMemory(
            reserved, reserved + kernel.staticSharedBytes() + launch.dynamicSharedBytes());
    int threads = Math.toIntExact(launch.block().product());
    warps = new Warp[(threads + Operation.LANES - 1) / Operation.LANES];
    local = new LocalMemory(warps.length * Operation.LANES, kernel.stackBytes());
    entryFrames = new Frame[warps.length];
    Set<Checker> checkers = grid.options().checkers();
    observer = BlockObservers.of(this);
    counts = observer != null && observer.counts();
    inFlight = checkers.contains(Checker.ASYNC_COPY) ? new InFlight(this) : null;
    boolean looks =
        observer != null
            || grid.touched() != null
            || inFlight != null
            || checkers.contains(Checker.MEMORY)
            || checkers.contains(Checker.INITIALISED);
    monitor = looks ? new CheckingMonitor(this, checkers, inFlight, observer) : null;
    checksInitialised = checkers.contains(Checker.INITIALISED);
    sharedFloor = kernel.usesReservedShared() ? 0 : reserved;
    StrandOrder order =
        random == null ? new StrandOrder.Convergent() : new StrandOrder.Random(random);
    for (int i = 0; i < warps.length; i++) {
      int lanes = Math.min(Operation.LANES, threads - i * Operation.LANES);
      int mask = lanes == Operation.LANES ? Operation.ALL : (1 << lanes) - 1;
      warps[i] =
          new Warp(this, i, mask, SpecialRegisters.ofWarp(specials, i, launch.block()), order);
      warps[i].perturbApproximations = grid.options().perturbApproximations();
      entryFrames[i] = kernel.entry().newFrame(warps[i]);
      kernel.entry().place(entryFrames[i]);
    }
  }

  /** Whether other blocks may have it when it is done: not where its order is its own. */
  boolean servesAgain() {
    return random == null;
  }

  /** Whether it has the shape that a launch needs. */
  boolean fits(Grid other) {
    Launch mine = grid.launch();
    Launch theirs = other.launch();
    return mine.kernel() == theirs.kernel()
        && mine.block().equals(theirs.block())
        && mine.dynamicSharedBytes() == theirs.dynamicSharedBytes()
        && grid.touched() == other.touched()
        && servesAgain();
  }

  /** Enters a launch, unless it is in it. */
  void enter(Grid next) {
    if (entered == next) {
      return;
    }
    entered = next;
    grid = next;
    specials.begin(next.launch(), next.profile(), next.number(), next.workspace());
    for (int i = 0; i < warps.length; i++) {
      next.kernel().entry().enterLaunch(warps[i], entryFrames[i]);
    }
  }

  /** Begins to be one of a launch's blocks. */
  void begin(long block) {
    Dim3 extent = grid.launch().grid();
    linearIndex = block;
    index =
        new Dim3(
            (int) (block % extent.x()),
            (int) (block / extent.x() % extent.y()),
            (int) (block / extent.x() / extent.y()));
    specials.enter(index, (int) (block % grid.profile().multiprocessors()));
    shared.begin();
    if (checksInitialised) {
      shared.forget();
    }
    for (NamedBarrier barrier : barriers) {
      barrier.reset();
    }
    mbarriers.clear();
    epoch = 0;
    idleRounds = 0;
    failedPolls = 0;
    if (copies != null) {
      copies.begin();
    }
    if (inFlight != null) {
      inFlight.begin();
    }
    if (observer != null) {
      observer.begin();
    }
    for (int i = 0; i < warps.length; i++) {
      warps[i].begin(entryFrames[i]);
    }
    liveWarps = warps.length;
  }

  /**
   * Runs until all threads have ended or about so many instructions are executed; at random, no
   * longer than until a thread looks for what others do.
   *
   * @return whether all have ended
   * @throws KernelFaultException when the launch can't go on
   */
  boolean run(long instructions) {
    long left = instructions;
    while (liveWarps > 0) {
      long before = left;
      left = random == null ? left - runInTurn() : left - runAtRandom();
      if (left == before) {
        goOnWithoutProgress();
      }
      left -= waited;
      waited = 0;
      boolean yields = random != null && polled;
      polled = false;
      if ((left <= 0 || yields) && liveWarps > 0) {
        return false;
      }
    }
    if (copies != null) {
      copies.end();
    }
    if (observer != null) {
      observer.end();
    }
    return true;
  }

  /** All strands wait: copies are done now, or waits for mbarriers time out. */
  private void goOnWithoutProgress() {
    if (copies != null && copies.isPending()) {
      copies.performOldest();
      return;
    }
    boolean timedOut = false;
    for (Warp warp : warps) {
      for (Strand strand : warp.strands) {
        if (strand.state == Strand.State.MBARRIER) {
          strand.state = Strand.State.READY;
          strand.timedOut = true;
          timedOut = true;
        }
      }
    }
    if (!timedOut || idleRounds++ > MOST_IDLE_ROUNDS) {
      throw Deadlock.of(this);
    }
  }

  private long runInTurn() {
    long done = 0;
    for (Warp warp : warps) {
      if (warp.ready()) {
        done += warp.run(TURN);
      }
    }
    counters.instructions += done;
    return done;
  }

  private long runAtRandom() {
    if (copies != null && copies.isPending() && random.nextInt(COPY_CHANCE) == 0) {
      copies.performAny(random);
    }
    int start = random.nextInt(warps.length);
    for (int i = 0; i < warps.length; i++) {
      Warp warp = warps[(start + i) % warps.length];
      if (warp.ready()) {
        long done = warp.run(1 + random.nextInt(MOST_RANDOM_INSTRUCTIONS));
        counters.instructions += done;
        return Math.max(1, done);
      }
    }
    return 0;
  }

  /** Threads of a warp have ended: others may have waited for them alone. */
  void threadsExited(Warp warp, int lanes) {
    if (observer != null) {
      observer.exits(warp, lanes);
    }
    ClusterBarrier.check(this);
    if (!warp.finished()) {
      SyncOperation.release(warp);
      AlignedOperation.release(warp);
      BarrierOperation.arrive(warp);
      return;
    }
    liveWarps--;
    for (NamedBarrier barrier : barriers) {
      if (barrier.warps > 0) {
        complete(barrier);
      }
    }
  }

  /** Opens a barrier where all that it waits for have arrived. */
  void complete(NamedBarrier barrier) {
    boolean complete =
        barrier.expected == 0 ? barrier.warps >= liveWarps : barrier.threads >= barrier.expected;
    if (!complete) {
      return;
    }
    if (observer != null) {
      observer.opens(barrier);
    }
    for (Warp warp : warps) {
      boolean passed = false;
      for (int i = 0; i < warp.strands.size(); i++) {
        Strand strand = warp.strands.get(i);
        if (strand.state == Strand.State.BARRIER && strand.barrier == barrier) {
          BarrierOperation.pass(strand, barrier);
          passed = true;
        }
      }
      if (passed) {
        warp.mergeReady(Operation.ALL);
      }
    }
    barrier.reset();
    epoch++;
  }

  /** A phase of an mbarrier is complete: who waits looks again. */
  void mbarrierCompleted() {
    epoch++;
    idleRounds = 0;
    for (Warp warp : warps) {
      for (int i = 0; i < warp.strands.size(); i++) {
        if (warp.strands.get(i).state == Strand.State.MBARRIER) {
          warp.strands.get(i).state = Strand.State.READY;
        }
      }
    }
  }

  /** Whether a wait that may end early does not: late, every other does, and at random some do. */
  boolean suspends(long wait) {
    return switch (grid.options().schedule()) {
      case Schedule.Fixed _ -> true;
      case Schedule.Late _ -> wait % 2 == 0;
      case Schedule.Random _ -> random.nextInt(2) == 0;
    };
  }

  /** A program has asked in vain whether something is done. */
  void pollFailed() {
    if (copies != null && copies.isPending() && ++failedPolls > PATIENT_POLLS) {
      failedPolls = 0;
      copies.performOldest();
    }
  }

  /** Whether all its threads have. */
  boolean ended() {
    return liveWarps == 0;
  }

  AsyncCopies copies() {
    if (copies == null) {
      AsyncCopies.Timing timing =
          switch (grid.options().schedule()) {
            case Schedule.Fixed _ -> AsyncCopies.Timing.AT_ONCE;
            case Schedule.Late _ -> AsyncCopies.Timing.LATE;
            case Schedule.Random _ -> AsyncCopies.Timing.RANDOM;
          };
      copies = new AsyncCopies(this, timing, inFlight);
    }
    return copies;
  }

  Grid grid() {
    return grid;
  }

  Dim3 index() {
    return index;
  }

  long linearIndex() {
    return linearIndex;
  }

  Warp[] warps() {
    return warps;
  }

  /** Where the shared memory begins that the kernel may use. */
  int sharedFloor() {
    return sharedFloor;
  }

  /** Threads, of a last warp that is not full too. */
  int maxThreads() {
    return warps.length * Operation.LANES;
  }

  long localBytesPerLane() {
    return local.bytesPerThread();
  }

  /** Where the local memory of a lane really is. */
  long localNative(Warp warp, int lane) {
    return local.nativeAddress(warp.index * Operation.LANES + lane);
  }

  /** What {@code %globaltimer} shows. */
  long nanoseconds() {
    return System.nanoTime();
  }

  /** Index of a lane's thread, "(x,y,z)". */
  String thread(Warp warp, int lane) {
    return new Dim3(
            warp.specials.word("tid.x")[lane],
            warp.specials.word("tid.y")[lane],
            warp.specials.word("tid.z")[lane])
        .toString();
  }

  Finding finding(Checker checker, Site site, Warp warp, int lane, String message) {
    return new Finding(
        checker,
        grid.kernel().name(),
        site.module(),
        site.instruction().position(),
        site.instruction().source(),
        index.toString(),
        thread(warp, lane),
        message);
  }

  /** Notes a defect, where its checker is on; the launch goes on. */
  void report(Checker checker, Site site, Warp warp, int lane, String message) {
    if (grid.options().checkers().contains(checker)) {
      grid.report(finding(checker, site, warp, lane, message), site);
    }
  }

  @Override
  public void close() {
    shared.close();
    local.close();
  }
}
