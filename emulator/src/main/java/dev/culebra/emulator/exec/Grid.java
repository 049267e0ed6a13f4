package dev.culebra.emulator.exec;

import dev.culebra.emulator.check.Finding;
import dev.culebra.emulator.count.LaunchCounters;
import dev.culebra.emulator.memory.DeviceMemory;
import dev.culebra.emulator.memory.TouchedMemory;
import dev.culebra.emulator.profile.DeviceProfile;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/** One launch while it runs: what all its blocks have in common. Threads use it at once. */
final class Grid {
  private static final int MOST_FINDINGS = 1000;
  private static final int MOST_CLAIMED = 8;

  /** So many, or more, that no worker is left with much to do when others are done. */
  private static final long CLAIMS_A_WORKER = 16;

  private final Launch launch;
  private final ExecutionOptions options;
  private final DeviceMemory memory;
  private final DeviceProfile profile;
  private final long number;
  private final long parameters;
  private final long workspace;
  private final DeviceOutput output;
  private final TouchedMemory touched;
  private final LaunchCount count;
  private final long blocks;
  private final BlockOrder order;
  private final int claimSize;
  private final GlobalHistory history;
  private final AtomicLong claimed = new AtomicLong();
  private final AtomicLong instructions = new AtomicLong();
  private final List<Finding> findings = new ArrayList<>();
  private final Set<Site> reported = new HashSet<>();
  private KernelFault fault;
  private RuntimeException failure;
  private volatile boolean stopped;
  private final Guesses guesses = new Guesses();

  /**
   * @param number of this launch, counted from 1
   * @param parameters where the bytes of its parameters really are
   * @param workspace that a cooperative launch synchronises in; 0 without
   * @param touched is told which global memory the launch touches; null where nobody asks
   * @param count of what its blocks do; null where nobody counts
   * @param history that the race checker keeps
   */
  Grid(
      Launch launch,
      ExecutionOptions options,
      DeviceMemory memory,
      DeviceProfile profile,
      long number,
      long parameters,
      long workspace,
      DeviceOutput output,
      TouchedMemory touched,
      LaunchCount count,
      GlobalHistory history) {
    this.launch = launch;
    this.options = options;
    this.memory = memory;
    this.profile = profile;
    this.number = number;
    this.parameters = parameters;
    this.workspace = workspace;
    this.output = output;
    this.touched = touched;
    this.count = count;
    this.history = history;
    blocks = launch.grid().product();
    order = BlockOrder.of(blocks, options.schedule());
    boolean together = launch.cooperative() || options.schedule() instanceof Schedule.Random;
    claimSize =
        together ? 1 : Math.clamp(blocks / (CLAIMS_A_WORKER * options.workers()), 1, MOST_CLAIMED);
  }

  Launch launch() {
    return launch;
  }

  Kernel kernel() {
    return launch.kernel();
  }

  ExecutionOptions options() {
    return options;
  }

  TouchedMemory touched() {
    return touched;
  }

  LaunchCount count() {
    return count;
  }

  DeviceMemory memory() {
    return memory;
  }

  DeviceProfile profile() {
    return profile;
  }

  long number() {
    return number;
  }

  long parameters() {
    return parameters;
  }

  long workspace() {
    return workspace;
  }

  DeviceOutput output() {
    return output;
  }

  long blocks() {
    return blocks;
  }

  /** What its threads did to global memory. */
  GlobalHistory history() {
    return history;
  }

  Guesses guesses() {
    return guesses;
  }

  /** Index of a block, "(x,y,z)". */
  Dim3 block(long number) {
    return index(launch.grid(), number);
  }

  /** Index of a block's thread, "(x,y,z)". */
  Dim3 thread(int number) {
    return index(launch.block(), number);
  }

  private static Dim3 index(Dim3 extent, long number) {
    return new Dim3(
        (int) (number % extent.x()),
        (int) (number / extent.x() % extent.y()),
        (int) (number / extent.x() / extent.y()));
  }

  /**
   * Gives some of the blocks that are yet to begin to one worker. Neighbours mostly touch the same
   * memory: workers would be in each other's way with a block each.
   *
   * @return the first one's place among all; they are {@link #claimSize}, or up to the last block
   */
  long claim() {
    return stopped || claimed.get() >= blocks ? blocks : claimed.getAndAdd(claimSize);
  }

  int claimSize() {
    return claimSize;
  }

  /** The block that begins at a place among all. */
  long blockAt(long place) {
    return order.block(place);
  }

  /** Whether a fault has ended it. */
  boolean stopped() {
    return stopped;
  }

  /** Counts instructions. */
  void executed(long count) {
    instructions.addAndGet(count);
  }

  /** Counts instructions, and ends the launch where they are more than it may execute. */
  void executed(long count, Block block) {
    long all = instructions.addAndGet(count);
    long budget = options.instructionBudget();
    if (budget > 0 && all > budget && !stopped && !block.ended()) {
      throw Deadlock.timeout(block, budget);
    }
  }

  long instructions() {
    return instructions.get();
  }

  /** Notes a defect, once an instruction. */
  synchronized void report(Finding finding, Site site) {
    if (findings.size() < MOST_FINDINGS && reported.add(site)) {
      findings.add(finding);
    }
  }

  synchronized void fail(KernelFaultException e) {
    if (fault == null) {
      fault = e.fault();
      findings.add(e.finding());
    }
    stopped = true;
  }

  /** Something that is no fault of the kernel: told to who launched it. */
  synchronized void fail(RuntimeException e) {
    if (failure == null) {
      failure = e;
    }
    stopped = true;
  }

  synchronized ExecutionResult result() {
    LaunchCounters counters = count == null ? null : count.result(launch, profile);
    if (failure != null) {
      throw failure;
    }
    guesses.report(this);
    KernelFault end = fault;
    if (end == null && !findings.isEmpty()) {
      end = KernelFault.CHECKER;
    }
    return new ExecutionResult(
        List.copyOf(findings), end, instructions.get(), fault == null ? counters : null);
  }
}
