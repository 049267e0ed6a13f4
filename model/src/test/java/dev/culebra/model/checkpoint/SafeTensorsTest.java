package dev.culebra.model.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafeTensorsTest {
  @TempDir Path folder;

  private Path file() {
    return folder.resolve("model.safetensors");
  }

  private void write(SafeTensorsWriter.Source... sources) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file(), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      SafeTensorsWriter.write(channel, Map.of("format", "pt"), List.of(sources));
    }
  }

  private static SafeTensorsWriter.Source source(
      String name, TensorType type, MemorySegment bytes, long... shape) {
    return new SafeTensorsWriter.Source(name, type, shape, () -> bytes);
  }

  /** A file with a header written by hand. */
  private void raw(long length, String header, int dataBytes) throws IOException {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer all =
        ByteBuffer.allocate(8 + json.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
    Files.write(file(), all.putLong(length).put(json).array());
  }

  private String refusal() {
    String message =
        assertThrows(CheckpointFormatException.class, () -> SafeTensors.open(file()).close())
            .getMessage();
    assertTrue(message.startsWith(file().toString()), message);
    assertEquals(1, message.lines().count(), message);
    return message;
  }

  @Test
  void what_is_written_is_read_again() throws IOException {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    int[] floats = random.ints(7 * 13).toArray();
    int[] ints = random.ints(5).toArray();
    write(
        source("a", TensorType.F32, MemorySegment.ofArray(floats), 7, 13),
        source("odd", TensorType.U8, MemorySegment.ofArray(new byte[3]), 3),
        source("empty", TensorType.F32, MemorySegment.ofArray(new float[0]), 0, 4),
        source("ünïcode \"b\"", TensorType.I32, MemorySegment.ofArray(ints), 5),
        source("scalar", TensorType.I64, MemorySegment.ofArray(new long[] {-1})));
    try (SafeTensors read = SafeTensors.open(file())) {
      assertEquals("pt", read.metadata().get("format"));
      assertEquals(5, read.names().size());
      assertEquals(
          -1,
          MemorySegment.ofArray(floats).mismatch(read.floats("a", 7, 13)),
          "other bits; seed " + seed);
      assertArrayEquals(ints, read.bytes("ünïcode \"b\"").toArray(ValueLayout.JAVA_INT_UNALIGNED));
      assertEquals(0, read.floats("empty", 0, 4).byteSize());
      assertArrayEquals(new long[] {}, read.entry("scalar").shape());
    }
    long header =
        ByteBuffer.wrap(Files.readAllBytes(file())).order(ByteOrder.LITTLE_ENDIAN).getLong();
    assertEquals(0, header % 8, "data begins at a multiple of eight");
  }

  @Test
  void all_halves_convert_to_float_exactly() throws IOException {
    short[] bits = new short[1 << 16];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = (short) i;
    }
    write(
        source("half", TensorType.F16, MemorySegment.ofArray(bits), bits.length),
        source("brain", TensorType.BF16, MemorySegment.ofArray(bits), bits.length));
    try (SafeTensors read = SafeTensors.open(file())) {
      float[] half = read.floats("half", bits.length).toArray(ValueLayout.JAVA_FLOAT);
      float[] brain = read.floats("brain", bits.length).toArray(ValueLayout.JAVA_FLOAT);
      for (int i = 0; i < bits.length; i++) {
        assertEquals(half(i), half[i], 0f, "F16 " + i);
        assertEquals(i << 16, Float.floatToRawIntBits(brain[i]), "BF16 " + i);
      }
    }
  }

  /** IEEE 754 binary16 by its definition. */
  private static double half(int bits) {
    double sign = (bits & 0x8000) == 0 ? 1 : -1;
    int exponent = bits >> 10 & 31;
    int fraction = bits & 1023;
    if (exponent == 31) {
      return fraction == 0 ? sign * Double.POSITIVE_INFINITY : Double.NaN;
    }
    return exponent == 0
        ? sign * fraction * 0x1p-24
        : sign * (1 + fraction / 1024.0) * Math.pow(2, exponent - 15);
  }

  @Test
  void other_shape_name_or_type_is_refused_with_both_shapes() throws IOException {
    write(
        source("a", TensorType.F32, MemorySegment.ofArray(new float[6]), 2, 3),
        source("i", TensorType.I32, MemorySegment.ofArray(new int[6]), 6));
    try (SafeTensors read = SafeTensors.open(file())) {
      String shape =
          assertThrows(CheckpointFormatException.class, () -> read.floats("a", 3, 2)).getMessage();
      assertTrue(shape.contains("'a' has shape [2, 3], expected [3, 2]"), shape);
      String name =
          assertThrows(CheckpointFormatException.class, () -> read.floats("b", 1)).getMessage();
      assertTrue(name.contains("no tensor 'b'"), name);
      String type =
          assertThrows(CheckpointFormatException.class, () -> read.floats("i", 6)).getMessage();
      assertTrue(type.contains("'i' is I32"), type);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "{\"a\":{\"dtype\":\"F31\",\"shape\":[2],\"data_offsets\":[0,8]}} | 'a': dtype \"F31\"",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}} | takes 12 bytes",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}} | the value -2",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,8]}} | the value 1.5",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,8]}}"
            + " | too large",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]}} | data_offsets [0, 16]",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}} | data_offsets [8, 0]",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}} | data_offsets is missing",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}} | after a gap",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}} | end at byte 4 of 8",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}"
            + " | 'b': begins at byte 4, inside",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}"
            + " | Duplicate field 'a'",
        "[] | no JSON object",
        "{\"a\":5 | header is broken",
        "{} {} | header is broken"
      })
  void a_lying_header_is_refused(String header, String complaint) throws IOException {
    raw(header.getBytes(StandardCharsets.UTF_8).length, header, 8);
    String message = refusal();
    assertTrue(message.contains(complaint), message);
  }

  @ParameterizedTest
  @CsvSource({"-1", "0", "1", "1000000", "9223372036854775807", "99999999999"})
  void a_lying_header_length_is_refused(long length) throws IOException {
    raw(length, "{}", 100);
    assertTrue(refusal().contains("header of " + Long.toUnsignedString(length)));
  }

  @Test
  void a_file_cut_anywhere_is_refused() throws IOException {
    write(source("a", TensorType.F32, MemorySegment.ofArray(new float[6]), 2, 3));
    byte[] whole = Files.readAllBytes(file());
    for (int length = 0; length < whole.length; length++) {
      Files.write(file(), Arrays.copyOf(whole, length));
      refusal();
    }
  }

  @Test
  void random_damage_to_a_header_is_refused_or_harmless() throws IOException {
    write(
        source("a", TensorType.F32, MemorySegment.ofArray(new float[6]), 2, 3),
        source("b", TensorType.BF16, MemorySegment.ofArray(new short[5]), 5));
    byte[] whole = Files.readAllBytes(file());
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    int rounds = Boolean.getBoolean("culebra.exhaustive") ? 20_000 : 1_000;
    for (int round = 0; round < rounds; round++) {
      byte[] damaged = whole.clone();
      for (int flips = random.nextInt(1, 4); flips > 0; flips--) {
        damaged[random.nextInt(whole.length - 34)] = (byte) random.nextInt();
      }
      Files.write(file(), damaged);
      try (SafeTensors read = SafeTensors.open(file())) {
        for (String name : read.names()) {
          assertTrue(read.bytes(name).byteSize() <= whole.length);
        }
      } catch (CheckpointFormatException refused) {
        assertTrue(refused.getMessage().startsWith(file().toString()), "seed " + seed);
      }
    }
  }
}
