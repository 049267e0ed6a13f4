package dev.culebra.emulator.count;

import dev.culebra.emulator.ptx.Instruction;
import java.util.Arrays;

/** The counters of one instruction of a program, while they are counted. */
public final class InstructionCounts {
  private static final int COUNTERS = Counter.values().length;

  private final String module;
  private final Instruction instruction;
  private final Work work;
  private final boolean countsAccesses;
  private final long[] counts = new long[COUNTERS];

  /**
   * @param module that the instruction is in
   */
  public InstructionCounts(String module, Instruction instruction) {
    this.module = module;
    this.instruction = instruction;
    work = Work.of(instruction);
    countsAccesses = AccessKind.of(instruction) != null;
  }

  String module() {
    return module;
  }

  public Instruction instruction() {
    return instruction;
  }

  Work work() {
    return work;
  }

  /** Whether what it accesses is memory that counts: not constants, nor parameters. */
  public boolean countsAccesses() {
    return countsAccesses;
  }

  public long get(Counter counter) {
    return counts[counter.ordinal()];
  }

  public void add(Counter counter, long more) {
    counts[counter.ordinal()] += more;
  }

  /** Adds what others counted for the same instruction. */
  public void add(InstructionCounts others) {
    for (int i = 0; i < COUNTERS; i++) {
      counts[i] += others.counts[i];
    }
  }

  /** A counter of nothing yet, for the same instruction. */
  public InstructionCounts another() {
    return new InstructionCounts(module, instruction);
  }

  public void clear() {
    Arrays.fill(counts, 0);
  }
}
