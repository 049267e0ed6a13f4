package dev.culebra.emulator.exec;

import dev.culebra.emulator.check.Checker;
import java.util.ArrayList;
import java.util.List;

/** A barrier in shared memory that counts arrivals and bytes (PTX ISA 9.7.13.15). */
final class Mbarrier {
  /** The largest count, of arrivals and of bytes. */
  static final int MOST = (1 << 20) - 1;

  private static final int PHASE_SHIFT = 32;
  private static final int PHASE_MASK = 0xff;

  private final int address;
  private int expected;
  private int pending;
  private int bytes;
  private long phase;
  private List<AsyncCopy> carried = new ArrayList<>();
  private Landing landing;

  Mbarrier(int address, int count) {
    this.address = address;
    expected = count;
    pending = count;
  }

  /** What {@code arrive} returns: the phase, and how many arrivals were pending. */
  long state() {
    return (phase & PHASE_MASK) << PHASE_SHIFT | pending;
  }

  /** How many arrivals were pending, according to a state. */
  static int pendingCount(long state) {
    return (int) state & MOST;
  }

  /** Counts completed phases. */
  long phase() {
    return phase;
  }

  /** Whether the phase of a state is complete. */
  boolean isComplete(long state) {
    return (state >>> PHASE_SHIFT & PHASE_MASK) != (phase & PHASE_MASK);
  }

  /** Whether the phase of this parity is complete: the one before the current. */
  boolean isParityComplete(int parity) {
    return (phase & 1) != parity;
  }

  /** Arrivals; the phase may be complete with them. */
  void arrive(Warp warp, int lane, int count, Site site) {
    take(warp, lane, count, site);
    completeIfDone(warp.block);
  }

  /** Arrivals of threads that will not come again. */
  void drop(Warp warp, int lane, int count, Site site) {
    if (count > expected) {
      throw misuse(warp, lane, site, "drops " + count + " arrivals of " + expected);
    }
    take(warp, lane, count, site);
    expected -= count;
    completeIfDone(warp.block);
  }

  /** Arrivals that must not complete the phase. */
  void arriveNoComplete(Warp warp, int lane, int count, Site site) {
    take(warp, lane, count, site);
    if (pending == 0 && bytes == 0) {
      throw misuse(warp, lane, site, "completes a phase in spite of .noComplete");
    }
  }

  private void take(Warp warp, int lane, int count, Site site) {
    if (count < 1 || count > pending) {
      throw misuse(
          warp,
          lane,
          site,
          count + " arrivals, but the phase waits for " + pending + " of " + expected);
    }
    pending -= count;
    if (warp.block.observer != null) {
      warp.block.observer.arrives(warp, lane, this);
    }
  }

  /** One more arrival is pending in this phase. */
  void expectArrival(Warp warp, int lane, Site site) {
    if (pending == MOST) {
      throw misuse(warp, lane, site, "more than " + MOST + " arrivals are pending");
    }
    pending++;
  }

  /** Bytes that are still to come in this phase. */
  void expectBytes(Warp warp, int lane, int count, Site site) {
    if (count < 0 || bytes + (long) count > MOST) {
      throw misuse(warp, lane, site, "expects " + count + " bytes; at most " + MOST + " may be");
    }
    bytes += count;
  }

  /** Bytes have come, of a copy or (null) as an instruction says. */
  void completeBytes(Block block, int count, AsyncCopy copy) {
    bytes -= count;
    if (copy != null) {
      carries(block, copy);
    }
    completeIfDone(block);
  }

  /** A copy's end will be known to those who wait for this phase. */
  void carries(Block block, AsyncCopy copy) {
    if (copy.landing == null) {
      carried.add(copy);
      if (block.observer != null) {
        block.observer.carries(copy, this);
      }
    }
  }

  private void completeIfDone(Block block) {
    if (pending != 0 || bytes != 0) {
      return;
    }
    landing = new Landing();
    for (AsyncCopy copy : carried) {
      // Another barrier, or its thread, may have told of it before.
      if (copy.landing == null) {
        copy.landing = landing;
      }
    }
    carried = new ArrayList<>();
    phase++;
    pending = expected;
    block.mbarrierCompleted();
  }

  /** A thread has learnt that the last phase is complete. */
  void observed(Warp warp, int lane) {
    if (landing != null) {
      landing.observe(warp.block, warp, lane);
    }
    if (warp.block.observer != null) {
      warp.block.observer.observes(warp, lane, this);
    }
  }

  private KernelFaultException misuse(Warp warp, int lane, Site site, String what) {
    return new KernelFaultException(
        KernelFault.ILLEGAL_INSTRUCTION,
        warp.block.finding(
            Checker.BARRIER,
            site,
            warp,
            lane,
            site.instruction().spelling()
                + " of the mbarrier at shared address 0x"
                + Integer.toHexString(address)
                + ": "
                + what));
  }

  @Override
  public String toString() {
    return "mbarrier at shared address 0x"
        + Integer.toHexString(address)
        + " (phase "
        + phase
        + ", "
        + pending
        + " of "
        + expected
        + " arrivals and "
        + bytes
        + " bytes pending)";
  }
}
