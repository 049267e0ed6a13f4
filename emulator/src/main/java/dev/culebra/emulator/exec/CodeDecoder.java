package dev.culebra.emulator.exec;

import dev.culebra.emulator.ptx.Function;
import dev.culebra.emulator.ptx.FunctionBody;
import dev.culebra.emulator.ptx.Instruction;
import dev.culebra.emulator.ptx.Operand;
import dev.culebra.emulator.ptx.StateSpace;
import dev.culebra.emulator.ptx.Variable;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;

/** Makes a function's instructions executable. */
final class CodeDecoder {
  /** Who decodes; asked in this order. */
  private static final List<OperationFamily> FAMILIES =
      List.of(
          new ControlFamily(),
          new BarrierFamily(),
          new ExchangeFamily(),
          new LoadStoreFamily(),
          new AtomicFamily(),
          new CopyFamily(),
          new MbarrierFamily(),
          new AddressFamily(),
          new FenceFamily(),
          new SpecialRegisterFamily(),
          new ArithmeticFamily(),
          new TensorCoreFamily());

  /** Opcodes that a whole warp executes together. */
  private static final Set<String> WHOLE_WARP =
      Set.of("mma", "wmma", "ldmatrix", "stmatrix", "movmatrix");

  private final EngineContext context;
  private final FunctionBody body;
  private final FrameLayout layout;

  private CodeDecoder(Kernel kernel, Function function, FunctionScope scope) {
    body = function.body();
    refuseWideRegisters(kernel, function);
    layout = new FrameLayout(body.registers());
    context = new EngineContext(kernel, function, layout, scope);
  }

  private static void refuseWideRegisters(Kernel kernel, Function function) {
    for (Operand.Register register : function.body().registers()) {
      if (register.type().bits() > Long.SIZE) {
        throw new UnsupportedPtxException(
            "register "
                + register.name()
                + " of "
                + function.name()
                + " is of type ."
                + register.type().spelling()
                + ", which is not emulated, "
                + kernel.program().module().name()
                + ":"
                + function.position());
      }
    }
  }

  /**
   * @param index that the code gets among its kernel's
   * @throws UnsupportedPtxException naming the first instruction that is not emulated
   */
  static Code decode(Kernel kernel, Function function, int index) {
    FunctionScope scope = new FunctionScope(kernel, function);
    CodeDecoder decoder = new CodeDecoder(kernel, function, scope);
    List<Operation> operations = new ArrayList<>();
    for (Instruction instruction : decoder.body.instructions()) {
      operations.add(decoder.decode(instruction));
    }
    operations.add(function.entry() ? new ExitOperation() : new ReturnOperation());
    List<Argument> parameters =
        function.entry() ? List.of() : decoder.places(function.parameters());
    Invariants invariants =
        new Invariants(
            function.entry(),
            decoder.body.registers(),
            new RegisterUse(function),
            decoder.layout,
            operations);
    return new Code(
        function,
        index,
        decoder.layout,
        scope.localBytes(),
        parameters,
        decoder.places(function.results()),
        invariants);
  }

  private Operation decode(Instruction instruction) {
    try {
      for (OperationFamily family : FAMILIES) {
        Operation operation = family.decode(instruction, context);
        if (operation != null) {
          return guard(instruction, operation);
        }
      }
    } catch (IndexOutOfBoundsException | NoSuchElementException e) {
      // It has fewer operands than any of its forms.
      throw context.unsupported(instruction);
    }
    throw context.unsupported(instruction);
  }

  private Operation guard(Instruction instruction, Operation decoded) {
    Operation operation =
        WHOLE_WARP.contains(instruction.opcode())
            ? new AlignedOperation(decoded, context.site(instruction))
            : decoded;
    Instruction.Guard guard = instruction.guard();
    if (guard == null || operation instanceof BranchOperation) {
      return operation;
    }
    int predicate = layout.slot(guard.predicate());
    return operation instanceof ControlOperation control
        ? Guarded.control(control, predicate, guard.negated())
        : Guarded.plain(operation, predicate, guard.negated());
  }

  /** Where a function's parameters or results lie in its frames. */
  private List<Argument> places(List<Variable> variables) {
    List<Argument> places = new ArrayList<>();
    for (Variable variable : variables) {
      if (variable.space() != StateSpace.REG) {
        Place.Local place = (Place.Local) context.place(variable.name());
        places.add(new Argument.Memory(place.offset(), Math.toIntExact(variable.size())));
        continue;
      }
      int slot = layout.slot(register(variable.name()));
      places.add(
          new Argument.Slot(FrameLayout.bank(variable.type()), slot, variable.type().bytes()));
    }
    return places;
  }

  private Operand.Register register(String name) {
    for (Operand.Register register : body.registers()) {
      if (register.name().equals(name)) {
        return register;
      }
    }
    throw new IllegalStateException("no register " + name);
  }
}
