package dev.culebra.emulator.exec;

import dev.culebra.emulator.ptx.Function;
import dev.culebra.emulator.ptx.FunctionBody;
import dev.culebra.emulator.ptx.Instruction;
import dev.culebra.emulator.ptx.Operand;
import dev.culebra.emulator.ptx.ScalarType;
import dev.culebra.emulator.ptx.StateSpace;
import dev.culebra.emulator.ptx.Variable;
import java.util.ArrayList;
import java.util.List;

/** Control flow (PTX ISA 9.7.12), and what has no effect but on time (9.7.18 and 9.7.13). */
final class ControlFamily implements OperationFamily {
  private static final int REGISTERS_UNIT = 8;
  private static final int LEAST_REGISTERS = 24;
  private static final int MOST_REGISTERS = 256;

  @Override
  public Operation decode(Instruction instruction, DecodeContext decodeContext) {
    EngineContext context = (EngineContext) decodeContext;
    Modifiers modifiers = context.modifiers(instruction);
    return switch (instruction.opcode()) {
      case "bra" -> branch(instruction, context, modifiers);
      case "brx" -> indexedBranch(instruction, context, modifiers);
      case "call" -> call(instruction, context, modifiers);
      case "ret" -> {
        modifiers.take("uni");
        modifiers.finish();
        yield context.function().entry() ? new ExitOperation() : new ReturnOperation();
      }
      case "exit" -> {
        modifiers.finish();
        yield new ExitOperation();
      }
      case "trap", "brkpt" -> {
        modifiers.finish();
        yield new Trap(context.site(instruction));
      }
      case "nanosleep" -> {
        modifiers.takeType();
        modifiers.finish();
        context.source(instruction, instruction.operands().getFirst(), ScalarType.U32);
        yield new Yield();
      }
      case "pmevent" -> {
        modifiers.take("mask");
        modifiers.finish();
        yield new Nothing();
      }
      case "griddepcontrol" -> {
        if (modifiers.takeOneOf("launch_dependents", "wait") == null) {
          throw modifiers.unsupported();
        }
        modifiers.finish();
        yield new Nothing();
      }
      case "setmaxnreg" -> registers(instruction, modifiers);
      default -> null;
    };
  }

  private static Operation branch(
      Instruction instruction, EngineContext context, Modifiers modifiers) {
    modifiers.take("uni");
    modifiers.finish();
    if (!(instruction.operands().getFirst() instanceof Operand.Label label)) {
      throw context.unsupported(instruction);
    }
    Instruction.Guard guard = instruction.guard();
    return guard == null
        ? new BranchOperation(label.target(), -1, false)
        : new BranchOperation(
            label.target(), context.layout().slot(guard.predicate()), guard.negated());
  }

  private static Operation indexedBranch(
      Instruction instruction, EngineContext context, Modifiers modifiers) {
    boolean indexed = modifiers.take("idx");
    modifiers.take("uni");
    modifiers.finish();
    if (!indexed || !(instruction.operands().get(1) instanceof Operand.DirectiveLabel list)) {
      throw context.unsupported(instruction);
    }
    int[] targets =
        context.function().body().branchTargets().get(list.name()).stream()
            .mapToInt(Operand.Label::target)
            .toArray();
    return new BranchOperation.Indexed(
        targets,
        context.source(instruction, instruction.operands().getFirst(), ScalarType.U32),
        context.site(instruction));
  }

  private static Operation call(
      Instruction instruction, EngineContext context, Modifiers modifiers) {
    modifiers.take("uni");
    modifiers.finish();
    List<Operand> operands = instruction.operands();
    List<Operand> results = ((Operand.Arguments) operands.get(0)).elements();
    List<Operand> arguments = ((Operand.Arguments) operands.get(2)).elements();
    if (operands.get(1) instanceof Operand.Register register) {
      FunctionBody.Prototype prototype = prototype(instruction, context);
      return new CallOperation(
          null,
          context.source(instruction, register, ScalarType.U64),
          passed(instruction, context, arguments, prototype.parameters()),
          passed(instruction, context, results, prototype.results()),
          context.site(instruction));
    }
    String name = ((Operand.SymbolAddress) operands.get(1)).name();
    if (!(context.place(name) instanceof Place.Callable(FunctionReference callee, long _))) {
      throw context.unsupported(instruction);
    }
    Function function = callee.function();
    List<Argument> in = passed(instruction, context, arguments, function.parameters());
    List<Argument> out = passed(instruction, context, results, function.results());
    if (function.body() == null) {
      return SystemCalls.decode(function.name(), in, out, context.site(instruction));
    }
    if (function.entry()) {
      throw context.unsupported(instruction);
    }
    return new CallOperation(callee, -1, in, out, context.site(instruction));
  }

  private static FunctionBody.Prototype prototype(Instruction instruction, EngineContext context) {
    if (instruction.operands().size() < 4
        || !(instruction.operands().get(3) instanceof Operand.DirectiveLabel label)) {
      throw context.unsupported(instruction);
    }
    FunctionBody body = context.function().body();
    FunctionBody.Prototype prototype = body.prototypes().get(label.name());
    if (prototype != null) {
      return prototype;
    }
    List<String> targets = body.callTargets().get(label.name());
    if (targets == null
        || targets.isEmpty()
        || !(context.place(targets.getFirst())
            instanceof Place.Callable(FunctionReference function, long _))) {
      throw context.unsupported(instruction);
    }
    return new FunctionBody.Prototype(
        function.function().results(), function.function().parameters());
  }

  /** Where the caller holds what it passes or wants. */
  private static List<Argument> passed(
      Instruction instruction,
      EngineContext context,
      List<Operand> operands,
      List<Variable> formals) {
    if (operands.size() != formals.size()) {
      throw context.unsupported(instruction);
    }
    List<Argument> arguments = new ArrayList<>();
    for (int i = 0; i < operands.size(); i++) {
      arguments.add(passed(instruction, context, operands.get(i), formals.get(i)));
    }
    return arguments;
  }

  private static Argument passed(
      Instruction instruction, EngineContext context, Operand operand, Variable formal) {
    if (operand instanceof Operand.SymbolAddress(String name, long offset)
        && context.place(name) instanceof Place.Local(Variable variable, int at)
        && variable.space() == StateSpace.PARAM) {
      return new Argument.Memory(at + offset, Math.toIntExact(variable.size()));
    }
    ScalarType type = formal.type();
    int slot =
        operand instanceof Operand.Sink
            ? context.destination(instruction, operand, type)
            : context.source(instruction, operand, type);
    return new Argument.Slot(FrameLayout.bank(type), slot, type.bytes());
  }

  private static Operation registers(Instruction instruction, Modifiers modifiers) {
    boolean known = modifiers.takeOneOf("inc", "dec") != null;
    known &= modifiers.take("sync") & modifiers.take("aligned");
    if (!known
        || modifiers.takeType() != ScalarType.U32
        || !(instruction.operands().getFirst() instanceof Operand.IntegerConstant(long count))
        || count < LEAST_REGISTERS
        || count > MOST_REGISTERS
        || count % REGISTERS_UNIT != 0) {
      throw modifiers.unsupported();
    }
    modifiers.finish();
    return new Nothing();
  }

  /** What programs can't tell from nothing. */
  static final class Nothing extends Operation {
    @Override
    void execute(Warp warp, int active) {
      // As its name says.
    }
  }

  /** Waits a little: others have their turn. */
  private static final class Yield extends Operation {
    @Override
    void execute(Warp warp, int active) {
      warp.polled();
    }
  }

  private static final class Trap extends Operation {
    private final Site site;

    private Trap(Site site) {
      this.site = site;
    }

    @Override
    void execute(Warp warp, int active) {
      throw warp.fault(
          KernelFault.TRAP,
          site,
          Integer.numberOfTrailingZeros(active),
          site.instruction().opcode());
    }
  }
}
