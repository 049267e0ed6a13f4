package dev.culebra.emulator.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.culebra.emulator.memory.HostMemory;
import dev.culebra.emulator.profile.DeviceProfile;
import io.airlift.compress.v3.Compressor;
import io.airlift.compress.v3.lz4.Lz4Compressor;
import io.airlift.compress.v3.zstd.ZstdCompressor;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FatBinaryTest {
  private static final int PTX = 1;
  private static final int ELF = 2;
  private static final long PLAIN = 0x11;
  private static final long LZ4 = 0x2011;
  private static final long ZSTD = 0x8011;
  private static final long SPECIFIC = 0x10_0000;

  private static byte[] entry(int kind, int architecture, long flags, String text) {
    byte[] plain = text.getBytes(StandardCharsets.UTF_8);
    byte[] stored = plain;
    if ((flags & 0xa000) != 0) {
      Compressor compressor =
          (flags & 0x8000) != 0 ? ZstdCompressor.create() : Lz4Compressor.create();
      byte[] room = new byte[compressor.maxCompressedLength(plain.length)];
      int length = compressor.compress(plain, 0, plain.length, room, 0, room.length);
      stored = Arrays.copyOf(room, length);
    }
    int padded = (stored.length + 7) / 8 * 8;
    ByteBuffer buffer = ByteBuffer.allocate(80 + padded).order(ByteOrder.LITTLE_ENDIAN);
    buffer.putShort((short) kind).putShort((short) 0x101).putInt(80).putLong(padded);
    buffer.putInt(stored == plain ? 0 : stored.length).putInt(0x40);
    buffer.putShort((short) 0).putShort((short) 9).putInt(architecture).putLong(0);
    buffer.putLong(flags).putLong(0).putLong(stored == plain ? 0 : plain.length);
    buffer.position(80).put(stored);
    return buffer.array();
  }

  private static MemorySegment container(byte[]... entries) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] entry : entries) {
      all.writeBytes(entry);
    }
    ByteBuffer buffer = ByteBuffer.allocate(16 + all.size()).order(ByteOrder.LITTLE_ENDIAN);
    buffer.putInt(FatBinary.MAGIC).putShort((short) 1).putShort((short) 16).putLong(all.size());
    buffer.put(all.toByteArray());
    return MemorySegment.ofArray(buffer.array());
  }

  @Test
  void the_newest_ptx_that_the_device_can_run_is_taken_however_it_is_stored() {
    for (long flags : new long[] {PLAIN, LZ4, ZSTD}) {
      MemorySegment image =
          container(
              entry(ELF, 90, PLAIN, "machine code"),
              entry(PTX, 80, flags, "for 80 ".repeat(50)),
              entry(PTX, 75, flags, "for 75 ".repeat(50)),
              entry(PTX, 89, flags, "for 89 ".repeat(50)),
              entry(PTX, 100, flags, "for 100 ".repeat(50)));
      assertEquals("for 89 ".repeat(50), FatBinary.ptx(image, DeviceProfile.H100));
      assertEquals("for 89 ".repeat(50), FatBinary.ptx(image, DeviceProfile.RTX4090));
      assertEquals("for 80 ".repeat(50), FatBinary.ptx(image, DeviceProfile.A100));
    }
  }

  @Test
  void ptx_for_one_architecture_alone_runs_on_no_other() {
    MemorySegment image =
        container(
            entry(PTX, 80, ZSTD, "for all"), entry(PTX, 90, ZSTD | SPECIFIC, "for 90a alone"));
    assertEquals("for 90a alone", FatBinary.ptx(image, DeviceProfile.H100));
    assertEquals("for all", FatBinary.ptx(image, DeviceProfile.A100));
  }

  @Test
  void without_ptx_for_the_device_there_is_nothing_to_run() {
    for (MemorySegment image :
        List.of(
            container(),
            container(entry(ELF, 90, PLAIN, "machine code")),
            container(entry(PTX, 120, PLAIN, "too new")))) {
      DriverException refused =
          assertThrows(DriverException.class, () -> FatBinary.ptx(image, DeviceProfile.H100));
      assertEquals(Status.NO_BINARY_FOR_GPU, refused.status());
    }
  }

  @Test
  void broken_containers_are_refused_and_harm_nobody() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    byte[] good =
        container(
                entry(PTX, 80, ZSTD, "abcdefgh".repeat(100)),
                entry(PTX, 75, LZ4, "hgfedcba".repeat(100)),
                entry(PTX, 70, PLAIN, "x".repeat(100)))
            .toArray(HostMemory.BYTE);
    int rounds = Boolean.getBoolean("culebra.exhaustive") ? 200_000 : 5_000;
    for (int round = 0; round < rounds; round++) {
      byte[] bad =
          Arrays.copyOf(good, random.nextInt(4) == 0 ? random.nextInt(good.length) : good.length);
      for (int i = 0; i <= random.nextInt(4) && bad.length > 4; i++) {
        bad[4 + random.nextInt(bad.length - 4)] = (byte) random.nextInt();
      }
      try {
        FatBinary.ptx(MemorySegment.ofArray(bad), DeviceProfile.H100);
      } catch (DriverException refused) {
        assertTrue(
            refused.status() == Status.INVALID_IMAGE
                || refused.status() == Status.NO_BINARY_FOR_GPU);
      }
    }
  }

  @Test
  void what_nvccs_own_tool_writes_is_read(@TempDir Path folder)
      throws IOException, InterruptedException {
    assumeTrue(onPath("fatbinary"), "no fatbinary, nvcc's last step, on the PATH");
    Path text = folder.resolve("kernel.ptx");
    String ptx = ".version 7.0\n.target sm_80\n.address_size 64\n.visible .entry k() { ret; }\n";
    Files.writeString(text, ptx);
    for (String mode : List.of("none", "speed", "size", "balance", "default")) {
      Path image = folder.resolve(mode + ".fatbin");
      Process tool =
          new ProcessBuilder(
                  "fatbinary",
                  "-64",
                  "--create=" + image,
                  "--compress-mode=" + mode,
                  "--image3=kind=ptx,sm=80,file=" + text,
                  "--image3=kind=ptx,sm=120,file=" + text)
              .inheritIO()
              .start();
      assertEquals(0, tool.waitFor());
      String read =
          FatBinary.ptx(MemorySegment.ofArray(Files.readAllBytes(image)), DeviceProfile.H100);
      assertTrue(read.contains(".visible .entry k()") && read.contains("sm_80"), read);
    }
  }

  private static boolean onPath(String program) {
    return Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }
}
