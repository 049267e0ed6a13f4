package dev.culebra.emulator.tensorcore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.culebra.emulator.profile.TensorCoreModel;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Holds the emulated tensor cores against what real ones were measured to give, bit for bit. */
class MeasuredSumsTest {
  private static final Path MEASURED = Path.of("../../shared/reference/tensor-core");
  private static final int CASES = 5000;
  private static final int LANES = 32;

  @ParameterizedTest
  @CsvSource({
    "A100, bf16, fp32, m16n8k8",
    "A100, fp16, fp32, m16n8k8",
    "A100, fp16, fp16, m16n8k8",
    "A100, tf32, fp32, m16n8k4",
    "H100, bf16, fp32, m16n8k16",
    "H100, fp16, fp32, m16n8k16",
    "H100, fp16, fp16, m16n8k16",
    "H100, tf32, fp32, m16n8k4",
    "H100, tf32, fp32, m16n8k8",
  })
  void every_measured_case_is_reproduced_to_the_bit(
      String device, String input, String output, String shapeName) throws IOException {
    assumeTrue(Files.isDirectory(MEASURED), "there are no measured cases at " + MEASURED);
    Path folder = MEASURED.resolve(device).resolve(input);
    List<int[]> a = words(folder.resolve("a_" + device + "_" + input + ".txt.gz"), 16);
    List<int[]> b = words(folder.resolve("b_" + device + "_" + input + ".txt.gz"), 16);
    List<int[]> c = words(folder.resolve("c_" + device + "_fp32.txt.gz"), 2);
    List<int[]> d = words(folder.resolve("d_" + device + "_" + output + ".txt.gz"), 2);
    TileShape shape = TileShape.named(shapeName);
    ElementType type = ElementType.named(input.equals("fp16") ? "f16" : input);
    ElementType result = output.equals("fp16") ? ElementType.F16 : ElementType.F32;
    TensorCoreModel model = device.equals("A100") ? TensorCoreModel.AMPERE : TensorCoreModel.HOPPER;
    TileProduct product = TileProduct.floats(model, shape, type, type, result, result);
    TileBuffers buffers = new TileBuffers();
    assertEquals(CASES, d.size());
    // Eight cases at a time: their results are the diagonal of a tile.
    for (int first = 0; first < CASES; first += SumUnit.COLUMNS) {
      Fragment rows = new Fragment(product.a(), type.bits());
      Fragment columns = new Fragment(product.b(), type.bits());
      Fragment addends = new Fragment(product.c(), result.bits());
      for (int i = 0; i < SumUnit.COLUMNS; i++) {
        for (int k = 0; k < a.get(first + i).length; k++) {
          rows.set(i * shape.k() + k, narrow(a.get(first + i)[k], type));
          columns.set(k * SumUnit.COLUMNS + i, narrow(b.get(first + i)[k], type));
        }
        addends.set(i * SumUnit.COLUMNS + i, narrow(c.get(first + i)[0], result));
      }
      Fragment results = Fragment.multiply(product, rows, columns, addends, result, buffers);
      for (int i = 0; i < SumUnit.COLUMNS; i++) {
        assertEquals(
            Integer.toHexString(narrow(d.get(first + i)[0], result)),
            Integer.toHexString(results.get(i * SumUnit.COLUMNS + i)),
            "case " + (first + i));
      }
    }
  }

  private static int narrow(int bits, ElementType type) {
    return switch (type) {
      case BF16 -> bits >>> 16;
      case F16 -> Float.floatToFloat16(Float.intBitsToFloat(bits)) & 0xffff;
      default -> bits;
    };
  }

  private static List<int[]> words(Path file, int radix) throws IOException {
    try (BufferedReader reader =
            new BufferedReader(
                new InputStreamReader(
                    new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.US_ASCII));
        Stream<String> lines = reader.lines()) {
      return lines
          .filter(line -> !line.isBlank())
          .map(
              line ->
                  Stream.of(line.trim().split("\\s+"))
                      .mapToInt(word -> Integer.parseUnsignedInt(word, radix))
                      .toArray())
          .toList();
    }
  }

  /** One matrix in the registers of a warp. */
  private static final class Fragment {
    private final FragmentLayout layout;
    private final int bits;
    private final int[][] words;

    Fragment(FragmentLayout layout, int bits) {
      this.layout = layout;
      this.bits = bits;
      words = new int[layout.registers()][LANES];
    }

    void set(int element, int value) {
      find(element, (register, lane, shift) -> words[register][lane] |= value << shift);
    }

    int get(int element) {
      int[] value = new int[1];
      find(element, (register, lane, shift) -> value[0] = words[register][lane] >>> shift);
      return bits == LANES ? value[0] : value[0] & (1 << bits) - 1;
    }

    private interface Place {
      void accept(int register, int lane, int shift);
    }

    private void find(int element, Place place) {
      for (int register = 0; register < words.length; register++) {
        for (int lane = 0; lane < LANES; lane++) {
          for (int i = 0; i < layout.perRegister(); i++) {
            if (layout.element(register, lane, i) == element) {
              place.accept(register, lane, i * bits);
            }
          }
        }
      }
    }

    static Fragment multiply(
        TileProduct product,
        Fragment a,
        Fragment b,
        Fragment c,
        ElementType result,
        TileBuffers buffers) {
      Fragment d = new Fragment(product.d(), result.bits());
      int[][] words =
          Stream.of(a, b, c, d)
              .flatMap(fragment -> Stream.of(fragment.words))
              .toArray(int[][]::new);
      int[][] slots = new int[4][];
      int next = 0;
      int matrix = 0;
      for (Fragment fragment : List.of(a, b, c, d)) {
        slots[matrix] = new int[fragment.words.length];
        for (int i = 0; i < fragment.words.length; i++) {
          slots[matrix][i] = next++;
        }
        matrix++;
      }
      product.multiply(
          new TileRegisters(slots[0], slots[1], slots[2], slots[3]), words, null, buffers);
      return d;
    }
  }
}
