package dev.culebra.emulator.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.culebra.emulator.profile.DeviceProfile;
import dev.culebra.emulator.tensorcore.ElementType;
import dev.culebra.emulator.tensorcore.TileShape;
import dev.culebra.emulator.tensorcore.WmmaFragment;
import dev.culebra.emulator.tensorcore.WmmaFragment.Role;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Holds matrix instructions against what a real GPU gave: what {@code
 * src/test/cuda/tensor_core_cases.cu} wrote on an H100, and a file that {@code
 * -Dculebra.tensorCoreCases=FILE} names. The bits of an f64 that is no number are left open.
 */
class HardwareCasesTest {
  private static final String PROPERTY = "culebra.tensorCoreCases";
  private static final String MEASURED = "/hardware/h100-matrices.bin.gz";
  private static final int LANES = Operation.LANES;
  private static final int FLAVOURS = 11;
  private static final int SHOWN = 4;

  /** What an H100 gave, eleven cases a kind; and files that somebody else has. */
  private static List<Path> files() throws IOException {
    List<Path> files = new ArrayList<>();
    try {
      files.add(Path.of(HardwareCasesTest.class.getResource(MEASURED).toURI()));
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
    String given = System.getProperty(PROPERTY);
    if (given != null) {
      files.add(Path.of(given));
    }
    return files;
  }

  @TestFactory
  Stream<DynamicTest> every_instruction_gives_what_the_device_gave() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    for (Path file : files()) {
      ByteBuffer data = read(file);
      byte[] magic = new byte[4];
      data.get(magic);
      assertEquals("MMAC", new String(magic, StandardCharsets.US_ASCII), file + " has no cases");
      assertEquals(1, data.getInt(), "version of " + file);
      DeviceProfile profile = profile(data.getInt());
      int kinds = data.getInt();
      for (int i = 0; i < kinds; i++) {
        Kind kind = Kind.next(data);
        tests.add(
            DynamicTest.dynamicTest(profile.name() + " " + kind.name, () -> kind.check(profile)));
      }
    }
    return tests.stream();
  }

  private static ByteBuffer read(Path file) throws IOException {
    try (InputStream bytes = new BufferedInputStream(Files.newInputStream(file));
        InputStream plain = file.toString().endsWith(".gz") ? new GZIPInputStream(bytes) : bytes) {
      return ByteBuffer.wrap(plain.readAllBytes()).order(ByteOrder.LITTLE_ENDIAN);
    }
  }

  private static DeviceProfile profile(int architecture) {
    return DeviceProfile.ALL.stream()
        .filter(profile -> profile.architecture() == architecture)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no profile of sm_" + architecture));
  }

  /** One instruction, and all its cases. */
  private record Kind(String name, int width, int[] sources, int results, int cases, int[] words) {
    static Kind next(ByteBuffer data) {
      byte[] name = new byte[data.getInt()];
      data.get(name);
      int width = data.getInt();
      int[] sources = {data.getInt(), data.getInt(), data.getInt()};
      int results = data.getInt();
      int cases = data.getInt();
      int[] words = new int[cases * width * LANES * (Arrays.stream(sources).sum() + results)];
      for (int i = 0; i < words.length; i++) {
        words[i] = data.getInt();
      }
      return new Kind(
          new String(name, StandardCharsets.US_ASCII), width, sources, results, cases, words);
    }

    void check(DeviceProfile profile) {
      if (name.startsWith("wmma.load")) {
        checkLoad();
      } else if (name.startsWith("ldmatrix")) {
        checkRows();
      } else {
        checkCases(profile);
      }
    }

    private void checkCases(DeviceProfile profile) {
      int[] counts =
          sources[1] == 0
              ? new int[] {results, sources[0]}
              : new int[] {results, sources[0], sources[1], sources[2]};
      MatrixInstruction instruction = new MatrixInstruction(name, width == 2, profile, counts);
      int inputs = Arrays.stream(sources).sum();
      int wrong = 0;
      int[] wrongByFlavour = new int[FLAVOURS];
      StringBuilder shown = new StringBuilder();
      for (int i = 0; i < cases; i++) {
        int at = i * (inputs + results) * LANES * width;
        long[][] given = registers(at, inputs);
        long[][] expected = registers(at + inputs * LANES * width, results);
        long[][] actual = execute(instruction, given);
        for (int r = 0; r < results; r++) {
          for (int lane = 0; lane < LANES; lane++) {
            if (!same(expected[r][lane], actual[r][lane])) {
              wrongByFlavour[i % FLAVOURS]++;
              if (wrong++ < SHOWN) {
                shown.append(
                    "%n  case %d, register %d, lane %d: expected %x but was %x"
                        .formatted(i, r, lane, expected[r][lane], actual[r][lane]));
              }
            }
          }
        }
      }
      assertEquals(
          0,
          wrong,
          name
              + ": registers that differ, of "
              + cases * results * LANES
              + "; by flavour "
              + Arrays.toString(wrongByFlavour)
              + shown);
    }

    private boolean same(long expected, long actual) {
      return expected == actual
          || width == 2
              && Double.isNaN(Double.longBitsToDouble(expected))
              && Double.isNaN(Double.longBitsToDouble(actual));
    }

    private long[][] execute(MatrixInstruction instruction, long[][] given) {
      if (width == 2) {
        return instruction.execute(given);
      }
      int[][] narrow =
          Arrays.stream(given)
              .map(row -> Arrays.stream(row).mapToInt(value -> (int) value).toArray())
              .toArray(int[][]::new);
      return Arrays.stream(instruction.execute(narrow))
          .map(row -> Arrays.stream(row).mapToLong(value -> value & 0xffffffffL).toArray())
          .toArray(long[][]::new);
    }

    private long[][] registers(int at, int count) {
      long[][] result = new long[count][LANES];
      for (int i = 0; i < count * LANES; i++) {
        long value = words[at + i * width] & 0xffffffffL;
        if (width == 2) {
          value |= (long) words[at + i * width + 1] << 32;
        }
        result[i / LANES][i % LANES] = value;
      }
      return result;
    }

    /** What the emulator's fragments would hold of a matrix of numbers that count up. */
    private void checkLoad() {
      String[] parts = name.split("\\.");
      Role role = parts[2].equals("a") ? Role.A : parts[2].equals("b") ? Role.B : Role.ACCUMULATOR;
      boolean rows = parts[5].equals("row");
      TileShape shape = TileShape.named(parts[6]);
      ElementType type = ElementType.named(parts[8]);
      WmmaFragment fragment = new WmmaFragment(role, shape, type);
      assertEquals(fragment.registers(), results, name);
      int length =
          switch (role) {
            case A -> rows ? shape.k() : shape.m();
            case B -> rows ? shape.n() : shape.k();
            case ACCUMULATOR -> rows ? shape.n() : shape.m();
          };
      for (int register = 0; register < results; register++) {
        for (int lane = 0; lane < LANES; lane++) {
          int expected = 0;
          for (int i = 0; i < fragment.perRegister(); i++) {
            int row = fragment.row(register, lane, i);
            int column = fragment.column(register, lane, i);
            int number = rows ? row * length + column : column * length + row;
            expected |= (number & (int) ((1L << type.bits()) - 1)) << i * type.bits();
          }
          assertEquals(
              Integer.toHexString(expected),
              Integer.toHexString(words[register * LANES + lane]),
              name + ", register " + register + ", lane " + lane);
        }
      }
    }

    /** Rows of 16 elements that count up; matrices as fragments of A want them. */
    private void checkRows() {
      boolean transposed = name.contains("trans");
      for (int matrix = 0; matrix < results; matrix++) {
        for (int lane = 0; lane < LANES; lane++) {
          int expected = 0;
          for (int i = 0; i < 2; i++) {
            int row = transposed ? lane % 4 * 2 + i : lane / 4;
            int column = transposed ? lane / 4 : lane % 4 * 2 + i;
            int number = (row + matrix % 2 * 8) * 16 + column + matrix / 2 * 8;
            expected |= number << i * 16;
          }
          assertEquals(expected, words[matrix * LANES + lane], name + ", lane " + lane);
        }
      }
    }
  }
}
