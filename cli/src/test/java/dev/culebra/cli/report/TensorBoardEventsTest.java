package dev.culebra.cli.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TensorBoardEventsTest {
  @TempDir Path directory;

  @Test
  void scalars_can_be_read_back_from_checked_frames() throws IOException {
    try (TensorBoardEvents events = new TensorBoardEvents(directory, 0)) {
      events.add(7, Map.of("loss/train", 4.25));
      events.add(8, Map.of("loss/train", 4.0, "loss/validation", 4.5));
    }
    List<byte[]> frames = frames();
    assertEquals(4, frames.size());
    assertEquals("brain.Event:2", fields(frames.get(0)).get(3));
    assertEquals(7L, fields(frames.get(2)).get(2));
    assertEquals(Map.of("loss/train", 4.25f), values(frames.get(2)));
    assertEquals(Map.of("loss/train", 4.0f, "loss/validation", 4.5f), values(frames.get(3)));
  }

  @Test
  void a_resumed_run_says_from_which_step_it_goes_on() throws IOException {
    new TensorBoardEvents(directory, 120).close();
    Map<Integer, Object> session = fields(frames().get(1));
    assertEquals(120L, session.get(2));
    assertEquals(1L, fields((byte[]) session.get(7)).get(1));
  }

  @Test
  void the_checksum_is_the_masked_crc_of_the_format() {
    // CRC-32C of "123456789" is 0xE3069283 (RFC 3720, appendix B.4 gives the algorithm).
    byte[] digits = "123456789".getBytes(StandardCharsets.US_ASCII);
    int crc = 0xE3069283;
    int masked = ((crc >>> 15) | (crc << 17)) + 0xA282EAD8;
    assertEquals(masked, TensorBoardEvents.maskedCrc(digits, 0, digits.length));
  }

  private List<byte[]> frames() throws IOException {
    List<Path> files;
    try (var listing = Files.list(directory)) {
      files = listing.toList();
    }
    assertEquals(1, files.size());
    assertFalse(files.getFirst().getFileName().toString().contains(" "));
    ByteBuffer in =
        ByteBuffer.wrap(Files.readAllBytes(files.getFirst())).order(ByteOrder.LITTLE_ENDIAN);
    List<byte[]> frames = new ArrayList<>();
    while (in.hasRemaining()) {
      byte[] length = new byte[8];
      in.get(in.position(), length);
      byte[] data = new byte[(int) in.getLong()];
      assertEquals(TensorBoardEvents.maskedCrc(length, 0, 8), in.getInt());
      in.get(data);
      assertEquals(TensorBoardEvents.maskedCrc(data, 0, data.length), in.getInt());
      frames.add(data);
    }
    return frames;
  }

  private static Map<String, Float> values(byte[] event) throws IOException {
    Map<String, Float> values = new HashMap<>();
    CodedInputStream summary = CodedInputStream.newInstance((byte[]) fields(event).get(5));
    while (!summary.isAtEnd()) {
      summary.readTag();
      Map<Integer, Object> value = fields(summary.readByteArray());
      values.put((String) value.get(1), (Float) value.get(2));
    }
    return values;
  }

  /** Fields by number: whole numbers, floats, texts where they are printable, else bytes. */
  private static Map<Integer, Object> fields(byte[] message) throws IOException {
    Map<Integer, Object> fields = new HashMap<>();
    CodedInputStream in = CodedInputStream.newInstance(message);
    while (!in.isAtEnd()) {
      int tag = in.readTag();
      fields.put(
          WireFormat.getTagFieldNumber(tag),
          switch (WireFormat.getTagWireType(tag)) {
            case WireFormat.WIRETYPE_VARINT -> in.readInt64();
            case WireFormat.WIRETYPE_FIXED64 -> in.readDouble();
            case WireFormat.WIRETYPE_FIXED32 -> in.readFloat();
            default -> textOrBytes(in.readByteArray());
          });
    }
    return fields;
  }

  private static Object textOrBytes(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.US_ASCII);
    return text.chars().allMatch(c -> c >= ' ' && c < 127) ? text : bytes;
  }
}
