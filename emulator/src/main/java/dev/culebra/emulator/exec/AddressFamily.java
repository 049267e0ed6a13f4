package dev.culebra.emulator.exec;

import dev.culebra.emulator.check.Checker;
import dev.culebra.emulator.memory.Allocation;
import dev.culebra.emulator.ptx.Instruction;
import dev.culebra.emulator.ptx.Operand;
import dev.culebra.emulator.ptx.ScalarType;
import java.util.List;

/** What is done with addresses (PTX ISA 9.7.9.18 to 20, 23 and 24). */
final class AddressFamily implements OperationFamily {
  private static final LaneFunction ADD = new ScalarMethods(IntegerArithmetic.class).find("add64");
  private static final LaneFunction MOVE = new ScalarMethods(BitLogic.class).find("move64");

  @Override
  public Operation decode(Instruction instruction, DecodeContext decodeContext) {
    EngineContext context = (EngineContext) decodeContext;
    Modifiers modifiers = context.modifiers(instruction);
    return switch (instruction.opcode()) {
      case "cvta" -> convert(instruction, context, modifiers);
      case "isspacep" -> ask(instruction, context, modifiers);
      case "mapa" -> map(instruction, context, modifiers);
      case "getctarank" -> rank(instruction, context, modifiers);
      default -> null;
    };
  }

  private static Operation convert(
      Instruction instruction, EngineContext context, Modifiers modifiers) {
    boolean fromGeneric = modifiers.take("to");
    String space =
        modifiers.takeOneOf(
            "global",
            "const",
            "shared",
            "shared::cta",
            "shared::cluster",
            "local",
            "param",
            "param::entry");
    if (space == null || modifiers.takeType() != ScalarType.U64) {
      throw modifiers.unsupported();
    }
    modifiers.finish();
    long window =
        switch (space) {
          case "shared", "shared::cta", "shared::cluster" -> Windows.SHARED;
          case "local" -> Windows.LOCAL;
          default -> 0;
        };
    List<Operand> operands = instruction.operands();
    int target = context.destination(instruction, operands.get(0), ScalarType.U64);
    int source = context.source(instruction, operands.get(1), ScalarType.U64);
    return window == 0
        ? LaneLoops.operation(MOVE, target, source)
        : LaneLoops.operation(
            ADD, target, source, context.layout().wide(fromGeneric ? -window : window));
  }

  private static Operation ask(
      Instruction instruction, EngineContext context, Modifiers modifiers) {
    String space =
        modifiers.takeOneOf(
            "global",
            "const",
            "shared",
            "shared::cta",
            "shared::cluster",
            "local",
            "param",
            "param::entry");
    if (space == null) {
      throw modifiers.unsupported();
    }
    modifiers.finish();
    List<Operand> operands = instruction.operands();
    return new IsInSpace(
        space,
        context.destination(instruction, operands.get(0), ScalarType.PRED),
        context.source(instruction, operands.get(1), ScalarType.U64));
  }

  /** With clusters of one block, an address in the block of rank 0 is the address itself. */
  private static Operation map(
      Instruction instruction, EngineContext context, Modifiers modifiers) {
    modifiers.take("shared::cluster");
    ScalarType type = modifiers.takeType();
    modifiers.finish();
    List<Operand> operands = instruction.operands();
    if (operands.size() != 3 || type != ScalarType.U32 && type != ScalarType.U64) {
      throw context.unsupported(instruction);
    }
    return new Map(
        type == ScalarType.U64,
        context.destination(instruction, operands.get(0), type),
        context.source(instruction, operands.get(1), type),
        context.source(instruction, operands.get(2), ScalarType.U32),
        context.site(instruction));
  }

  private static Operation rank(
      Instruction instruction, EngineContext context, Modifiers modifiers) {
    modifiers.take("shared::cluster");
    ScalarType type = modifiers.takeType();
    modifiers.finish();
    List<Operand> operands = instruction.operands();
    context.source(instruction, operands.get(1), type);
    return new Zero(context.destination(instruction, operands.get(0), ScalarType.U32));
  }

  private static final class Zero extends Operation {
    private final int target;

    private Zero(int target) {
      this.target = target;
    }

    @Override
    void execute(Warp warp, int active) {
      for (int left = active; left != 0; left &= left - 1) {
        warp.words[target][Integer.numberOfTrailingZeros(left)] = 0;
      }
    }
  }

  private static final class Map extends Operation {
    private final boolean wide;
    private final int target;
    private final int source;
    private final int rank;
    private final Site site;

    private Map(boolean wide, int target, int source, int rank, Site site) {
      this.wide = wide;
      this.target = target;
      this.source = source;
      this.rank = rank;
      this.site = site;
    }

    @Override
    void execute(Warp warp, int active) {
      for (int left = active; left != 0; left &= left - 1) {
        int lane = Integer.numberOfTrailingZeros(left);
        if (warp.words[rank][lane] != 0) {
          warp.block.report(
              Checker.MEMORY,
              site,
              warp,
              lane,
              "mapa to block "
                  + Integer.toUnsignedString(warp.words[rank][lane])
                  + " of a cluster of one");
        }
        if (wide) {
          warp.longs[target][lane] = warp.longs[source][lane];
        } else {
          warp.words[target][lane] = warp.words[source][lane];
        }
      }
    }
  }

  private static final class IsInSpace extends Operation {
    private final String space;
    private final int target;
    private final int source;

    private IsInSpace(String space, int target, int source) {
      this.space = space;
      this.target = target;
      this.source = source;
    }

    @Override
    void execute(Warp warp, int active) {
      int inside = 0;
      for (int left = active; left != 0; left &= left - 1) {
        int lane = Integer.numberOfTrailingZeros(left);
        inside |= isInside(warp, warp.longs[source][lane]) ? 1 << lane : 0;
      }
      warp.predicates[target] = warp.predicates[target] & ~active | inside;
    }

    private boolean isInside(Warp warp, long address) {
      return switch (space) {
        case "shared", "shared::cta", "shared::cluster" -> Windows.isShared(address);
        case "local" -> Windows.isLocal(address);
        case "param", "param::entry" -> Windows.isParam(address);
        default -> {
          Allocation allocation = warp.block.grid().memory().find(address);
          boolean constant = allocation != null && allocation.readOnly();
          yield space.equals("const")
              ? constant
              : !constant && (address < Windows.SHARED || address >= Windows.FUNCTIONS);
        }
      };
    }
  }
}
