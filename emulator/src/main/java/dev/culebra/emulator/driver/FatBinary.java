package dev.culebra.emulator.driver;

import dev.culebra.emulator.memory.HostMemory;
import dev.culebra.emulator.profile.DeviceProfile;
import io.airlift.compress.v3.Decompressor;
import io.airlift.compress.v3.MalformedInputException;
import io.airlift.compress.v3.lz4.Lz4Decompressor;
import io.airlift.compress.v3.zstd.ZstdDecompressor;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/**
 * The container that nvcc makes of several images of one module: a header, then entries, each with
 * a header of its own. The format is not documented; this is what {@code nvcc -fatbin} of CUDA 13
 * writes. Only entries of PTX are of use here.
 */
final class FatBinary {
  /** First word of the container. */
  static final int MAGIC = 0xba55ed50;

  /** First word of {@code __fatBinC_Wrapper_t}, which points at a container. */
  static final int WRAPPER_MAGIC = 0x466243b1;

  private static final int WRAPPER_DATA = 8;

  private static final int HEADER_BYTES_AT = 6;
  private static final int SIZE_AT = 8;

  private static final int KIND_AT = 0;
  private static final int ENTRY_HEADER_BYTES_AT = 4;
  private static final int ENTRY_BYTES_AT = 8;
  private static final int COMPRESSED_BYTES_AT = 16;
  private static final int ARCHITECTURE_AT = 28;
  private static final int FLAGS_AT = 40;
  private static final int PLAIN_BYTES_AT = 56;
  private static final int SMALLEST_ENTRY = 64;

  private static final int PTX = 1;
  private static final long LZ4 = 0x2000;
  private static final long ZSTD = 0x8000;
  private static final long ARCHITECTURE_SPECIFIC = 0x10_0000;

  /** No text shrinks by more than that; a size beyond it is a broken one. */
  private static final long LARGEST_RATIO = 1024;

  private FatBinary() {}

  /** The address of the container that a wrapper points at. */
  static long unwrap(MemorySegment wrapper) {
    return wrapper.get(HostMemory.LONG, WRAPPER_DATA);
  }

  /**
   * The PTX of the newest architecture that the device can run.
   *
   * @throws DriverException where there is none, or the container is broken
   */
  static String ptx(MemorySegment container, DeviceProfile profile) {
    if (container.byteSize() < SIZE_AT + Long.BYTES) {
      throw broken("header");
    }
    int headerBytes = Short.toUnsignedInt(container.get(HostMemory.SHORT, HEADER_BYTES_AT));
    long size = container.get(HostMemory.LONG, SIZE_AT);
    if (headerBytes < SIZE_AT + Long.BYTES
        || size < 0
        || size > container.byteSize() - headerBytes) {
      throw broken("header");
    }
    MemorySegment entries = container.asSlice(headerBytes, size);
    MemorySegment best = null;
    for (long at = 0; at < size; ) {
      MemorySegment entry = entry(entries, at);
      if (entry.get(HostMemory.SHORT, KIND_AT) == PTX
          && runs(entry, profile)
          && (best == null || architecture(entry) >= architecture(best))) {
        best = entry;
      }
      at += entry.byteSize();
    }
    if (best == null) {
      throw Status.NO_BINARY_FOR_GPU.because(
          "the fat binary holds no PTX that compute capability "
              + profile.major()
              + "."
              + profile.minor()
              + " can run; compile it with code=compute_"
              + profile.architecture());
    }
    return text(best);
  }

  private static MemorySegment entry(MemorySegment entries, long at) {
    if (entries.byteSize() - at < SMALLEST_ENTRY) {
      throw broken("entry");
    }
    long header = Integer.toUnsignedLong(entries.get(HostMemory.INT, at + ENTRY_HEADER_BYTES_AT));
    long bytes = entries.get(HostMemory.LONG, at + ENTRY_BYTES_AT);
    if (header < SMALLEST_ENTRY || bytes < 0 || bytes > entries.byteSize() - at - header) {
      throw broken("entry's size");
    }
    return entries.asSlice(at, header + bytes);
  }

  private static int architecture(MemorySegment entry) {
    return entry.get(HostMemory.INT, ARCHITECTURE_AT);
  }

  private static boolean runs(MemorySegment entry, DeviceProfile profile) {
    int architecture = architecture(entry);
    boolean specific = (entry.get(HostMemory.LONG, FLAGS_AT) & ARCHITECTURE_SPECIFIC) != 0;
    return specific
        ? architecture == profile.architecture()
        : architecture <= profile.architecture();
  }

  private static String text(MemorySegment entry) {
    long flags = entry.get(HostMemory.LONG, FLAGS_AT);
    byte[] bytes =
        entry.asSlice(entry.get(HostMemory.INT, ENTRY_HEADER_BYTES_AT)).toArray(HostMemory.BYTE);
    if ((flags & ZSTD) != 0) {
      bytes = decompress(ZstdDecompressor.create(), entry, bytes);
    } else if ((flags & LZ4) != 0) {
      bytes = decompress(Lz4Decompressor.create(), entry, bytes);
    }
    int end = bytes.length;
    while (end > 0 && bytes[end - 1] == 0) {
      end--;
    }
    return new String(bytes, 0, end, StandardCharsets.UTF_8);
  }

  private static byte[] decompress(Decompressor method, MemorySegment entry, byte[] bytes) {
    int compressed = entry.get(HostMemory.INT, COMPRESSED_BYTES_AT);
    long plain = entry.get(HostMemory.LONG, PLAIN_BYTES_AT);
    if (compressed < 0
        || compressed > bytes.length
        || plain < 0
        || plain > Math.min(compressed * LARGEST_RATIO, Integer.MAX_VALUE)) {
      throw broken("compressed entry's size");
    }
    byte[] text = new byte[(int) plain];
    try {
      int written = method.decompress(bytes, 0, compressed, text, 0, text.length);
      if (written != text.length) {
        throw broken("compressed entry");
      }
      return text;
    } catch (MalformedInputException | IllegalArgumentException e) {
      throw broken("compressed entry");
    }
  }

  private static DriverException broken(String part) {
    return Status.INVALID_IMAGE.because("a fat binary's " + part + " is broken");
  }
}
