package dev.culebra.emulator.exec;

import dev.culebra.emulator.ptx.Operand;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * What a function's code need not do again and again, of registers that one place alone assigns.
 * Where a constant, a special register, or another that stays as it is meanwhile is moved to one,
 * the two are one array of lanes. What a kernel computes of parameters, constants and thread
 * indices alone is done once for each warp of a block, when it enters a launch. The instructions
 * stay where they are, and count, but do nothing.
 */
final class Invariants {
  /** In place of an instruction that has been dealt with. */
  private static final class Nothing extends Operation {
    @Override
    void execute(Warp warp, int active) {}
  }

  private static final Nothing NOTHING = new Nothing();

  /** Registers of one bank. */
  private static final class Slots {
    /** Whose array each has: mostly its own. */
    private final int[] arrays;

    /** Registers that are assigned in one place; null for others. */
    private final Operand.Register[] assignedOnce;

    /** Registers; null for constants, special registers and the decoder's own. */
    private final Operand.Register[] registers;

    /** Those that stay as they are while a block of a launch runs. */
    private final BitSet constant = new BitSet();

    /** Those that stay as they are for all of a launch's blocks. */
    private final BitSet known = new BitSet();

    private Slots(List<FrameLayout.Source> sources, boolean entry) {
      arrays = new int[sources.size()];
      registers = new Operand.Register[arrays.length];
      assignedOnce = new Operand.Register[arrays.length];
      for (int slot = 0; slot < arrays.length; slot++) {
        arrays[slot] = slot;
        FrameLayout.Source source = sources.get(slot);
        boolean ofBlock =
            source instanceof FrameLayout.Source.Special(String name)
                && SpecialRegisters.isOfBlock(name);
        constant.set(slot, source != null);
        known.set(slot, source != null && entry && !ofBlock);
      }
    }

    private void share(int slot, int other) {
      arrays[slot] = arrays[other];
      constant.set(slot, constant.get(other));
      known.set(slot, known.get(other));
    }

    private void know(int slot) {
      constant.set(slot);
      known.set(slot);
    }
  }

  private final RegisterUse use;
  private final Slots words;
  private final Slots longs;
  private final List<Operation> prologue = new ArrayList<>();
  private final Operation[] rest;

  Invariants(
      boolean entry,
      List<Operand.Register> registers,
      RegisterUse use,
      FrameLayout layout,
      List<Operation> operations) {
    this.use = use;
    words = new Slots(layout.words(), entry);
    longs = new Slots(layout.longs(), entry);
    for (Operand.Register register : registers) {
      Slots slots = slots(FrameLayout.bank(register.type()));
      if (slots != null) {
        int slot = layout.slot(register);
        slots.registers[slot] = register;
        slots.assignedOnce[slot] = use.isAssignedOnce(register) ? register : null;
      }
    }
    rest = operations.toArray(Operation[]::new);
    for (int pc = 0; pc < rest.length; pc++) {
      if (rest[pc] instanceof LaneOperation operation && isSettled(pc, operation)
          || rest[pc] instanceof ParameterLoad load && isSettled(load, entry)) {
        rest[pc] = NOTHING;
      }
    }
  }

  private boolean isSettled(int pc, LaneOperation operation) {
    LaneFunction function = operation.function;
    Slots results = slots(LaneFunction.bank(function.result()));
    if (results == null || results.assignedOnce[operation.destination] == null) {
      return false;
    }
    if (function.isMove() && isCopy(pc, operation, results)) {
      results.share(operation.destination, operation.first);
      return true;
    }
    for (int i = 0; i < function.operands(); i++) {
      Slots operands = slots(LaneFunction.bank(function.operand(i)));
      if (operands == null || !operands.known.get(operation.source(i))) {
        return false;
      }
    }
    results.know(operation.destination);
    prologue.add(operation);
    return true;
  }

  private boolean isCopy(int pc, LaneOperation move, Slots slots) {
    if (slots.constant.get(move.first)) {
      return true;
    }
    Operand.Register other = slots.registers[slots.arrays[move.first]];
    return other != null && use.isCopy(pc, slots.registers[move.destination], other);
  }

  private boolean isSettled(ParameterLoad load, boolean entry) {
    Slots results = load.wide ? longs : words;
    if (!entry
        || Arrays.stream(load.destinations).anyMatch(slot -> results.assignedOnce[slot] == null)) {
      return false;
    }
    Arrays.stream(load.destinations).forEach(results::know);
    prologue.add(load);
    return true;
  }

  private Slots slots(FrameLayout.Bank bank) {
    return switch (bank) {
      case WORD -> words;
      case LONG -> longs;
      case PREDICATE -> null;
    };
  }

  /** For each slot of words, that whose array it shares; itself where it has its own. */
  int[] wordArrays() {
    return words.arrays;
  }

  /** Likewise of longs. */
  int[] longArrays() {
    return longs.arrays;
  }

  /** What a warp executes when its block enters a launch, with all lanes. */
  List<Operation> prologue() {
    return prologue;
  }

  /** The function's operations, without what is dealt with. */
  Operation[] rest() {
    return rest;
  }

  /** Whether an operation does nothing. */
  static boolean isNothing(Operation operation) {
    return operation == NOTHING;
  }
}
