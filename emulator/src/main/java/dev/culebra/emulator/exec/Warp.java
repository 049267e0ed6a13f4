package dev.culebra.emulator.exec;

import dev.culebra.emulator.check.Checker;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** 32 lanes. Its registers are those of the frame that executes. */
final class Warp {
  /** What polling costs, in instructions, so that what spins soon yields to what it waits for. */
  private static final int POLL_COST = 200;

  private static final int CYCLES_AN_INSTRUCTION = 4;

  /** {@code words[slot][lane]}. */
  int[][] words;

  /** {@code longs[slot][lane]}. */
  long[][] longs;

  /** {@code predicates[slot]}, a bit a lane. */
  int[] predicates;

  /** The condition code's carry flag, a bit a lane (PTX ISA 9.7.2). */
  int carry;

  /** Whether approximate instructions are made as wrong as they may be. */
  boolean perturbApproximations;

  /** Null only where operations are tested alone. */
  final Block block;

  /** Among the warps of its block. */
  final int index;

  /** Lanes that a thread stands behind. */
  final int threads;

  /** The registers that the hardware fills. */
  final SpecialRegisters specials;

  /** Lanes that have no thread, or whose thread has ended. */
  int exited;

  /** The strand that executes. */
  Strand current;

  /** All strands, at least one while any thread lives. */
  final List<Strand> strands = new ArrayList<>();

  /** Effective addresses of the access at hand, for the use of memory operations. */
  final long[] addresses = new long[Operation.LANES];

  /** Where these bytes really are. */
  final long[] natives = new long[Operation.LANES];

  /** As {@link #natives}, for operations with two addresses. */
  final long[] otherNatives = new long[Operation.LANES];

  /** What lanes loaded that nobody wrote; null for nothing. */
  UndefinedValues undefined;

  /** For operations that exchange values between lanes. */
  final Exchange exchange = new Exchange();

  /** Instructions that it may still execute before other warps get their turn. */
  long credit;

  /** How often its lanes have been ordered among themselves. */
  long epoch;

  private long waits;
  private long turn;
  private long idle;

  /** Lanes that have arrived at the cluster's barrier since it last opened. */
  int clusterArrived;

  /** Lanes that have arrived at the cluster's barrier and not yet waited there. */
  int clusterPending;

  /** Frames that no lane is in, by the index of their code. */
  private final List<ArrayDeque<Frame>> frames = new ArrayList<>();

  private final StrandOrder order;

  Warp() {
    block = null;
    index = 0;
    threads = Operation.ALL;
    specials = null;
    order = null;
  }

  Warp(Block block, int index, int threads, SpecialRegisters specials, StrandOrder order) {
    this.block = block;
    this.index = index;
    this.threads = threads;
    this.specials = specials;
    this.order = order;
  }

  /** Puts all threads at the beginning of a kernel. */
  void begin(Frame frame) {
    strands.clear();
    exited = ~threads;
    carry = 0;
    clusterArrived = 0;
    clusterPending = 0;
    undefined = null;
    epoch = 0;
    waits = 0;
    frame.lanes = threads;
    strands.add(new Strand(threads, frame, 0));
  }

  void enter(Frame frame) {
    words = frame.words;
    longs = frame.longs;
    predicates = frame.predicates;
  }

  /** Whether a strand could execute. */
  boolean ready() {
    for (int i = 0; i < strands.size(); i++) {
      if (strands.get(i).state == Strand.State.READY) {
        return true;
      }
    }
    return false;
  }

  boolean finished() {
    return strands.isEmpty();
  }

  /**
   * Executes until nothing is ready or {@code instructions} are done.
   *
   * @return how many were executed
   */
  long run(long instructions) {
    turn = instructions;
    credit = instructions;
    idle = 0;
    while (credit > 0) {
      Strand strand = order.next(this);
      if (strand == null) {
        break;
      }
      order.run(this, strand);
    }
    block.counters.cycles += (instructions - credit) * CYCLES_AN_INSTRUCTION;
    block.waited += idle;
    return instructions - credit - idle;
  }

  /** Cycles of the multiprocessor's clock, as if each instruction of the block took some. */
  long cycles() {
    return block.counters.cycles + (turn - credit) * CYCLES_AN_INSTRUCTION;
  }

  /**
   * Executes a strand until it waits, diverges, meets another or runs out of turns.
   *
   * @param limit where it stops
   */
  void run(Strand strand, int limit) {
    if (block.counts || undefined != null) {
      runCounted(strand, limit);
      return;
    }
    current = strand;
    enter(strand.frame);
    Code code = strand.frame.code;
    Operation[] operations = code.operations;
    Operation[] steps = code.steps;
    int[] firstSteps = code.firstSteps;
    int[] ends = code.runEnds;
    int pc = strand.pc;
    int mask = strand.mask;
    do {
      int end = Math.min(ends[pc], limit);
      long done = end - pc + 1;
      credit -= done;
      strand.credit -= done;
      int lastStep = firstSteps[end];
      for (int step = firstSteps[pc]; step < lastStep; step++) {
        steps[step].execute(this, mask);
        if (undefined != null) {
          pc = code.instructionOf(step);
          credit += end - pc;
          strand.credit += end - pc;
          strand.pc = pc + 1;
          return;
        }
      }
      pc = end;
      strand.pc = pc;
      if (pc >= limit || !((ControlOperation) operations[pc]).step(this, strand)) {
        return;
      }
      pc = strand.pc;
    } while (credit > 0 && strand.credit > 0 && pc < limit && undefined == null);
  }

  /** As {@link #run(Strand, int)}, one instruction at a time, looked at by who wants to. */
  private void runCounted(Strand strand, int limit) {
    int count = strands.size();
    Frame frame = strand.frame;
    do {
      strand.credit--;
      runOne(strand);
    } while (credit > 0
        && strand.credit > 0
        && strand.state == Strand.State.READY
        && strands.size() == count
        && strand.frame == frame
        && strand.pc < limit);
  }

  /** Executes one instruction of a strand. */
  void runOne(Strand strand) {
    current = strand;
    enter(strand.frame);
    Operation operation = strand.frame.code.operations[strand.pc];
    int active = Guarded.active(operation, this, strand.mask);
    if (block.counts) {
      block.observer.executes(this, strand.frame.code, strand.pc, active);
      strand.resumes = false;
    }
    UndefinedValues tracked = undefined;
    if (tracked != null) {
      tracked.before(this, strand, active);
    }
    credit--;
    if (operation instanceof ControlOperation control) {
      control.step(this, strand);
      return;
    }
    operation.execute(this, strand.mask);
    strand.pc++;
    if (tracked != null) {
      tracked.after(this, operation);
      undefined = tracked.isEmpty() ? null : tracked;
    }
  }

  /** Takes lanes off a strand and lets them go on elsewhere in the same frame. */
  Strand split(Strand strand, int lanes, int pc) {
    Strand other = new Strand(lanes, strand.frame, pc);
    strand.credit = Math.min(strand.credit, StrandOrder.TURN);
    other.credit = strand.credit;
    strand.mask &= ~lanes;
    strands.add(other);
    return other;
  }

  /** Makes one strand of those that have come together, of these lanes alone. */
  void mergeReady(int lanes) {
    for (int i = 0; i < strands.size(); i++) {
      Strand strand = strands.get(i);
      if (strand.state != Strand.State.READY || (strand.mask & ~lanes) != 0) {
        continue;
      }
      for (int j = strands.size() - 1; j > i; j--) {
        Strand other = strands.get(j);
        if (other.state == Strand.State.READY
            && (other.mask & ~lanes) == 0
            && other.pc == strand.pc
            && other.frame == strand.frame) {
          strand.mask |= other.mask;
          strand.resumes &= other.resumes;
          strands.remove(j).state = Strand.State.ENDED;
        }
      }
    }
  }

  /** Notes that lanes of a strand went different ways. */
  void diverged() {
    if (block.observer != null) {
      block.observer.diverges(this);
    }
  }

  /** An instruction that programs poll with: others of the warp and the block get their turn. */
  void polled() {
    credit -= POLL_COST;
    idle += POLL_COST;
    current.credit -= POLL_COST;
    block.polled = true;
  }

  /** Ends the threads of a strand. */
  void exit(Strand strand) {
    int lanes = strand.mask;
    exited |= lanes;
    strands.remove(strand);
    strand.state = Strand.State.ENDED;
    for (Frame frame = strand.frame; frame != null; ) {
      Frame caller = frame.caller;
      frame.lanes &= ~lanes;
      if (frame.lanes == 0 && caller != null) {
        recycle(frame);
      }
      frame = caller;
    }
    block.threadsExited(this, lanes);
  }

  /** A frame for a call; its registers hold anything. */
  Frame frame(Code code) {
    while (frames.size() <= code.index()) {
      frames.add(new ArrayDeque<>());
    }
    Frame frame = frames.get(code.index()).poll();
    return frame != null ? frame : code.newFrame(this);
  }

  private void recycle(Frame frame) {
    frames.get(frame.code.index()).push(frame);
  }

  /** Lanes return from a frame; where they were the last, it is given back. */
  void leave(Frame frame, int lanes) {
    frame.lanes &= ~lanes;
    if (frame.lanes == 0) {
      recycle(frame);
    }
  }

  /** Whether a wait of its lanes that may end early does not. */
  boolean suspends() {
    return block.suspends(++waits);
  }

  /** A fault of one lane at an instruction. */
  KernelFaultException fault(KernelFault fault, Site site, int lane, String message) {
    return new KernelFaultException(
        fault, block.finding(Checker.MEMORY, site, this, lane, message));
  }
}
