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
      long[] rows = new long[shape.m() * shape.k()];
      long[] columns = new long[shape.k() * shape.n()];
      long[] addends = new long[shape.m() * shape.n()];
      for (int i = 0; i < SumUnit.COLUMNS; i++) {
        for (int k = 0; k < a.get(first + i).length; k++) {
          rows[i * shape.k() + k] = narrow(a.get(first + i)[k], type);
          columns[k * SumUnit.COLUMNS + i] = narrow(b.get(first + i)[k], type);
        }
        addends[i * SumUnit.COLUMNS + i] = narrow(c.get(first + i)[0], result);
      }
      long[] results =
          Fragment.multiply(
                  product,
                  new Fragment(product.a(), type, rows),
                  new Fragment(product.b(), type, columns),
                  new Fragment(product.c(), result, addends),
                  result,
                  buffers)
              .elements(addends.length);
      for (int i = 0; i < SumUnit.COLUMNS; i++) {
        assertEquals(
            Integer.toHexString(narrow(d.get(first + i)[0], result)),
            Integer.toHexString((int) results[i * SumUnit.COLUMNS + i]),
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
}
