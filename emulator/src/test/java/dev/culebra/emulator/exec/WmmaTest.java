package dev.culebra.emulator.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.culebra.emulator.tensorcore.ElementType;
import dev.culebra.emulator.tensorcore.TileShape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Loads, multiplies and stores matrices of small whole numbers, whose products are exact. */
class WmmaTest {
  private static final long SEED = System.nanoTime();
  private static final int SHARED_STEP = 12288;

  private final Random random = new Random(SEED);

  /** Types, and how many registers the manual gives the four matrices. */
  record Case(
      TileShape shape,
      ElementType multiplicand,
      ElementType c,
      ElementType d,
      String operation,
      int... registers) {
    @Override
    public String toString() {
      return shape + " " + multiplicand + " " + c + " to " + d + " " + operation;
    }
  }

  private static Case of(
      String shape,
      ElementType multiplicand,
      ElementType c,
      ElementType d,
      String operation,
      int... registers) {
    return new Case(TileShape.named(shape), multiplicand, c, d, operation, registers);
  }

  static Stream<Case> cases() {
    List<Case> all = new ArrayList<>();
    for (String shape : new String[] {"m16n16k16", "m8n32k16", "m32n8k16"}) {
      for (ElementType c : new ElementType[] {ElementType.F16, ElementType.F32}) {
        for (ElementType d : new ElementType[] {ElementType.F16, ElementType.F32}) {
          int ofC = c == ElementType.F16 ? 4 : 8;
          int ofD = d == ElementType.F16 ? 4 : 8;
          all.add(of(shape, ElementType.F16, c, d, "", 8, 8, ofC, ofD));
        }
      }
      int a = shape.startsWith("m16") ? 4 : shape.startsWith("m8") ? 2 : 8;
      int b = 16 / a;
      b = shape.startsWith("m16") ? 4 : b;
      all.add(of(shape, ElementType.BF16, ElementType.F32, ElementType.F32, "", a, b, 8, 8));
      for (ElementType type : new ElementType[] {ElementType.S8, ElementType.U8}) {
        all.add(of(shape, type, ElementType.S32, ElementType.S32, "", a / 2, b / 2, 8, 8));
      }
    }
    all.add(of("m16n16k8", ElementType.TF32, ElementType.F32, ElementType.F32, "", 4, 4, 8, 8));
    all.add(of("m8n8k4", ElementType.F64, ElementType.F64, ElementType.F64, "", 1, 1, 2, 2));
    all.add(of("m8n8k32", ElementType.S4, ElementType.S32, ElementType.S32, "", 1, 1, 2, 2));
    all.add(of("m8n8k32", ElementType.U4, ElementType.S32, ElementType.S32, "", 1, 1, 2, 2));
    all.add(of("m8n8k128", ElementType.B1, ElementType.S32, ElementType.S32, "xor", 1, 1, 2, 2));
    all.add(of("m8n8k128", ElementType.B1, ElementType.S32, ElementType.S32, "and", 1, 1, 2, 2));
    return all.stream();
  }

  /** A matrix in memory. */
  private static final class Matrix {
    final int rows;
    final int columns;
    final boolean byRows;
    final int stride;
    final ElementType type;
    final int[] values;

    Matrix(int rows, int columns, boolean byRows, int padding, ElementType type) {
      this.rows = rows;
      this.columns = columns;
      this.byRows = byRows;
      this.type = type;
      stride = (byRows ? columns : rows) + padding;
      values = new int[rows * columns];
    }

    int get(int row, int column) {
      return values[row * columns + column];
    }

    private int bit(int row, int column) {
      return (byRows ? row * stride + column : column * stride + row) * type.bits();
    }

    byte[] bytes() {
      ByteBuffer bytes =
          ByteBuffer.allocate(((byRows ? rows : columns) * stride * type.bits() + 7) / 8)
              .order(ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < values.length; i++) {
        int bit = bit(i / columns, i % columns);
        int value = values[i];
        switch (type) {
          case F16 -> bytes.putShort(bit / 8, Float.floatToFloat16(value));
          case BF16 -> bytes.putShort(bit / 8, (short) (Float.floatToRawIntBits(value) >>> 16));
          case F32, TF32 -> bytes.putFloat(bit / 8, value);
          case F64 -> bytes.putDouble(bit / 8, value);
          case S32 -> bytes.putInt(bit / 8, value);
          default -> {
            int mask = (1 << type.bits()) - 1;
            bytes.put(bit / 8, (byte) (bytes.get(bit / 8) | (value & mask) << bit % 8));
          }
        }
      }
      return bytes.array();
    }

    void read(ByteBuffer bytes) {
      for (int i = 0; i < values.length; i++) {
        int at = bit(i / columns, i % columns) / 8;
        values[i] =
            switch (type) {
              case F16 -> (int) Float.float16ToFloat(bytes.getShort(at));
              case F32 -> (int) bytes.getFloat(at);
              case F64 -> (int) bytes.getDouble(at);
              default -> bytes.getInt(at);
            };
      }
    }
  }

  private void fill(Matrix matrix) {
    for (int i = 0; i < matrix.values.length; i++) {
      matrix.values[i] =
          switch (matrix.type) {
            case B1 -> random.nextInt(2);
            case U4, U8 -> random.nextInt(16);
            default -> random.nextInt(15) - 7;
          };
    }
  }

  private static String vector(String register, int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> register + i)
        .collect(Collectors.joining(",", "{", "}"));
  }

  private static String layout(boolean rows) {
    return rows ? ".row" : ".col";
  }

  /**
   * @param space "", ".global" or ".shared"
   * @param strides whether they are given
   */
  private static String kernel(
      Case test, boolean[] byRows, String space, boolean strides, int[] bytes) {
    StringBuilder text = new StringBuilder();
    String registers = test.multiplicand == ElementType.F64 ? ".f64" : ".b32";
    String[] names = {"%a", "%b", "%c", "%d"};
    for (int i = 0; i < names.length; i++) {
      text.append(".reg %s %s<%d>;\n".formatted(registers, names[i], test.registers[i]));
      text.append("ld.param.u64 %%p%d, [p%d];\nld.param.u32 %%s%d, [s%d];\n".formatted(i, i, i, i));
    }
    boolean shared = space.equals(".shared");
    String[] at = {"[%p0]", "[%p1]", "[%p2]", "[%p3]"};
    if (shared) {
      for (int i = 0; i < names.length; i++) {
        at[i] = "[tile+" + i * SHARED_STEP + "]";
        if (i < 3) {
          text.append(copy(i, bytes[i], true));
        }
      }
      text.append("bar.sync 0;\n");
    }
    String shape = "." + test.shape;
    String[] load = {"a", "b", "c"};
    ElementType[] types = {test.multiplicand, test.multiplicand, test.c};
    for (int i = 0; i < load.length; i++) {
      text.append(
          "wmma.load.%s.sync.aligned%s%s%s.%s %s, %s%s;\n"
              .formatted(
                  load[i],
                  layout(byRows[i]),
                  shape,
                  space,
                  types[i].spelling(),
                  vector(names[i], test.registers[i]),
                  at[i],
                  strides ? ", %s" + i : ""));
    }
    text.append(
        "wmma.mma%s.sync.aligned%s%s%s.%s%s.%s %s, %s, %s, %s;\n"
            .formatted(
                test.operation.isEmpty() ? "" : "." + test.operation + ".popc",
                layout(byRows[0]),
                layout(byRows[1]),
                shape,
                test.d.spelling(),
                test.multiplicand == ElementType.F16
                    ? ""
                    : "." + test.multiplicand.spelling() + "." + test.multiplicand.spelling(),
                test.c.spelling(),
                vector("%d", test.registers[3]),
                vector("%a", test.registers[0]),
                vector("%b", test.registers[1]),
                vector("%c", test.registers[2])));
    text.append(
        "wmma.store.d.sync.aligned%s%s%s.%s %s, %s%s;\n"
            .formatted(
                layout(byRows[3]),
                shape,
                space,
                test.d.spelling(),
                at[3],
                vector("%d", test.registers[3]),
                strides ? ", %s3" : ""));
    if (shared) {
      text.append("bar.sync 0;\n").append(copy(3, bytes[3], false));
    }
    return Emulation.module(
        ".extern .shared .align 32 .b8 tile[];\n.visible .entry kernel("
            + IntStream.range(0, 4)
                .mapToObj(i -> ".param .u64 p" + i + ", .param .u32 s" + i)
                .collect(Collectors.joining(", "))
            + ")\n{\n.reg .b64 %p<4>; .reg .b32 %s<4>; .reg .b64 %q<4>; .reg .b32 %w<8>;"
            + " .reg .pred %t;\n"
            + text
            + "ret;\n}\n");
  }

  /** A loop that copies a matrix between global and shared memory, word by word. */
  private static String copy(int matrix, int bytes, boolean in) {
    return """
    mov.u32 %w0, %tid.x;
    LOOP$0:
    mul.wide.u32 %q0, %w0, 4;
    add.u64 %q1, %p$0, %q0;
    shl.b32 %w1, %w0, 2;
    mov.u32 %w2, tile;
    add.u32 %w2, %w2, %w1;
    """
            .replace("$0", "" + matrix)
        + (in
            ? "ld.global.u32 %w3, [%q1];\nst.shared.u32 [%w2+" + matrix * SHARED_STEP + "], %w3;\n"
            : "ld.shared.u32 %w3, [%w2+" + matrix * SHARED_STEP + "];\nst.global.u32 [%q1], %w3;\n")
        + "add.u32 %w0, %w0, 32;\nsetp.lt.u32 %t, %w0, "
        + bytes / 4
        + ";\n@%t bra LOOP"
        + matrix
        + ";\n";
  }

  @ParameterizedTest
  @MethodSource("cases")
  void load_multiply_and_store_give_the_product_in_every_layout_and_space(Case test) {
    boolean packed = test.multiplicand.bits() < Byte.SIZE;
    int variant = 0;
    for (int layouts = 0; layouts < 16; layouts++) {
      boolean[] byRows = new boolean[4];
      for (int i = 0; i < byRows.length; i++) {
        byRows[i] = (layouts >> i & 1) == 0;
      }
      if (packed && !(byRows[0] && !byRows[1])) {
        continue;
      }
      String space = new String[] {".global", ".shared", ""}[variant++ % 3];
      check(test, byRows, space, variant % 2 == 0);
    }
    assertTrue(variant > 0);
  }

  private void check(Case test, boolean[] byRows, String space, boolean padded) {
    TileShape shape = test.shape;
    // Strides that keep every row at a multiple of 16 bytes.
    int padding = padded ? 16 : 0;
    int packedPadding = padded ? 128 / test.multiplicand.bits() : 0;
    Matrix a = new Matrix(shape.m(), shape.k(), byRows[0], packedPadding, test.multiplicand);
    Matrix b = new Matrix(shape.k(), shape.n(), byRows[1], packedPadding, test.multiplicand);
    Matrix c = new Matrix(shape.m(), shape.n(), byRows[2], padding, test.c);
    Matrix d = new Matrix(shape.m(), shape.n(), byRows[3], padding, test.d);
    fill(a);
    fill(b);
    fill(c);
    // What lies between rows is copied too, so it has to be there.
    int[] bytes = Stream.of(a, b, c, d).mapToInt(matrix -> matrix.bytes().length).toArray();
    String ptx = kernel(test, byRows, space, padded, bytes);
    boolean shared = space.equals(".shared");
    try (Emulation emulation = new Emulation(ptx, options(shared && padded))) {
      long result = emulation.buffer(new byte[bytes[3]]);
      emulation.run(
          "kernel",
          new Dim3(1),
          new Dim3(32),
          4 * SHARED_STEP,
          emulation.buffer(a.bytes()),
          a.stride,
          emulation.buffer(b.bytes()),
          b.stride,
          emulation.buffer(c.bytes()),
          c.stride,
          result,
          d.stride);
      d.read(
          emulation.memory.segment(result, bytes[3]).asByteBuffer().order(ByteOrder.LITTLE_ENDIAN));
    }
    for (int row = 0; row < shape.m(); row++) {
      for (int column = 0; column < shape.n(); column++) {
        int expected = c.get(row, column);
        for (int k = 0; k < shape.k(); k++) {
          int x = a.get(row, k);
          int y = b.get(k, column);
          expected +=
              switch (test.operation) {
                case "xor" -> x ^ y;
                case "and" -> x & y;
                default -> x * y;
              };
        }
        assertEquals(
            expected,
            d.get(row, column),
            "seed " + SEED + ", row " + row + ", column " + column + "\n" + ptx);
      }
    }
  }

  /** With all checkers, but for bytes between rows that are copied and that nobody wrote. */
  private static ExecutionOptions options(boolean gaps) {
    return gaps ? ExecutionOptions.fast() : ExecutionOptions.checked();
  }

  private static ExecutionResult launch(String body) {
    String ptx =
        Emulation.kernel(
            ".param .u64 p", ".reg .b64 %p; .reg .b32 %a<8>;\nld.param.u64 %p, [p];\n" + body);
    try (Emulation emulation = new Emulation(ptx, ExecutionOptions.checked())) {
      return emulation.launch("kernel", 1, 32, emulation.buffer(new int[512]));
    }
  }

  @Test
  void rows_that_are_not_aligned_are_refused() {
    String load =
        "wmma.load.a.sync.aligned.row.m16n16k16.global.f16 {%a0,%a1,%a2,%a3,%a4,%a5,%a6,%a7}, ";
    assertEquals(KernelFault.MISALIGNED_ADDRESS, launch(load + "[%p+8];\nret;").fault());
    assertEquals(KernelFault.MISALIGNED_ADDRESS, launch(load + "[%p], 20;\nret;").fault());
    assertEquals(null, launch(load + "[%p], 24;\nret;").fault());
  }

  @Test
  void lanes_that_do_not_agree_on_the_address_are_refused() {
    String body =
        """
        .reg .b64 %q; .reg .b32 %t;
        mov.u32 %t, %tid.x;
        mul.wide.u32 %q, %t, 32;
        add.u64 %p, %p, %q;
        wmma.load.c.sync.aligned.row.m16n16k16.global.f16 {%a0,%a1,%a2,%a3}, [%p];
        ret;\
        """;
    ExecutionResult result = launch(body);
    assertEquals(KernelFault.ILLEGAL_INSTRUCTION, result.fault());
    assertTrue(result.findings().getFirst().message().contains("same address in all lanes"));
  }

  @Test
  void a_matrix_that_lies_nowhere_is_refused() {
    ExecutionResult result =
        launch(
            """
            mov.u64 %p, 4096;
            wmma.load.c.sync.aligned.row.m16n16k16.global.f16 {%a0,%a1,%a2,%a3}, [%p];
            ret;\
            """);
    assertEquals(KernelFault.ILLEGAL_ADDRESS, result.fault());
  }
}
