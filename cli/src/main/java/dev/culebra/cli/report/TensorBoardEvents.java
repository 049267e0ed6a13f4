package dev.culebra.cli.report;

import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * Writes scalars as a TensorBoard event file: TFRecord frames (length, masked CRC-32C of the
 * length, data, masked CRC-32C of the data, all little-endian) around {@code Event} messages of
 * tensorflow/core/util/event.proto.
 */
final class TensorBoardEvents implements AutoCloseable {
  // Field numbers of Event, Summary, Summary.Value and SessionLog.
  private static final int EVENT_WALL_TIME = 1;
  private static final int EVENT_STEP = 2;
  private static final int EVENT_FILE_VERSION = 3;
  private static final int EVENT_SUMMARY = 5;
  private static final int EVENT_SESSION_LOG = 7;
  private static final int SUMMARY_VALUE = 1;
  private static final int VALUE_TAG = 1;
  private static final int VALUE_SIMPLE_VALUE = 2;
  private static final int SESSION_LOG_STATUS = 1;
  private static final int SESSION_LOG_START = 1;

  private static final int FRAME_BYTES = 16;
  private static final int CRC_MASK_DELTA = 0xA282EAD8;

  private final FileChannel file;

  /** Writes the fields of a message. */
  private interface Fields {
    void write(CodedOutputStream out) throws IOException;
  }

  /**
   * Opens a new event file.
   *
   * @param directory of the run
   * @param step of a resumed run: what earlier files say of later steps is dropped by TensorBoard
   */
  TensorBoardEvents(Path directory, long step) throws IOException {
    String name =
        "events.out.tfevents.%010d.culebra.%d.%d"
            .formatted(
                System.currentTimeMillis() / 1000,
                ProcessHandle.current().pid(),
                System.nanoTime() & 0xFFFFFF);
    file =
        FileChannel.open(
            directory.resolve(name), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    write(event(0, out -> out.writeString(EVENT_FILE_VERSION, "brain.Event:2")));
    Fields started = out -> out.writeEnum(SESSION_LOG_STATUS, SESSION_LOG_START);
    byte[] sessionLog = message(started);
    write(event(step, out -> out.writeByteArray(EVENT_SESSION_LOG, sessionLog)));
  }

  /** Adds values by tag, {@code loss/train} say. */
  void add(long step, Map<String, Double> values) throws IOException {
    byte[] summary =
        message(
            out -> {
              for (Map.Entry<String, Double> entry : values.entrySet()) {
                byte[] value =
                    message(
                        fields -> {
                          fields.writeString(VALUE_TAG, entry.getKey());
                          fields.writeFloat(VALUE_SIMPLE_VALUE, entry.getValue().floatValue());
                        });
                out.writeByteArray(SUMMARY_VALUE, value);
              }
            });
    write(event(step, out -> out.writeByteArray(EVENT_SUMMARY, summary)));
  }

  private static byte[] event(long step, Fields what) {
    return message(
        out -> {
          out.writeDouble(EVENT_WALL_TIME, System.currentTimeMillis() / 1000.0);
          out.writeInt64(EVENT_STEP, step);
          what.write(out);
        });
  }

  private static byte[] message(Fields fields) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    try {
      fields.write(out);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail to take bytes
    }
    return bytes.toByteArray();
  }

  private void write(byte[] data) throws IOException {
    ByteBuffer frame =
        ByteBuffer.allocate(data.length + FRAME_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    frame.putLong(data.length);
    frame.putInt(maskedCrc(frame.array(), 0, Long.BYTES));
    frame.put(data);
    frame.putInt(maskedCrc(data, 0, data.length));
    frame.flip();
    while (frame.hasRemaining()) {
      file.write(frame);
    }
  }

  static int maskedCrc(byte[] bytes, int from, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, from, length);
    return Integer.rotateRight((int) crc.getValue(), 15) + CRC_MASK_DELTA;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
