package dev.culebra.emulator.exec;

/** Asynchronous copies and their groups (PTX ISA 9.7.9.25). */
final class CopyOperations {
  private CopyOperations() {}

  /** {@code cp.async}. */
  static final class Issue extends Operation {
    private final Port target;
    private final Port source;
    private final int bytes;
    private final int sourceBytes;
    private final int ignored;

    /**
     * @param sourceBytes slot of the bytes to be read; -1 for all
     * @param ignored predicate of lanes that read nothing; -1 for none
     */
    Issue(Port target, Port source, int bytes, int sourceBytes, int ignored) {
      this.target = target;
      this.source = source;
      this.bytes = bytes;
      this.sourceBytes = sourceBytes;
      this.ignored = ignored;
    }

    @Override
    void execute(Warp warp, int active) {
      int reading = active;
      int inPart = 0;
      if (ignored >= 0) {
        reading &= ~warp.predicates[ignored];
      }
      if (sourceBytes >= 0) {
        for (int left = reading; left != 0; left &= left - 1) {
          int lane = Integer.numberOfTrailingZeros(left);
          int count = warp.words[sourceBytes][lane];
          if (count == 0) {
            reading &= ~(1 << lane);
          } else if (count < 0 || count > bytes) {
            throw warp.fault(
                KernelFault.ILLEGAL_INSTRUCTION,
                target.site,
                lane,
                "a copy of " + count + " bytes into " + bytes);
          } else if (count < bytes) {
            inPart |= 1 << lane;
          }
        }
      }
      long[] sources = warp.otherNatives;
      if ((reading & ~inPart) != 0) {
        source.resolve(warp, reading & ~inPart);
        System.arraycopy(warp.natives, 0, sources, 0, LANES);
      }
      for (int left = inPart; left != 0; left &= left - 1) {
        int lane = Integer.numberOfTrailingZeros(left);
        sources[lane] = source.stretch(warp, lane, warp.words[sourceBytes][lane], bytes);
      }
      target.resolve(warp, active);
      AsyncCopies copies = warp.block.copies();
      for (int left = active; left != 0; left &= left - 1) {
        int lane = Integer.numberOfTrailingZeros(left);
        boolean reads = (reading >>> lane & 1) != 0;
        int count = !reads ? 0 : sourceBytes < 0 ? bytes : warp.words[sourceBytes][lane];
        copies.issue(
            new AsyncCopy(
                target.site,
                warp.index * LANES + lane,
                reads ? sources[lane] : 0,
                warp.natives[lane],
                (int) (warp.natives[lane] - warp.block.shared.base),
                true,
                bytes,
                count,
                null,
                null),
            false,
            true);
      }
    }
  }

  /** {@code cp.async.bulk} and {@code cp.reduce.async.bulk}. */
  static final class IssueBulk extends Operation {
    private final Port target;
    private final Port source;
    private final int bytes;
    private final AsyncCopy.Action action;
    private final MbarrierOperations.Access barrier;

    /**
     * @param bytes slot of the size
     * @param action what is done to the target; null for a copy
     * @param barrier that counts the bytes; null where they are waited for in groups
     */
    IssueBulk(
        Port target,
        Port source,
        int bytes,
        AsyncCopy.Action action,
        MbarrierOperations.Access barrier) {
      this.target = target;
      this.source = source;
      this.bytes = bytes;
      this.action = action;
      this.barrier = barrier;
    }

    @Override
    void execute(Warp warp, int active) {
      for (int left = active; left != 0; left &= left - 1) {
        int lane = Integer.numberOfTrailingZeros(left);
        int length = warp.words[bytes][lane];
        long from = source.bulk(warp, lane, length);
        long to = target.bulk(warp, lane, length);
        Mbarrier counter = null;
        if (barrier != null) {
          barrier.resolve(warp, 1 << lane);
          counter = barrier.barrier(warp, lane, barrier.sharedAddress(warp, lane));
        }
        boolean intoShared = target.space == Space.SHARED;
        warp.block
            .copies()
            .issue(
                new AsyncCopy(
                    target.site,
                    warp.index * LANES + lane,
                    from,
                    to,
                    (int) ((intoShared ? to : from) - warp.block.shared.base),
                    intoShared,
                    length,
                    length,
                    action,
                    counter),
                true,
                barrier == null);
      }
    }
  }

  /** {@code commit_group}. */
  static final class Commit extends Operation {
    private final boolean bulk;

    Commit(boolean bulk) {
      this.bulk = bulk;
    }

    @Override
    void execute(Warp warp, int active) {
      warp.block.copies().commit(warp, active, bulk);
    }
  }

  /** {@code wait_group}. */
  static final class Await extends Operation {
    private final long most;
    private final boolean bulk;
    private final boolean readsOnly;

    /**
     * @param most groups that may still be pending
     * @param readsOnly whether it is enough that sources were read
     */
    Await(long most, boolean bulk, boolean readsOnly) {
      this.most = most;
      this.bulk = bulk;
      this.readsOnly = readsOnly;
    }

    @Override
    void execute(Warp warp, int active) {
      warp.block.copies().await(warp, active, most, bulk, readsOnly);
    }
  }

  /** {@code wait_all}. */
  static final class AwaitAll extends Operation {
    @Override
    void execute(Warp warp, int active) {
      warp.block.copies().awaitAll(warp, active);
    }
  }
}
