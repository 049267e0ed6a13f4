package dev.culebra.model.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Writes safetensors files tensor by tensor: only one needs to be in host memory at a time. The
 * header is padded with spaces so that the data begins at a multiple of eight bytes.
 */
public final class SafeTensorsWriter {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Bytes per write: enough that a call's cost does not show. */
  private static final int CHUNK_BYTES = 1 << 20;

  private SafeTensorsWriter() {}

  /** The bytes of one tensor, asked for when it is its turn. */
  @FunctionalInterface
  public interface Contents {
    /** Exactly the tensor's bytes, row by row, little-endian; read before the next call. */
    MemorySegment bytes() throws IOException;
  }

  /** One tensor to be written. */
  public record Source(String name, TensorType type, long[] shape, Contents contents) {
    long byteSize() {
      return Arrays.stream(shape).reduce(type.bytes(), Math::multiplyExact);
    }
  }

  /**
   * Writes header and tensors in the order given.
   *
   * @throws IllegalArgumentException if two have the same name, or one gives other bytes than its
   *     shape says
   */
  public static void write(
      WritableByteChannel channel, Map<String, String> metadata, List<Source> sources)
      throws IOException {
    writeAll(channel, ByteBuffer.wrap(header(metadata, sources)));
    ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_BYTES);
    for (Source source : sources) {
      MemorySegment bytes = source.contents().bytes();
      if (bytes.byteSize() != source.byteSize()) {
        throw new IllegalArgumentException(
            source.name()
                + ": "
                + bytes.byteSize()
                + " bytes for "
                + source.type()
                + Arrays.toString(source.shape()));
      }
      // Through a buffer of our own: a segment over an int[] or float[] has no byte buffer.
      for (long at = 0; at < bytes.byteSize(); at += CHUNK_BYTES) {
        int length = (int) Math.min(CHUNK_BYTES, bytes.byteSize() - at);
        MemorySegment.copy(bytes, at, MemorySegment.ofBuffer(chunk.clear()), 0, length);
        writeAll(channel, chunk.limit(length));
      }
    }
  }

  private static byte[] header(Map<String, String> metadata, List<Source> sources)
      throws JsonProcessingException {
    ObjectNode root = JSON.createObjectNode();
    if (!metadata.isEmpty()) {
      ObjectNode node = root.putObject(SafeTensorsHeader.METADATA);
      metadata.forEach(node::put);
    }
    long offset = 0;
    for (Source source : sources) {
      if (root.has(source.name())) {
        throw new IllegalArgumentException("two tensors are called '" + source.name() + "'");
      }
      ObjectNode node = root.putObject(source.name());
      node.put("dtype", source.type().name());
      Arrays.stream(source.shape()).forEach(node.putArray("shape")::add);
      long end = Math.addExact(offset, source.byteSize());
      node.putArray("data_offsets").add(offset).add(end);
      offset = end;
    }
    byte[] json = JSON.writeValueAsString(root).getBytes(StandardCharsets.UTF_8);
    int padded = (json.length + Long.BYTES - 1) / Long.BYTES * Long.BYTES;
    byte[] header = new byte[Long.BYTES + padded];
    Arrays.fill(header, (byte) ' ');
    ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN).putLong(padded).put(json);
    return header;
  }

  static void writeAll(WritableByteChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }
}
