package dev.culebra.model.checkpoint;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;

/**
 * A memory-mapped safetensors file: eight bytes of header length, a JSON header of names, dtypes,
 * shapes and offsets, and the tensors' bytes without gaps. Everything the header says is checked
 * when the file is opened; each {@link CheckpointFormatException} names the file, the tensor and
 * the value.
 */
public final class SafeTensors implements AutoCloseable {
  static final ValueLayout.OfLong LENGTH =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Path file;
  private final Arena arena;
  private final SafeTensorsHeader header;
  private final MemorySegment data;

  /**
   * One tensor's place.
   *
   * @param begin offset of its first byte in the data after the header
   * @param end offset past its last byte
   */
  public record Entry(String name, TensorType type, long[] shape, long begin, long end) {
    public long elements() {
      return (end - begin) / type.bytes();
    }
  }

  private SafeTensors(Path file, Arena arena, SafeTensorsHeader header, MemorySegment data) {
    this.file = file;
    this.arena = arena;
    this.header = header;
    this.data = data;
  }

  /**
   * Maps a file and checks its header.
   *
   * @throws CheckpointFormatException if it is no sound safetensors file
   */
  public static SafeTensors open(Path file) throws IOException {
    Arena arena = Arena.ofShared();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      if (size < Long.BYTES) {
        throw new CheckpointFormatException(
            file + ": " + size + " bytes are too few for a safetensors file");
      }
      MemorySegment all = channel.map(FileChannel.MapMode.READ_ONLY, 0, size, arena);
      long length = all.get(LENGTH, 0);
      if (length < 2 || length > size - Long.BYTES || length > SafeTensorsHeader.MAX_BYTES) {
        throw new CheckpointFormatException(
            file
                + ": header of "
                + Long.toUnsignedString(length)
                + " bytes does not fit a file of "
                + size
                + " bytes; truncated, or no safetensors file");
      }
      byte[] json = all.asSlice(Long.BYTES, length).toArray(ValueLayout.JAVA_BYTE);
      MemorySegment data = all.asSlice(Long.BYTES + length);
      return new SafeTensors(
          file, arena, SafeTensorsHeader.parse(file, json, data.byteSize()), data);
    } catch (IOException | RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  public Path file() {
    return file;
  }

  /** The header's {@code __metadata__}. */
  public Map<String, String> metadata() {
    return header.metadata();
  }

  /** Names, in the order of their data. */
  public Set<String> names() {
    return header.entries().keySet();
  }

  public boolean contains(String name) {
    return header.entries().containsKey(name);
  }

  /**
   * Type and shape of a tensor.
   *
   * @throws CheckpointFormatException if there is none of that name
   */
  public Entry entry(String name) {
    Entry entry = header.entries().get(name);
    if (entry == null) {
      throw new CheckpointFormatException(file + ": there is no tensor '" + name + "'");
    }
    return entry;
  }

  /** A tensor's bytes: a view of the mapped file, valid until {@link #close}. */
  public MemorySegment bytes(String name) {
    Entry entry = entry(name);
    return data.asSlice(entry.begin(), entry.end() - entry.begin());
  }

  /**
   * A tensor of that name and shape is there and converts to F32.
   *
   * @throws CheckpointFormatException if not; the message names the tensor and both shapes
   */
  public Entry check(String name, long... shape) {
    Entry entry = entry(name);
    if (!Arrays.equals(entry.shape(), shape)) {
      throw new CheckpointFormatException(
          file
              + ": tensor '"
              + name
              + "' has shape "
              + Arrays.toString(entry.shape())
              + ", expected "
              + Arrays.toString(shape));
    }
    if (!entry.type().convertsToFloat()) {
      throw new CheckpointFormatException(
          file + ": tensor '" + name + "' is " + entry.type() + ", expected F32, F16 or BF16");
    }
    return entry;
  }

  /**
   * A tensor as F32, row by row: a view of the mapped file where it is F32, else a new copy.
   *
   * @param shape what it must have
   * @throws CheckpointFormatException as {@link #check}
   */
  public MemorySegment floats(String name, long... shape) {
    Entry entry = check(name, shape);
    MemorySegment bytes = bytes(name);
    if (entry.type() == TensorType.F32) {
      return bytes;
    }
    MemorySegment floats =
        Arena.ofAuto().allocate(Math.max(1, entry.elements() * Float.BYTES), Float.BYTES);
    entry.type().toFloats(bytes, floats);
    return floats.asSlice(0, entry.elements() * Float.BYTES);
  }

  @Override
  public void close() {
    arena.close();
  }
}
