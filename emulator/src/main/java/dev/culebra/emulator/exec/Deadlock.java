package dev.culebra.emulator.exec;

import dev.culebra.emulator.check.Checker;

/** All threads of a block wait, and none can ever go on. */
final class Deadlock {
  private static final int MOST_LISTED = 8;

  private Deadlock() {}

  static KernelFaultException of(Block block) {
    StringBuilder text = new StringBuilder("deadlock: ");
    int listed = 0;
    Warp firstWarp = null;
    Strand first = null;
    for (Warp warp : block.warps()) {
      for (Strand strand : warp.strands) {
        if (first == null) {
          first = strand;
          firstWarp = warp;
        }
        if (listed++ < MOST_LISTED) {
          text.append(listed == 1 ? "" : "; ").append(describe(warp, strand));
        }
      }
    }
    if (listed > MOST_LISTED) {
      text.append("; and ").append(listed - MOST_LISTED).append(" more groups of threads");
    }
    return new KernelFaultException(
        KernelFault.DEADLOCK,
        block.finding(
            Checker.BARRIER,
            site(block, first),
            firstWarp,
            Integer.numberOfTrailingZeros(first.mask),
            text.toString()));
  }

  /** A launch that takes too long: names where one of its warps is. */
  static KernelFaultException timeout(Block block, long budget) {
    for (Warp warp : block.warps()) {
      if (!warp.finished()) {
        Strand strand = warp.strands.getFirst();
        return new KernelFaultException(
            KernelFault.TIMEOUT,
            block.finding(
                Checker.BARRIER,
                site(block, strand),
                warp,
                Integer.numberOfTrailingZeros(strand.mask),
                "the launch has not ended after "
                    + budget
                    + " warp instructions, its budget; a thread is here"));
      }
    }
    throw new IllegalStateException("a block that has ended used up the budget");
  }

  private static Site site(Block block, Strand strand) {
    var function = strand.frame.code.function();
    return new Site(
        block.grid().kernel().program().module().name(),
        function,
        function
            .body()
            .instructions()
            .get(Math.min(strand.pc, function.body().instructions().size() - 1)));
  }

  private static String mbarrier(Warp warp, Strand strand) {
    MbarrierOperations.Wait wait =
        (MbarrierOperations.Wait) Guarded.unguarded(strand.frame.code.operations[strand.pc]);
    return "for " + wait.describe(warp, strand);
  }

  private static String describe(Warp warp, Strand strand) {
    Site site = site(warp.block, strand);
    String what =
        switch (strand.state) {
          case EXCHANGE -> "for other lanes of its mask";
          case ALIGNED -> "for the rest of the warp";
          case ARRIVING -> "for the rest of the warp at " + strand.barrier;
          case BARRIER -> "for other warps at " + strand.barrier;
          case CLUSTER -> "for others at the cluster's barrier";
          case MBARRIER -> mbarrier(warp, strand);
          case READY, ENDED -> "for nothing that comes";
        };
    return "warp "
        + warp.index
        + " lanes 0x"
        + Integer.toHexString(strand.mask)
        + " wait at "
        + site.instruction().spelling()
        + " ("
        + site.module()
        + ":"
        + site.instruction().position()
        + ") "
        + what;
  }
}
