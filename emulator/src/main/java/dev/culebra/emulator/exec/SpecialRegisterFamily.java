package dev.culebra.emulator.exec;

import dev.culebra.emulator.ptx.Instruction;
import dev.culebra.emulator.ptx.Operand;
import dev.culebra.emulator.ptx.ScalarType;

/** {@code mov} from registers that change while a warp runs, or are wide (PTX ISA 10). */
final class SpecialRegisterFamily implements OperationFamily {
  /** Which clock, and which half of it. */
  private enum Clock {
    CYCLES_LOW(32),
    CYCLES_HIGH(32),
    CYCLES(64),
    NANOSECONDS_LOW(32),
    NANOSECONDS_HIGH(32),
    NANOSECONDS(64);

    private final int bits;

    Clock(int bits) {
      this.bits = bits;
    }
  }

  @Override
  public Operation decode(Instruction instruction, DecodeContext context) {
    if (!instruction.opcode().equals("mov")
        || instruction.operands().size() != 2
        || !(instruction.operands().get(1) instanceof Operand.SpecialRegister special)) {
      return null;
    }
    Operand target = instruction.operands().getFirst();
    String name = EngineContext.name(special);
    if (name.equals("is_explicit_cluster")) {
      return new False(context.destination(instruction, target, ScalarType.PRED));
    }
    Clock clock =
        switch (name) {
          case "clock" -> Clock.CYCLES_LOW;
          case "clock_hi" -> Clock.CYCLES_HIGH;
          case "clock64" -> Clock.CYCLES;
          case "globaltimer_lo" -> Clock.NANOSECONDS_LOW;
          case "globaltimer_hi" -> Clock.NANOSECONDS_HIGH;
          case "globaltimer" -> Clock.NANOSECONDS;
          default -> null;
        };
    boolean wide = SpecialRegisters.LONGS.contains(name);
    if (clock == null && !wide) {
      return null;
    }
    Modifiers modifiers = context.modifiers(instruction);
    ScalarType type = modifiers.takeType();
    modifiers.finish();
    if (wide) {
      if (type.bits() != Long.SIZE) {
        throw context.unsupported(instruction);
      }
      return new Copy(
          context.destination(instruction, target, type), context.layout().specialLong(name));
    }
    if (type.bits() != clock.bits) {
      throw context.unsupported(instruction);
    }
    return new ReadClock(clock, context.destination(instruction, target, type));
  }

  private static final class False extends Operation {
    private final int target;

    private False(int target) {
      this.target = target;
    }

    @Override
    void execute(Warp warp, int active) {
      warp.predicates[target] &= ~active;
    }
  }

  /** From a register of 64 bits that stays as it is. */
  private static final class Copy extends Operation {
    private final int target;
    private final int source;

    private Copy(int target, int source) {
      this.target = target;
      this.source = source;
    }

    @Override
    void execute(Warp warp, int active) {
      for (int left = active; left != 0; left &= left - 1) {
        int lane = Integer.numberOfTrailingZeros(left);
        warp.longs[target][lane] = warp.longs[source][lane];
      }
    }
  }

  private static final class ReadClock extends Operation {
    private final Clock clock;
    private final int target;

    private ReadClock(Clock clock, int target) {
      this.clock = clock;
      this.target = target;
    }

    @Override
    void execute(Warp warp, int active) {
      warp.polled();
      long time =
          clock.ordinal() <= Clock.CYCLES.ordinal() ? warp.cycles() : warp.block.nanoseconds();
      for (int left = active; left != 0; left &= left - 1) {
        int lane = Integer.numberOfTrailingZeros(left);
        switch (clock) {
          case CYCLES_LOW, NANOSECONDS_LOW -> warp.words[target][lane] = (int) time;
          case CYCLES_HIGH, NANOSECONDS_HIGH ->
              warp.words[target][lane] = (int) (time >>> Integer.SIZE);
          case CYCLES, NANOSECONDS -> warp.longs[target][lane] = time;
        }
      }
    }
  }
}
