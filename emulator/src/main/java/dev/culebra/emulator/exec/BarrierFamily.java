package dev.culebra.emulator.exec;

import dev.culebra.emulator.ptx.Instruction;
import dev.culebra.emulator.ptx.Operand;
import dev.culebra.emulator.ptx.ScalarType;
import java.util.List;

/** {@code bar}, {@code barrier} and {@code barrier.cluster} (PTX ISA 9.7.13.1 to 4). */
final class BarrierFamily implements OperationFamily {
  @Override
  public Operation decode(Instruction instruction, DecodeContext decodeContext) {
    EngineContext context = (EngineContext) decodeContext;
    boolean bar = instruction.opcode().equals("bar");
    if (!bar && !instruction.opcode().equals("barrier")) {
      return null;
    }
    Modifiers modifiers = context.modifiers(instruction);
    if (bar && modifiers.take("warp")) {
      return warpBarrier(instruction, context, modifiers);
    }
    if (modifiers.take("cluster")) {
      return cluster(instruction, context, modifiers);
    }
    modifiers.take("cta");
    boolean aligned = bar | modifiers.take("aligned");
    String kind = modifiers.takeOneOf("sync", "arrive", "red");
    if (kind == null) {
      throw modifiers.unsupported();
    }
    return kind.equals("red")
        ? vote(instruction, context, modifiers, aligned)
        : plain(instruction, context, modifiers, aligned, kind);
  }

  private static Operation warpBarrier(
      Instruction instruction, EngineContext context, Modifiers modifiers) {
    if (!modifiers.take("sync")) {
      throw modifiers.unsupported();
    }
    modifiers.finish();
    return new ExchangeOperations.WarpBarrier(
        context.source(instruction, instruction.operands().getFirst(), ScalarType.B32),
        context.site(instruction));
  }

  private static Operation cluster(
      Instruction instruction, EngineContext context, Modifiers modifiers) {
    String kind = modifiers.takeOneOf("arrive", "wait");
    if (kind == null) {
      throw modifiers.unsupported();
    }
    boolean arrive = kind.equals("arrive");
    if (arrive) {
      modifiers.takeOneOf("release", "relaxed");
    } else {
      modifiers.take("acquire");
    }
    modifiers.take("aligned");
    modifiers.finish();
    Site site = context.site(instruction);
    return arrive ? new ClusterBarrier.Arrive(site) : new ClusterBarrier.Wait(site);
  }

  private static Operation plain(
      Instruction instruction,
      EngineContext context,
      Modifiers modifiers,
      boolean aligned,
      String kind) {
    modifiers.finish();
    List<Operand> operands = instruction.operands();
    boolean arrive = kind.equals("arrive");
    if (arrive && operands.size() < 2) {
      throw context.unsupported(instruction);
    }
    return new BarrierOperation(
        arrive ? BarrierOperation.Kind.ARRIVE : BarrierOperation.Kind.SYNC,
        aligned,
        context.source(instruction, operands.get(0), ScalarType.U32),
        operands.size() > 1 ? context.source(instruction, operands.get(1), ScalarType.U32) : -1,
        -1,
        false,
        -1,
        context.site(instruction));
  }

  private static Operation vote(
      Instruction instruction, EngineContext context, Modifiers modifiers, boolean aligned) {
    String kind = modifiers.takeOneOf("popc", "and", "or");
    if (kind == null) {
      throw modifiers.unsupported();
    }
    boolean count = kind.equals("popc");
    boolean barrierAligned = aligned | modifiers.take("aligned");
    ScalarType type = modifiers.takeType();
    modifiers.finish();
    if (type != (count ? ScalarType.U32 : ScalarType.PRED)) {
      throw context.unsupported(instruction);
    }
    List<Operand> operands = instruction.operands();
    Operand vote = operands.getLast();
    return new BarrierOperation(
        switch (kind) {
          case "popc" -> BarrierOperation.Kind.POPC;
          case "and" -> BarrierOperation.Kind.AND;
          default -> BarrierOperation.Kind.OR;
        },
        barrierAligned,
        context.source(instruction, operands.get(1), ScalarType.U32),
        operands.size() > 3 ? context.source(instruction, operands.get(2), ScalarType.U32) : -1,
        context.predicate(instruction, vote),
        vote instanceof Operand.NegatedPredicate,
        context.destination(instruction, operands.getFirst(), type),
        context.site(instruction));
  }
}
