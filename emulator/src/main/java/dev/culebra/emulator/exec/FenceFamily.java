package dev.culebra.emulator.exec;

import dev.culebra.emulator.ptx.Instruction;
import dev.culebra.emulator.ptx.Operand;
import dev.culebra.emulator.ptx.ScalarType;
import dev.culebra.emulator.ptx.StateSpace;
import java.lang.invoke.VarHandle;
import java.util.List;

/** Fences (PTX ISA 9.7.13.5), and hints to caches (9.7.9.14 to 17 and 21). */
final class FenceFamily implements OperationFamily {
  @Override
  public Operation decode(Instruction instruction, DecodeContext decodeContext) {
    EngineContext context = (EngineContext) decodeContext;
    Modifiers modifiers = context.modifiers(instruction);
    return switch (instruction.opcode()) {
      case "membar" -> membar(modifiers, context.site(instruction));
      case "fence" -> fence(instruction, context, modifiers);
      case "prefetch", "prefetchu" -> prefetch(instruction, context, modifiers);
      case "applypriority" -> applyPriority(instruction, context, modifiers);
      case "discard" -> discard(instruction, context, modifiers);
      case "createpolicy" -> policy(instruction, context, modifiers);
      default -> null;
    };
  }

  private static Operation membar(Modifiers modifiers, Site site) {
    if (modifiers.take("proxy")) {
      return proxy(modifiers, site);
    }
    if (modifiers.takeOneOf("cta", "gl", "sys") == null) {
      throw modifiers.unsupported();
    }
    modifiers.finish();
    return new Fence(site, false);
  }

  private static Operation fence(
      Instruction instruction, EngineContext context, Modifiers modifiers) {
    if (!instruction.operands().isEmpty()) {
      throw context.unsupported(instruction);
    }
    Site site = context.site(instruction);
    if (modifiers.take("proxy")) {
      return proxy(modifiers, site);
    }
    if (modifiers.take("mbarrier_init")) {
      if (!modifiers.take("release") || !modifiers.take("cluster")) {
        throw modifiers.unsupported();
      }
      modifiers.finish();
      return new Fence(site, false);
    }
    // Without an order, acq_rel is meant.
    modifiers.takeOneOf("sc", "acq_rel", "acquire", "release");
    modifiers.takeOneOf("sync_restrict::shared::cta", "sync_restrict::shared::cluster");
    if (!AccessModifiers.takeScope(modifiers)) {
      throw modifiers.unsupported();
    }
    modifiers.finish();
    return new Fence(site, false);
  }

  private static Operation proxy(Modifiers modifiers, Site site) {
    String kind =
        modifiers.takeOneOf(
            "alias", "async", "async.global", "async.shared::cta", "async.shared::cluster");
    if (kind == null) {
      throw modifiers.unsupported();
    }
    modifiers.takeOneOf("global", "shared::cta", "shared::cluster");
    modifiers.finish();
    return new Fence(site, !kind.equals("alias"));
  }

  private static Operation prefetch(
      Instruction instruction, EngineContext context, Modifiers modifiers) {
    if (modifiers.take("tensormap")) {
      throw context.unsupported(instruction);
    }
    StateSpace space = AccessModifiers.takeSpace(modifiers);
    if (modifiers.takeOneOf("L1", "L2", "L2::evict_last", "L2::evict_normal") == null) {
      throw modifiers.unsupported();
    }
    modifiers.finish();
    context.address(instruction, instruction.operands().getFirst(), space);
    return new ControlFamily.Nothing();
  }

  private static Operation applyPriority(
      Instruction instruction, EngineContext context, Modifiers modifiers) {
    StateSpace space = AccessModifiers.takeSpace(modifiers);
    if (!modifiers.take("L2::evict_normal")) {
      throw modifiers.unsupported();
    }
    modifiers.finish();
    context.address(instruction, instruction.operands().getFirst(), space);
    return new ControlFamily.Nothing();
  }

  /** The bytes of a line lose their value. */
  private static Operation discard(
      Instruction instruction, EngineContext context, Modifiers modifiers) {
    StateSpace space = AccessModifiers.takeSpace(modifiers);
    if (!modifiers.take("L2")
        || !(instruction.operands().get(1) instanceof Operand.IntegerConstant(long bytes))
        || bytes != DiscardOperation.BYTES) {
      throw modifiers.unsupported();
    }
    modifiers.finish();
    return new DiscardOperation(
        context.address(instruction, instruction.operands().getFirst(), space),
        context.site(instruction));
  }

  /** Policies are hints to a cache: any value will do. */
  private static Operation policy(
      Instruction instruction, EngineContext context, Modifiers modifiers) {
    if (modifiers.takeOneOf("fractional", "range", "cvt") == null) {
      throw modifiers.unsupported();
    }
    modifiers.takeOneOf("L2", "global");
    String[] priorities = {
      "L2::evict_last", "L2::evict_normal", "L2::evict_first", "L2::evict_unchanged", "L2"
    };
    while (modifiers.takeOneOf(priorities) != null) {
      // A primary and a secondary one.
    }
    if (modifiers.takeType() != ScalarType.B64) {
      throw modifiers.unsupported();
    }
    modifiers.finish();
    List<Operand> operands = instruction.operands();
    return new Policy(context.destination(instruction, operands.getFirst(), ScalarType.B64));
  }

  private static final class Policy extends Operation {
    private final int target;

    private Policy(int target) {
      this.target = target;
    }

    @Override
    void execute(Warp warp, int active) {
      for (int left = active; left != 0; left &= left - 1) {
        warp.longs[target][Integer.numberOfTrailingZeros(left)] = 0;
      }
    }
  }

  private static final class Fence extends Operation {
    private final Site site;
    private final boolean toAsyncProxy;

    private Fence(Site site, boolean toAsyncProxy) {
      this.site = site;
      this.toAsyncProxy = toAsyncProxy;
    }

    @Override
    void execute(Warp warp, int active) {
      VarHandle.fullFence();
      warp.block.epoch++;
      if (warp.block.observer != null) {
        if (toAsyncProxy) {
          warp.block.observer.fencesProxy(warp, active);
        }
        warp.block.observer.fences(warp, active, site);
      }
    }
  }
}
