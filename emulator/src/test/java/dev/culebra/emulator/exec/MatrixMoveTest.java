package dev.culebra.emulator.exec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.culebra.emulator.profile.DeviceProfile;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code ldmatrix}, {@code stmatrix} and {@code movmatrix} against the manual's rule. */
class MatrixMoveTest {
  private static final long SEED = System.nanoTime();
  private static final int LANES = 32;
  private static final int ROW_WORDS = 4;
  private static final int WORDS = LANES * ROW_WORDS;

  private final Random random = new Random(SEED);

  /** Element of a row of eight that starts at a word. */
  private static int half(int[] memory, int word, int column) {
    return memory[word + column / 2] >>> column % 2 * 16 & 0xffff;
  }

  private static String registers(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> "%r" + i)
        .collect(Collectors.joining(",", "{", "}"));
  }

  /** Rows lie in an order that lanes know, in shared memory that is filled before. */
  private static String kernel(String instruction, boolean generic, int count, boolean load) {
    StringBuilder text =
        new StringBuilder(
            """
            .reg .b32 %t; .reg .b32 %s; .reg .b32 %a; .reg .b32 %r<4>; .reg .b32 %w;
            .reg .b64 %in; .reg .b64 %out; .reg .b64 %where; .reg .b64 %o; .reg .b64 %g;
            .shared .align 16 .b8 tile[512];
            mov.u32 %t, %tid.x;
            ld.param.u64 %in, [in]; ld.param.u64 %out, [out]; ld.param.u64 %where, [where];
            mul.wide.u32 %o, %t, 4;
            add.u64 %in, %in, %o; add.u64 %out, %out, %o; add.u64 %where, %where, %o;
            ld.global.u32 %a, [%where];
            mov.u32 %s, tile;
            add.u32 %a, %a, %s;
            cvt.u64.u32 %g, %a;
            cvta.shared.u64 %g, %g;
            shl.b32 %t, %t, 2;
            add.u32 %s, %s, %t;
            """);
    String address = generic ? "[%g]" : "[%a]";
    if (load) {
      for (int i = 0; i < ROW_WORDS; i++) {
        text.append("ld.global.u32 %%w, [%%in+%d];\n".formatted(i * LANES * 4));
        text.append("st.shared.u32 [%%s+%d], %%w;\n".formatted(i * LANES * 4));
      }
      text.append("bar.sync 0;\n");
      text.append("%s %s, %s;\n".formatted(instruction, registers(count), address));
      for (int i = 0; i < count; i++) {
        text.append("st.global.u32 [%%out+%d], %%r%d;\n".formatted(i * LANES * 4, i));
      }
    } else {
      for (int i = 0; i < count; i++) {
        text.append("ld.global.u32 %%r%d, [%%in+%d];\n".formatted(i, i * LANES * 4));
      }
      for (int i = 0; i < ROW_WORDS; i++) {
        text.append("st.shared.u32 [%%s+%d], 0;\n".formatted(i * LANES * 4));
      }
      text.append("bar.sync 0;\n");
      text.append("%s %s, %s;\n".formatted(instruction, address, registers(count)));
      text.append("bar.sync 0;\n");
      for (int i = 0; i < ROW_WORDS; i++) {
        text.append("ld.shared.u32 %%w, [%%s+%d];\n".formatted(i * LANES * 4));
        text.append("st.global.u32 [%%out+%d], %%w;\n".formatted(i * LANES * 4));
      }
    }
    return Emulation.kernel(".param .u64 in, .param .u64 out, .param .u64 where", text + "ret;");
  }

  /** Byte offsets of rows, one a lane, in random order; those that do not count are wild. */
  private int[] rows(int count) {
    int[] order = IntStream.range(0, LANES).toArray();
    for (int i = LANES - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
    return IntStream.range(0, LANES)
        .map(lane -> lane < 8 * count ? order[lane] * 16 : 0x0fff0001)
        .toArray();
  }

  private int[] run(String ptx, int[] in, int[] where) {
    try (Emulation emulation = new Emulation(ptx, ExecutionOptions.checked())) {
      long out = emulation.buffer(new int[WORDS]);
      emulation.run("kernel", 1, LANES, emulation.buffer(in), out, emulation.buffer(where));
      return emulation.ints(out, WORDS);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, false, .shared",
    "2, false, .shared::cta",
    "4, false, .shared",
    "1, true, .shared",
    "2, true, ''",
    "4, true, .shared",
    "4, false, ''"
  })
  void ldmatrix_gives_lanes_two_elements_of_a_row_or_of_a_column(
      int count, boolean transposed, String space) {
    String instruction =
        "ldmatrix.sync.aligned.m8n8.x" + count + (transposed ? ".trans" : "") + space + ".b16";
    int[] memory = random.ints(WORDS).toArray();
    int[] where = rows(count);
    int[] out = run(kernel(instruction, space.isEmpty(), count, true), memory, where);
    for (int matrix = 0; matrix < count; matrix++) {
      for (int lane = 0; lane < LANES; lane++) {
        int expected = 0;
        for (int i = 0; i < 2; i++) {
          int row = transposed ? lane % 4 * 2 + i : lane / 4;
          int column = transposed ? lane / 4 : lane % 4 * 2 + i;
          expected |= half(memory, where[8 * matrix + row] / 4, column) << i * 16;
        }
        assertEquals(expected, out[matrix * LANES + lane], "seed " + SEED + ", lane " + lane);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, false, .shared",
    "2, false, ''",
    "4, false, .shared",
    "1, true, ''",
    "2, true, .shared",
    "4, true, .shared::cta"
  })
  void stmatrix_puts_them_back(int count, boolean transposed, String space) {
    String instruction =
        "stmatrix.sync.aligned.m8n8.x" + count + (transposed ? ".trans" : "") + space + ".b16";
    int[] in = random.ints(WORDS).toArray();
    int[] where = rows(count);
    int[] out = run(kernel(instruction, space.isEmpty(), count, false), in, where);
    int[] expected = new int[WORDS];
    for (int matrix = 0; matrix < count; matrix++) {
      for (int lane = 0; lane < LANES; lane++) {
        for (int i = 0; i < 2; i++) {
          int row = transposed ? lane % 4 * 2 + i : lane / 4;
          int column = transposed ? lane / 4 : lane % 4 * 2 + i;
          int value = in[matrix * LANES + lane] >>> i * 16 & 0xffff;
          expected[where[8 * matrix + row] / 4 + column / 2] |= value << column % 2 * 16;
        }
      }
    }
    assertArrayEquals(expected, out, "seed " + SEED);
  }

  @ParameterizedTest
  @CsvSource({"ldmatrix, 8, MISALIGNED_ADDRESS", "ldmatrix, 512, ILLEGAL_ADDRESS"})
  void rows_that_lie_across_or_outside_are_refused(String opcode, int offset, KernelFault fault) {
    String ptx =
        kernel(opcode + ".sync.aligned.m8n8.x4.shared.b16", false, 4, opcode.equals("ldmatrix"));
    int[] where = rows(4);
    where[17] = offset;
    try (Emulation emulation = new Emulation(ptx, ExecutionOptions.checked())) {
      ExecutionResult result =
          emulation.launch(
              "kernel",
              1,
              LANES,
              emulation.buffer(new int[WORDS]),
              emulation.buffer(new int[WORDS]),
              emulation.buffer(where));
      assertEquals(fault, result.fault(), () -> result.findings().toString());
    }
  }

  @Test
  void ldmatrix_of_global_memory_is_refused() {
    String ptx =
        Emulation.kernel(
            ".param .u64 p",
            """
            .reg .b64 %p; .reg .b32 %r;
            ld.param.u64 %p, [p];
            ldmatrix.sync.aligned.m8n8.x1.b16 {%r}, [%p];
            ret;\
            """);
    try (Emulation emulation = new Emulation(ptx, ExecutionOptions.checked())) {
      ExecutionResult result = emulation.launch("kernel", 1, LANES, emulation.buffer(new int[64]));
      assertEquals(KernelFault.INVALID_ADDRESS_SPACE, result.fault());
    }
  }

  @Test
  void movmatrix_transposes() {
    MatrixInstruction instruction =
        new MatrixInstruction(
            "movmatrix.sync.aligned.m8n8.trans.b16", false, DeviceProfile.A100, 1, 1);
    int[] in = random.ints(LANES).toArray();
    int[] out = instruction.execute(new int[][] {in})[0];
    for (int row = 0; row < 8; row++) {
      for (int column = 0; column < 8; column++) {
        assertEquals(
            half(in, row * ROW_WORDS, column), half(out, column * ROW_WORDS, row), "seed " + SEED);
      }
    }
  }
}
