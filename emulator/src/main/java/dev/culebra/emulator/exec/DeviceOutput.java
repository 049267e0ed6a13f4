package dev.culebra.emulator.exec;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;

/** What kernels print, in the order in which they do, until their launch has ended. */
final class DeviceOutput {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  synchronized void print(byte[] text) {
    bytes.writeBytes(text);
  }

  /** Hands all over. */
  synchronized void flush(PrintStream stream) {
    if (bytes.size() > 0) {
      stream.writeBytes(bytes.toByteArray());
      stream.flush();
      bytes.reset();
    }
  }
}
