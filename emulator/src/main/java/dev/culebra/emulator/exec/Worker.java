package dev.culebra.emulator.exec;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Runs blocks of a launch, one after the other or in turns; one thread's. */
final class Worker implements AutoCloseable {
  /** Instructions that a block executes alone; one that takes longer may wait for another block. */
  private static final long TURN = 1L << 22;

  /** Instructions of a turn where blocks are meant to wait for one another. */
  private static final long COOPERATIVE_TURN = 1L << 14;

  /** Turns that a launch has at least before it has used up its budget. */
  private static final int TURNS_OF_BUDGET = 16;

  private static final int MOST_RANDOM_INSTRUCTIONS = 512;

  /** Instructions that are told to the grid together. */
  private static final long UNTOLD = 1L << 14;

  /** Blocks that take turns, where they need not all be there. */
  static final int RESIDENT = 64;

  private static final int RANDOM_RESIDENT = 4;

  /** Turns of a random schedule in which no block ends before one more begins. */
  private static final int PATIENT_TURNS = 256;

  private final int index;
  private final List<Block> idle = new ArrayList<>();
  private final List<Block> resident = new ArrayList<>();

  /** Place of the next block that was claimed and has not begun. */
  private long nextPlace;

  /** Behind the last that was claimed. */
  private long endPlace;

  /** Instructions that the grid has not been told of. */
  private long executed;

  Worker(int index) {
    this.index = index;
  }

  /** Runs blocks until none is left or the launch has failed. */
  void run(Grid grid) {
    nextPlace = 0;
    endPlace = 0;
    try {
      drop(grid);
      if (grid.options().schedule() instanceof Schedule.Random(long seed)) {
        runAtRandom(grid, new SplittableRandom(seed * 31 + index));
      } else {
        runInTurn(grid);
      }
    } catch (KernelFaultException e) {
      grid.fail(e);
    } catch (RuntimeException e) {
      grid.fail(e);
    } catch (Error e) {
      grid.fail(new IllegalStateException(e));
    } finally {
      grid.executed(executed);
      executed = 0;
      idle.addAll(resident);
      resident.clear();
    }
  }

  private void runInTurn(Grid grid) {
    boolean cooperative = grid.launch().cooperative();
    long turn = cooperative ? COOPERATIVE_TURN : TURN;
    long budget = grid.options().instructionBudget();
    if (budget > 0) {
      // That a block never ends is noticed behind its turn.
      turn = Math.clamp(budget / TURNS_OF_BUDGET, 1, turn);
    }
    if (cooperative) {
      while (begin(grid, null)) {
        // All of this worker's share are there before one runs.
      }
    }
    int next = 0;
    while (!grid.stopped()) {
      if (next >= resident.size()) {
        next = 0;
        if (resident.size() < RESIDENT && begin(grid, null)) {
          next = resident.size() - 1;
        } else if (resident.isEmpty()) {
          return;
        }
      }
      next += runOne(grid, next, turn) ? 0 : 1;
    }
  }

  private void runAtRandom(Grid grid, SplittableRandom random) {
    boolean more = true;
    int wanted = grid.launch().cooperative() ? Integer.MAX_VALUE : RANDOM_RESIDENT;
    int patience = PATIENT_TURNS;
    while (!grid.stopped()) {
      while (more && resident.size() < wanted) {
        more = begin(grid, random.split());
      }
      if (resident.isEmpty()) {
        return;
      }
      int choice = random.nextInt(resident.size());
      if (runOne(grid, choice, 1 + random.nextInt(MOST_RANDOM_INSTRUCTIONS))) {
        wanted = Math.max(wanted - 1, RANDOM_RESIDENT);
        patience = PATIENT_TURNS;
      } else if (--patience == 0) {
        // They may all wait for a block that has not begun.
        wanted = Math.max(wanted, Math.min(resident.size() + 1, RESIDENT));
        patience = PATIENT_TURNS;
      }
    }
  }

  /** Runs a block for a while; true when it has ended. */
  private boolean runOne(Grid grid, int choice, long turn) {
    Block block = resident.get(choice);
    long before = block.counters.instructions;
    boolean ended = block.run(turn);
    executed += block.counters.instructions - before;
    if (!ended || executed > UNTOLD) {
      long told = executed;
      executed = 0;
      grid.executed(told, block);
    }
    if (ended) {
      resident.remove(choice);
      if (block.servesAgain()) {
        idle.add(block);
      } else {
        block.close();
      }
    }
    return ended;
  }

  private boolean begin(Grid grid, SplittableRandom random) {
    if (nextPlace == endPlace) {
      nextPlace = grid.claim();
      endPlace = Math.min(nextPlace + grid.claimSize(), grid.blocks());
      if (nextPlace >= endPlace) {
        nextPlace = endPlace;
        return false;
      }
    }
    long number = grid.blockAt(nextPlace++);
    Block block = idle.isEmpty() || random != null ? new Block(grid, random) : idle.removeLast();
    block.enter(grid);
    block.begin(number);
    resident.add(block);
    return true;
  }

  /** Lets go of blocks that a launch has no use for. */
  private void drop(Grid grid) {
    for (int i = idle.size() - 1; i >= 0; i--) {
      if (!idle.get(i).fits(grid)) {
        idle.remove(i).close();
      }
    }
  }

  @Override
  public void close() {
    idle.forEach(Block::close);
    idle.clear();
  }
}
