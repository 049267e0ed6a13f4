package dev.culebra.emulator.exec;

import dev.culebra.emulator.ptx.FunctionBody;
import dev.culebra.emulator.ptx.Instruction;
import dev.culebra.emulator.ptx.Operand;
import dev.culebra.emulator.ptx.PtxModule;
import dev.culebra.emulator.ptx.PtxParser;
import java.util.ArrayList;
import java.util.List;

/**
 * A few instructions without control flow, decoded from text and executed on a warp. Registers are
 * {@code %rs0} (16 bits), {@code %r0}, {@code %f0} (32), {@code %rd0}, {@code %fd0} (64) and {@code
 * %p0}, ten of each.
 */
final class StraightLine {
  private static final int LANES = Operation.LANES;
  private static final String HEAD =
      """
      .version 9.0
      .target sm_100a
      .address_size 64
      .visible .entry kernel()
      {
      .reg .pred %p<10>; .reg .b8 %b<10>; .reg .b16 %rs<10>; .reg .b32 %r<10>; .reg .f32 %f<10>;
      .reg .b64 %rd<10>; .reg .f64 %fd<10>;
      """;

  private final FunctionBody body;
  private final FrameLayout layout;
  private final List<Operation> operations = new ArrayList<>();
  final Warp warp = new Warp();

  /**
   * @param instructions with semicolons
   */
  StraightLine(String instructions) {
    PtxModule module = PtxParser.parse("test.ptx", HEAD + instructions + "\nret;\n}\n");
    body = module.functions().getFirst().body();
    layout = new FrameLayout(body.registers());
    DecodeContext context = new DecodeContext("test.ptx", layout);
    ArithmeticFamily family = new ArithmeticFamily();
    for (Instruction instruction : body.instructions()) {
      if (!instruction.opcode().equals("ret")) {
        Operation operation = family.decode(instruction, context);
        if (operation == null) {
          throw new IllegalArgumentException(instruction.spelling() + " is none of the family's");
        }
        operations.add(operation);
      }
    }
    warp.enter(frame());
  }

  private Frame frame() {
    int[][] words = new int[layout.words().size()][LANES];
    long[][] longs = new long[layout.longs().size()][LANES];
    for (int slot = 0; slot < words.length; slot++) {
      FrameLayout.Source source = layout.words().get(slot);
      for (int lane = 0; lane < LANES; lane++) {
        words[slot][lane] =
            switch (source) {
              case null -> 0;
              case FrameLayout.Source.Word(int value) -> value;
              case FrameLayout.Source.Special(String name) -> special(name, lane);
              default -> throw new IllegalStateException(source + " among the words");
            };
      }
    }
    for (int slot = 0; slot < longs.length; slot++) {
      if (layout.longs().get(slot) instanceof FrameLayout.Source.Wide(long value)) {
        java.util.Arrays.fill(longs[slot], value);
      }
    }
    return new Frame(words, longs, new int[layout.predicates()]);
  }

  /** A value that tells the register and the lane. */
  static int special(String name, int lane) {
    return name.hashCode() + lane;
  }

  private Operand.Register register(String name) {
    for (Operand.Register register : body.registers()) {
      if (register.name().equals(name)) {
        return register;
      }
    }
    throw new IllegalArgumentException("no register " + name);
  }

  /** Bits of a register: 32 are zero-extended, a predicate's are 0 or 1. */
  long get(String name, int lane) {
    Operand.Register register = register(name);
    int slot = layout.slot(register);
    return switch (FrameLayout.bank(register.type())) {
      case WORD -> Integer.toUnsignedLong(warp.words[slot][lane]);
      case LONG -> warp.longs[slot][lane];
      case PREDICATE -> warp.predicates[slot] >>> lane & 1;
    };
  }

  /** Sets a register's bits; more than it has are cut off. */
  void set(String name, int lane, long bits) {
    Operand.Register register = register(name);
    int slot = layout.slot(register);
    switch (FrameLayout.bank(register.type())) {
      case WORD -> warp.words[slot][lane] = (int) (bits & ((1L << register.type().bits()) - 1));
      case LONG -> warp.longs[slot][lane] = bits;
      case PREDICATE -> {
        warp.predicates[slot] &= ~(1 << lane);
        warp.predicates[slot] |= (int) (bits & 1) << lane;
      }
    }
  }

  int bits(String name) {
    return register(name).type().bits();
  }

  /** Executes all instructions for the active lanes. */
  void execute(int active) {
    for (Operation operation : operations) {
      operation.execute(warp, active);
    }
  }
}
