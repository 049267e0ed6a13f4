package dev.culebra.emulator.exec;

import dev.culebra.emulator.check.Checker;

/** {@code barrier.cluster} (PTX ISA 9.7.13.4), of clusters of one block. */
abstract class ClusterBarrier extends ControlOperation {
  private final Site site;

  private ClusterBarrier(Site site) {
    this.site = site;
  }

  private void reportUnless(boolean expected, Warp warp, Strand strand, String message) {
    if (!expected) {
      warp.block.report(
          Checker.BARRIER, site, warp, Integer.numberOfTrailingZeros(strand.mask), message);
    }
  }

  /** {@code barrier.cluster.arrive}. */
  static final class Arrive extends ClusterBarrier {
    Arrive(Site site) {
      super(site);
    }

    @Override
    boolean step(Warp warp, Strand strand) {
      super.reportUnless(
          (warp.clusterPending & strand.mask) == 0,
          warp,
          strand,
          "a thread arrives at the cluster's barrier twice without waiting");
      warp.clusterArrived |= strand.mask;
      warp.clusterPending |= strand.mask;
      strand.pc++;
      boolean alone = warp.strands.size() == 1;
      check(warp.block);
      return alone;
    }
  }

  /** {@code barrier.cluster.wait}. */
  static final class Wait extends ClusterBarrier {
    Wait(Site site) {
      super(site);
    }

    @Override
    boolean step(Warp warp, Strand strand) {
      super.reportUnless(
          (~warp.clusterPending & strand.mask) == 0,
          warp,
          strand,
          "a thread waits at the cluster's barrier without having arrived there");
      if ((warp.clusterArrived & strand.mask) != 0) {
        strand.state = Strand.State.CLUSTER;
        return false;
      }
      warp.clusterPending &= ~strand.mask;
      strand.pc++;
      return true;
    }
  }

  /** Opens the barrier where all threads that live have arrived. */
  static void check(Block block) {
    boolean any = false;
    for (Warp warp : block.warps()) {
      if ((~warp.clusterArrived & ~warp.exited) != 0) {
        return;
      }
      any |= warp.clusterArrived != 0;
    }
    if (!any) {
      return;
    }
    block.epoch++;
    if (block.observer != null) {
      block.observer.clusterOpens();
    }
    for (Warp warp : block.warps()) {
      warp.clusterArrived = 0;
      boolean passed = false;
      for (Strand strand : warp.strands) {
        if (strand.state == Strand.State.CLUSTER) {
          warp.clusterPending &= ~strand.mask;
          strand.state = Strand.State.READY;
          strand.pc++;
          passed = true;
        }
      }
      if (passed) {
        warp.mergeReady(Operation.ALL);
      }
    }
  }
}
