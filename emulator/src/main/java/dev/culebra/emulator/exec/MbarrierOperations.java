package dev.culebra.emulator.exec;

import dev.culebra.emulator.check.Checker;

/** What is done with an {@link Mbarrier} (PTX ISA 9.7.13.15). */
final class MbarrierOperations {
  private MbarrierOperations() {}

  /** An access of the barrier's 8 bytes. */
  abstract static class Access extends MemoryOperation {
    Access(AddressOperand address, Site site) {
      super(address, Kind.BARRIER, Long.BYTES, site);
    }

    /**
     * Weak where it makes the barrier: others' use has to be ordered behind that, not their end.
     */
    @Override
    MemoryOrder order() {
      return MemoryOrder.RELAXED;
    }

    @Override
    void execute(Warp warp, int active) {
      resolve(warp, active);
      for (int left = active; left != 0; left &= left - 1) {
        int lane = Integer.numberOfTrailingZeros(left);
        execute(warp, lane, sharedAddress(warp, lane));
      }
    }

    /** The address in shared memory of a lane that was resolved. */
    final int sharedAddress(Warp warp, int lane) {
      long offset = warp.natives[lane] - warp.block.shared.base;
      if (offset < 0 || offset >= warp.block.shared.limit) {
        throw warp.fault(
            KernelFault.INVALID_ADDRESS_SPACE,
            site,
            lane,
            "an mbarrier at 0x"
                + Long.toHexString(warp.addresses[lane])
                + ", which is no address of shared memory");
      }
      return (int) offset;
    }

    /** The barrier of a lane. */
    final Mbarrier barrier(Warp warp, int lane, int address) {
      Mbarrier barrier = warp.block.mbarriers.get(address);
      if (barrier == null) {
        throw new KernelFaultException(
            KernelFault.ILLEGAL_INSTRUCTION,
            warp.block.finding(
                Checker.BARRIER,
                site,
                warp,
                lane,
                site.instruction().spelling()
                    + " of shared address 0x"
                    + Integer.toHexString(address)
                    + ", where no mbarrier was initialised"));
      }
      return barrier;
    }

    abstract void execute(Warp warp, int lane, int address);
  }

  /** {@code mbarrier.init}. */
  static final class Init extends Access {
    private final int count;

    Init(AddressOperand address, int count, Site site) {
      super(address, site);
      this.count = count;
    }

    @Override
    MemoryOrder order() {
      return MemoryOrder.WEAK;
    }

    @Override
    void execute(Warp warp, int lane, int address) {
      int arrivals = warp.words[count][lane];
      if (arrivals < 1 || arrivals > Mbarrier.MOST) {
        throw warp.fault(
            KernelFault.ILLEGAL_INSTRUCTION,
            site,
            lane,
            "an mbarrier for " + Integer.toUnsignedString(arrivals) + " arrivals");
      }
      if (warp.block.mbarriers.put(address, new Mbarrier(address, arrivals)) != null) {
        warp.block.report(
            Checker.BARRIER,
            site,
            warp,
            lane,
            "the mbarrier at shared address 0x"
                + Integer.toHexString(address)
                + " is initialised again without mbarrier.inval");
      }
    }
  }

  /** {@code mbarrier.inval}. */
  static final class Invalidate extends Access {
    Invalidate(AddressOperand address, Site site) {
      super(address, site);
    }

    @Override
    void execute(Warp warp, int lane, int address) {
      barrier(warp, lane, address);
      warp.block.mbarriers.remove(address);
    }
  }

  /** {@code mbarrier.expect_tx} and {@code complete_tx}. */
  static final class Bytes extends Access {
    private final boolean complete;
    private final int count;

    Bytes(boolean complete, AddressOperand address, int count, Site site) {
      super(address, site);
      this.complete = complete;
      this.count = count;
    }

    @Override
    void execute(Warp warp, int lane, int address) {
      Mbarrier barrier = barrier(warp, lane, address);
      int bytes = warp.words[count][lane];
      if (complete) {
        barrier.completeBytes(warp.block, bytes, null);
      } else {
        barrier.expectBytes(warp, lane, bytes, site);
      }
    }
  }

  /** {@code mbarrier.arrive} and {@code arrive_drop}. */
  static final class Arrive extends Access {
    /** How it arrives. */
    enum Kind {
      PLAIN,
      NO_COMPLETE,
      EXPECT_BYTES
    }

    private final Kind kind;
    private final boolean drop;
    private final int result;
    private final int count;

    /**
     * @param result slot of the state; -1 where nobody asks for it
     * @param count slot of the number of arrivals, or of bytes; -1 for one arrival
     */
    Arrive(Kind kind, boolean drop, AddressOperand address, int result, int count, Site site) {
      super(address, site);
      this.kind = kind;
      this.drop = drop;
      this.result = result;
      this.count = count;
    }

    @Override
    void execute(Warp warp, int lane, int address) {
      Mbarrier barrier = barrier(warp, lane, address);
      int operand = count < 0 ? 1 : warp.words[count][lane];
      int arrivals = kind == Kind.EXPECT_BYTES ? 1 : operand;
      if (kind == Kind.EXPECT_BYTES) {
        barrier.expectBytes(warp, lane, operand, site);
      }
      if (result >= 0) {
        warp.longs[result][lane] = barrier.state();
      }
      if (drop) {
        barrier.drop(warp, lane, arrivals, site);
      } else if (kind == Kind.NO_COMPLETE) {
        barrier.arriveNoComplete(warp, lane, arrivals, site);
      } else {
        barrier.arrive(warp, lane, arrivals, site);
      }
    }
  }

  /** {@code cp.async.mbarrier.arrive}. */
  static final class ArriveAfterCopies extends Access {
    private final boolean counted;

    /**
     * @param counted whether the arrival is among those that the barrier was made for
     */
    ArriveAfterCopies(boolean counted, AddressOperand address, Site site) {
      super(address, site);
      this.counted = counted;
    }

    @Override
    void execute(Warp warp, int lane, int address) {
      Mbarrier barrier = barrier(warp, lane, address);
      if (!counted) {
        barrier.expectArrival(warp, lane, site);
      }
      warp.block.copies().arriveAfter(barrier, warp, lane, site);
    }
  }

  /** The barrier that counts the bytes of a bulk copy. */
  static final class Counter extends Access {
    Counter(AddressOperand address, Site site) {
      super(address, site);
    }

    @Override
    void execute(Warp warp, int lane, int address) {
      throw new IllegalStateException("it is a part of a copy");
    }
  }

  /** {@code mbarrier.pending_count}. */
  static final class PendingCount extends Operation {
    private final int result;
    private final int state;

    PendingCount(int result, int state) {
      this.result = result;
      this.state = state;
    }

    @Override
    void execute(Warp warp, int active) {
      for (int left = active; left != 0; left &= left - 1) {
        int lane = Integer.numberOfTrailingZeros(left);
        warp.words[result][lane] = Mbarrier.pendingCount(warp.longs[state][lane]);
      }
    }
  }

  /** {@code mbarrier.test_wait} and {@code try_wait}. */
  static final class Wait extends ControlOperation {
    private final Test test;
    private final boolean waits;
    private final int result;

    Wait(boolean waits, AddressOperand address, boolean parity, int phase, int result, Site site) {
      this.waits = waits;
      this.result = result;
      test = new Test(address, parity, phase, site);
    }

    @Override
    boolean step(Warp warp, Strand strand) {
      warp.exchange.predicates = 0;
      test.execute(warp, strand.mask);
      int complete = warp.exchange.predicates;
      boolean timedOut = strand.timedOut;
      strand.timedOut = false;
      if (complete == 0) {
        if (waits && !timedOut && warp.suspends()) {
          strand.state = Strand.State.MBARRIER;
          strand.resumes = true;
          return false;
        }
        warp.polled();
        warp.block.pollFailed();
      }
      warp.predicates[result] = warp.predicates[result] & ~strand.mask | complete;
      strand.pc++;
      return true;
    }

    /** The barriers of a strand, for messages. */
    String describe(Warp warp, Strand strand) {
      warp.enter(strand.frame);
      int lane = Integer.numberOfTrailingZeros(strand.mask);
      test.resolve(warp, 1 << lane);
      return String.valueOf(warp.block.mbarriers.get(test.sharedAddress(warp, lane)));
    }
  }

  /** Asks barriers for a phase; the exchange's predicates get the lanes whose is complete. */
  private static final class Test extends Access {
    private final boolean parity;
    private final int phase;

    private Test(AddressOperand address, boolean parity, int phase, Site site) {
      super(address, site);
      this.parity = parity;
      this.phase = phase;
    }

    @Override
    void execute(Warp warp, int lane, int address) {
      Mbarrier barrier = barrier(warp, lane, address);
      boolean done =
          parity
              ? barrier.isParityComplete(warp.words[phase][lane])
              : barrier.isComplete(warp.longs[phase][lane]);
      if (done) {
        barrier.observed(warp, lane);
        warp.exchange.predicates |= 1 << lane;
      }
    }
  }
}
