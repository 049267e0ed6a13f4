package dev.culebra.emulator.exec;

import dev.culebra.emulator.profile.DeviceProfile;
import dev.culebra.emulator.ptx.FunctionBody;
import dev.culebra.emulator.ptx.Instruction;
import dev.culebra.emulator.ptx.Operand;
import dev.culebra.emulator.ptx.PtxModule;
import dev.culebra.emulator.ptx.PtxParser;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * One instruction that works on matrices in registers, decoded from text and executed on a warp.
 */
final class MatrixInstruction {
  private static final int LANES = Operation.LANES;

  private final Operation operation;
  private final Warp warp = new Warp();
  private final int[] sources;
  private final int[] destinations;

  /**
   * @param name with all modifiers
   * @param wide whether registers have 64 bits
   * @param counts of registers of D, then of the sources
   */
  MatrixInstruction(String name, boolean wide, DeviceProfile profile, int... counts) {
    StringBuilder text = new StringBuilder(".version 9.0\n.target sm_90a\n.address_size 64\n");
    text.append(".visible .entry kernel()\n{\n");
    StringBuilder operands = new StringBuilder();
    for (int i = 0; i < counts.length; i++) {
      String register = "%" + (char) ('a' + i);
      text.append(wide ? ".reg .f64 " : ".reg .b32 ");
      text.append(register).append('<').append(counts[i]).append(">;\n");
      operands.append(i == 0 ? " " : ", ").append(vector(name, register, counts[i]));
    }
    text.append(name).append(operands).append(";\nret;\n}\n");
    PtxModule module = PtxParser.parse("test.ptx", text.toString());
    FunctionBody body = module.functions().getFirst().body();
    FrameLayout layout = new FrameLayout(body.registers());
    DecodeContext context =
        new DecodeContext("test.ptx", layout) {
          @Override
          DeviceProfile profile() {
            return profile;
          }
        };
    Instruction instruction = body.instructions().getFirst();
    operation = new TensorCoreFamily().decode(instruction, context);
    if (operation == null) {
      throw new IllegalArgumentException(name + " is no matrix instruction");
    }
    destinations = slots(layout, body, 'a', counts[0]);
    sources = new int[Arrays.stream(counts).sum() - counts[0]];
    int next = 0;
    for (int i = 1; i < counts.length; i++) {
      int[] slots = slots(layout, body, (char) ('a' + i), counts[i]);
      System.arraycopy(slots, 0, sources, next, slots.length);
      next += slots.length;
    }
    warp.enter(
        new Frame(
            new int[layout.words().size()][LANES],
            new long[layout.longs().size()][LANES],
            new int[layout.predicates()]));
  }

  private static String vector(String name, String register, int count) {
    if (name.startsWith("movmatrix")) {
      return register + 0;
    }
    return IntStream.range(0, count)
        .mapToObj(i -> register + i)
        .collect(Collectors.joining(", ", "{", "}"));
  }

  private static int[] slots(FrameLayout layout, FunctionBody body, char register, int count) {
    int[] slots = new int[count];
    for (Operand.Register candidate : body.registers()) {
      for (int i = 0; i < count; i++) {
        if (candidate.name().equals("%" + register + i)) {
          slots[i] = layout.slot(candidate);
        }
      }
    }
    return slots;
  }

  /** Executes with {@code values[register][lane]}, and returns D's likewise. */
  int[][] execute(int[][] values) {
    for (int i = 0; i < sources.length; i++) {
      System.arraycopy(values[i], 0, warp.words[sources[i]], 0, LANES);
    }
    operation.execute(warp, Operation.ALL);
    int[][] results = new int[destinations.length][];
    for (int i = 0; i < results.length; i++) {
      results[i] = warp.words[destinations[i]].clone();
    }
    return results;
  }

  /** The same with registers of 64 bits. */
  long[][] execute(long[][] values) {
    for (int i = 0; i < sources.length; i++) {
      System.arraycopy(values[i], 0, warp.longs[sources[i]], 0, LANES);
    }
    operation.execute(warp, Operation.ALL);
    long[][] results = new long[destinations.length][];
    for (int i = 0; i < results.length; i++) {
      results[i] = warp.longs[destinations[i]].clone();
    }
    return results;
  }
}
