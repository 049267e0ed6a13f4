package dev.culebra.emulator.exec;

import dev.culebra.emulator.check.Checker;
import dev.culebra.emulator.memory.Allocation;

/** What {@link RaceDetector} has to say of a block, in words. */
final class RaceReports {
  private static final int LANES = Operation.LANES;

  private final Block block;

  RaceReports(Block block) {
    this.block = block;
  }

  /** Of the block among those of all launches. */
  private long number() {
    return block.grid().history().firstBlock() + block.linearIndex();
  }

  /**
   * A lane's access races with an earlier one.
   *
   * @param other the earlier access, see {@link AccessHistory#access}
   * @param by what made it
   * @param did "read" or "wrote"
   */
  void race(
      Warp warp, MemoryOperation operation, int lane, long other, MemoryOperation by, String did) {
    String message = describe(warp, operation, lane, other, by, did);
    long number = number();
    Guesses.Read guess = null;
    if (isGuess(operation, by)) {
      guess = guess(warp, operation, lane, number, warp.index * LANES + lane);
    } else if (did.equals("read") && isGuess(by, operation)) {
      guess = guess(warp, operation, lane, AccessHistory.block(other), AccessHistory.thread(other));
    }
    if (guess == null) {
      block.report(Checker.RACE, operation.site, warp, lane, message);
    } else {
      block
          .grid()
          .guesses()
          .add(
              guess,
              block.finding(Checker.RACE, operation.site, warp, lane, message),
              operation.site);
    }
  }

  /** Whether one reads, weakly, what the other changes atomically. */
  private static boolean isGuess(MemoryOperation read, MemoryOperation change) {
    return read.kind == MemoryOperation.Kind.LOAD
        && !read.order().strong()
        && change.kind == MemoryOperation.Kind.ATOMIC;
  }

  /** A thread's read of what a lane accesses. */
  static Guesses.Read guess(
      Warp warp, MemoryOperation operation, int lane, long ofBlock, int ofThread) {
    long address = warp.addresses[lane];
    boolean inShared = operation.isShared(address);
    long place = inShared ? operation.sharedAddress(address) : address;
    return new Guesses.Read(ofBlock, ofThread, inShared, place);
  }

  private String describe(
      Warp warp, MemoryOperation operation, int lane, long other, MemoryOperation by, String did) {
    long address = warp.addresses[lane];
    boolean inShared = operation.isShared(address);
    long otherBlock = AccessHistory.block(other);
    String place =
        inShared
            ? "shared memory at 0x" + Integer.toHexString(operation.sharedAddress(address))
            : "0x" + Long.toHexString(address) + allocation(address);
    return operation.kind
        + " of "
        + operation.bytes
        + " bytes of "
        + place
        + ", which thread "
        + block.grid().thread(AccessHistory.thread(other))
        + (otherBlock == number()
            ? ""
            : " of block " + block.grid().block(otherBlock - block.grid().history().firstBlock()))
        + " "
        + did
        + " ("
        + place(by)
        + "), and nothing orders the two";
  }

  private String allocation(long address) {
    Allocation allocation = block.grid().memory().find(address);
    return allocation == null ? "" : " in " + allocation;
  }

  /**
   * A bulk copy reads shared memory that a thread wrote with no proxy fence behind it.
   *
   * @param address of the byte, in shared memory
   * @param write the thread's access, by {@code writer}
   */
  void missingProxyFence(
      Warp warp, MemoryOperation copy, int lane, int address, long write, MemoryOperation writer) {
    block.report(
        Checker.ASYNC_COPY,
        copy.site,
        warp,
        lane,
        copy.kind
            + " of shared memory at 0x"
            + Integer.toHexString(address)
            + ", which thread "
            + block.grid().thread(AccessHistory.thread(write))
            + " wrote ("
            + place(writer)
            + "): no fence.proxy.async makes that known to asynchronous copies");
  }

  private static String place(MemoryOperation operation) {
    return operation.site.instruction().spelling()
        + " at "
        + operation.site.module()
        + ":"
        + operation.site.instruction().position();
  }
}
