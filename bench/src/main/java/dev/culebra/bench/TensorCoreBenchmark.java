package dev.culebra.bench;

import dev.culebra.emulator.exec.Dim3;
import dev.culebra.emulator.exec.ExecutionOptions;
import dev.culebra.emulator.exec.ExecutionResult;
import dev.culebra.emulator.exec.Executor;
import dev.culebra.emulator.exec.Launch;
import dev.culebra.emulator.exec.Program;
import dev.culebra.emulator.memory.DeviceMemory;
import dev.culebra.emulator.profile.DeviceProfile;
import dev.culebra.emulator.ptx.PtxParser;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Emulated tensor cores: GFLOP/s of a kernel that does nothing but multiply, on all processors,
 * checkers off. Fragments are made of lane numbers, so that exponents differ as in real work.
 */
public final class TensorCoreBenchmark {
  private static final int ROUNDS = 5;
  private static final int WARPS = 32;
  private static final int ITERATIONS = 500;
  private static final int UNROLLED = 4;
  private static final long LONG_WARM_UP = 10_000_000_000L;
  private static final long SHORT_WARM_UP = 1_000_000_000L;

  private TensorCoreBenchmark() {}

  /** An instruction, what it computes, and its registers. */
  private record Case(String name, DeviceProfile profile, int m, int n, int k, int... registers) {
    double operations() {
      return 2.0 * m * n * k;
    }
  }

  private static final List<Case> CASES =
      List.of(
          mma("m16n8k16.row.col.f32.bf16.bf16.f32", DeviceProfile.H100, 16, 4, 2, 4, 4),
          mma("m16n8k16.row.col.f32.bf16.bf16.f32", DeviceProfile.A100, 16, 4, 2, 4, 4),
          mma("m16n8k16.row.col.f16.f16.f16.f16", DeviceProfile.H100, 16, 4, 2, 2, 2),
          mma("m16n8k8.row.col.f32.tf32.tf32.f32", DeviceProfile.H100, 8, 4, 2, 4, 4),
          mma("m16n8k32.row.col.f32.e4m3.e4m3.f32", DeviceProfile.H100, 32, 4, 2, 4, 4),
          mma("m16n8k32.row.col.s32.s8.s8.s32", DeviceProfile.H100, 32, 4, 2, 4, 4));

  private static Case mma(String name, DeviceProfile profile, int k, int... registers) {
    return new Case("mma.sync.aligned." + name, profile, 16, 8, k, registers);
  }

  /** Prints a line for each kind of product. */
  public static void main(String[] arguments) {
    for (Case one : CASES) {
      try (DeviceMemory memory = new DeviceMemory(1 << 20);
          Program program =
              Program.load(PtxParser.parse("bench.ptx", kernel(one)), memory, one.profile);
          Executor executor =
              new Executor(memory, one.profile, ExecutionOptions.fast(), System.out)) {
        Launch launch =
            new Launch(program.kernel("kernel"), new Dim3(WARPS), new Dim3(32), 0, new byte[0]);
        double[] seconds = new double[ROUNDS];
        // HotSpot needs seconds for the vectors that the first products are not worth.
        long warm = System.nanoTime() + (one == CASES.getFirst() ? LONG_WARM_UP : SHORT_WARM_UP);
        for (int round = 0; round < ROUNDS; round += System.nanoTime() < warm ? 0 : 1) {
          long start = System.nanoTime();
          ExecutionResult result = executor.run(launch);
          seconds[round] = (System.nanoTime() - start) / 1e9;
          if (!result.clean()) {
            throw new IllegalStateException(result.toString());
          }
        }
        Arrays.sort(seconds);
        double instructions = (double) WARPS * ITERATIONS * UNROLLED;
        System.out.printf(
            Locale.ROOT,
            "%-60s %-8s %6.2f GFLOP/s%n",
            one.name,
            one.profile.name(),
            instructions * one.operations() / seconds[ROUNDS / 2] / 1e9);
      }
    }
  }

  private static String kernel(Case one) {
    String[] names = {"%a", "%b", "%c", "%d"};
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < names.length; i++) {
      text.append(".reg .b32 %s<%d>;\n".formatted(names[i], one.registers[i]));
      for (int j = 0; j < one.registers[i] && i < names.length - 1; j++) {
        // Numbers that are near one in every format: 0x38 in each byte, and something of the lane.
        text.append("mad.lo.u32 %%t, %%l, %d, %d;\n".formatted(40503 + 97 * j, 7919 * (i + 1)));
        text.append("and.b32 %t, %t, 0x87878787;\nor.b32 ")
            .append(names[i])
            .append(j)
            .append(", %t, 0x38383838;\n");
      }
    }
    String product =
        one.name
            + " "
            + vector("%d", one.registers[3])
            + ", "
            + vector("%a", one.registers[0])
            + ", "
            + vector("%b", one.registers[1])
            + ", "
            + vector("%c", one.registers[2])
            + ";\n";
    return """
    .version 8.8
    .target sm_90a
    .address_size 64
    .visible .entry kernel()
    {
    .reg .pred %p; .reg .b32 %i; .reg .b32 %l; .reg .b32 %t;
    mov.u32 %l, %laneid;
    """
        + text
        + "mov.u32 %i, 0;\nLOOP:\n"
        + product.repeat(UNROLLED)
        + "add.u32 %i, %i, 1;\nsetp.lt.u32 %p, %i, "
        + ITERATIONS
        + ";\n@%p bra LOOP;\nret;\n}\n";
  }

  private static String vector(String register, int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> register + i)
        .collect(Collectors.joining(",", "{", "}"));
  }
}
