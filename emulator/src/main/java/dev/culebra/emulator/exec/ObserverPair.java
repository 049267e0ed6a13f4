package dev.culebra.emulator.exec;

/** Tells two observers. */
final class ObserverPair extends BlockObserver {
  private final BlockObserver first;
  private final BlockObserver second;

  ObserverPair(BlockObserver first, BlockObserver second) {
    this.first = first;
    this.second = second;
  }

  @Override
  void begin() {
    first.begin();
    second.begin();
  }

  @Override
  void end() {
    first.end();
    second.end();
  }

  @Override
  boolean counts() {
    return first.counts() || second.counts();
  }

  @Override
  void executes(Warp warp, Code code, int pc, int lanes) {
    first.executes(warp, code, pc, lanes);
    second.executes(warp, code, pc, lanes);
  }

  @Override
  void diverges(Warp warp) {
    first.diverges(warp);
    second.diverges(warp);
  }

  @Override
  void access(Warp warp, MemoryOperation operation, int lanes) {
    first.access(warp, operation, lanes);
    second.access(warp, operation, lanes);
  }

  @Override
  void contiguous(Warp warp, MemoryOperation operation, long address) {
    first.contiguous(warp, operation, address);
    second.contiguous(warp, operation, address);
  }

  @Override
  void saw(Warp warp, MemoryOperation operation, int lanes) {
    first.saw(warp, operation, lanes);
    second.saw(warp, operation, lanes);
  }

  @Override
  void stretch(Warp warp, MemoryOperation operation, int lane, long address, long bytes) {
    first.stretch(warp, operation, lane, address, bytes);
    second.stretch(warp, operation, lane, address, bytes);
  }

  @Override
  void arrives(Warp warp, int lanes, NamedBarrier barrier, Site site, boolean waits) {
    first.arrives(warp, lanes, barrier, site, waits);
    second.arrives(warp, lanes, barrier, site, waits);
  }

  @Override
  void opens(NamedBarrier barrier) {
    first.opens(barrier);
    second.opens(barrier);
  }

  @Override
  void clusterOpens() {
    first.clusterOpens();
    second.clusterOpens();
  }

  @Override
  void warpMeets(Warp warp, int lanes) {
    first.warpMeets(warp, lanes);
    second.warpMeets(warp, lanes);
  }

  @Override
  void warpExchanges(Warp warp, int lanes) {
    first.warpExchanges(warp, lanes);
    second.warpExchanges(warp, lanes);
  }

  @Override
  void fences(Warp warp, int lanes, Site site) {
    first.fences(warp, lanes, site);
    second.fences(warp, lanes, site);
  }

  @Override
  void fencesProxy(Warp warp, int lanes) {
    first.fencesProxy(warp, lanes);
    second.fencesProxy(warp, lanes);
  }

  @Override
  void arrives(Warp warp, int lane, Mbarrier barrier) {
    first.arrives(warp, lane, barrier);
    second.arrives(warp, lane, barrier);
  }

  @Override
  void observes(Warp warp, int lane, Mbarrier barrier) {
    first.observes(warp, lane, barrier);
    second.observes(warp, lane, barrier);
  }

  @Override
  void carries(AsyncCopy copy, Mbarrier barrier) {
    first.carries(copy, barrier);
    second.carries(copy, barrier);
  }

  @Override
  void issues(AsyncCopy copy) {
    first.issues(copy);
    second.issues(copy);
  }

  @Override
  void awaits(Warp warp, int lane, AsyncCopy copy) {
    first.awaits(warp, lane, copy);
    second.awaits(warp, lane, copy);
  }

  @Override
  void exits(Warp warp, int lanes) {
    first.exits(warp, lanes);
    second.exits(warp, lanes);
  }
}
