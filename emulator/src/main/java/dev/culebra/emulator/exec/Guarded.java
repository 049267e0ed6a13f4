package dev.culebra.emulator.exec;

/** Guards, {@code @%p} and {@code @!%p}, around operations. */
final class Guarded {
  private Guarded() {}

  /** What a guard is around; the operation itself where it has none. */
  static Operation unguarded(Operation operation) {
    return switch (operation) {
      case Plain plain -> plain.operation;
      case Control control -> control.operation;
      default -> operation;
    };
  }

  /** Those of some lanes whose guard holds. */
  static int active(Operation operation, Warp warp, int lanes) {
    return switch (operation) {
      case Plain plain -> lanes & (warp.predicates[plain.predicate] ^ plain.flip);
      case Control control -> lanes & (warp.predicates[control.predicate] ^ control.flip);
      default -> lanes;
    };
  }

  static Operation plain(Operation operation, int predicate, boolean negated) {
    return new Plain(operation, predicate, negated ? ~0 : 0);
  }

  static ControlOperation control(ControlOperation operation, int predicate, boolean negated) {
    return new Control(operation, predicate, negated ? ~0 : 0);
  }

  private static final class Plain extends Operation {
    private final Operation operation;
    private final int predicate;
    private final int flip;

    private Plain(Operation operation, int predicate, int flip) {
      this.operation = operation;
      this.predicate = predicate;
      this.flip = flip;
    }

    @Override
    void execute(Warp warp, int active) {
      int guarded = active & (warp.predicates[predicate] ^ flip);
      if (guarded != 0) {
        operation.execute(warp, guarded);
      }
    }
  }

  /** Lanes whose guard is false go on alone, until they meet the others again. */
  static final class Control extends ControlOperation {
    private final ControlOperation operation;
    private final int predicate;
    private final int flip;

    private Control(ControlOperation operation, int predicate, int flip) {
      this.operation = operation;
      this.predicate = predicate;
      this.flip = flip;
    }

    ControlOperation operation() {
      return operation;
    }

    @Override
    boolean step(Warp warp, Strand strand) {
      int guarded = strand.mask & (warp.predicates[predicate] ^ flip);
      if (guarded == 0) {
        strand.pc++;
        return true;
      }
      if (guarded != strand.mask) {
        warp.split(strand, strand.mask & ~guarded, strand.pc + 1);
        operation.step(warp, strand);
        return false;
      }
      return operation.step(warp, strand);
    }
  }
}
