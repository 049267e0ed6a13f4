package dev.culebra.cli;

import dev.culebra.emulator.Emulator;
import dev.culebra.emulator.KernelArguments;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;

/** One {@code --arg} of {@code culebra emulate}. */
sealed interface KernelArgument {
  /** How arguments are written, for messages and help. */
  String FORMS =
      "i8:N, u8:N, i16:N, u16:N, i32:N, u32:N, i64:N, u64:N, f32:X, f64:X, hex:BYTES, buf:BYTES,"
          + " in:FILE, out:FILE:BYTES or inout:FILE";

  /** Adds it to those of the launch; allocates what it needs. */
  void add(Emulator emulator, KernelArguments arguments) throws IOException;

  /** After the run: writes its file, where it has one to write. */
  default void save(Emulator emulator) throws IOException {}

  /** A number of so many bits. */
  record Scalar(String type, long bits, int width) implements KernelArgument {
    @Override
    public void add(Emulator emulator, KernelArguments arguments) {
      switch (width) {
        case Byte.SIZE -> arguments.i8((int) bits);
        case Short.SIZE -> arguments.i16((int) bits);
        case Integer.SIZE -> arguments.i32((int) bits);
        default -> arguments.i64(bits);
      }
    }
  }

  /** The bytes of a structure. */
  record Struct(byte[] bytes) implements KernelArgument {
    @Override
    public void add(Emulator emulator, KernelArguments arguments) {
      arguments.struct(bytes);
    }
  }

  /**
   * Device memory.
   *
   * @param load the file that it starts with, or null
   * @param store the file that it ends in, or null
   */
  final class Buffer implements KernelArgument {
    private final String label;
    private final long bytes;
    private final Path load;
    private final Path store;
    private long address;

    Buffer(String label, long bytes, Path load, Path store) {
      this.label = label;
      this.bytes = bytes;
      this.load = load;
      this.store = store;
    }

    @Override
    public void add(Emulator emulator, KernelArguments arguments) throws IOException {
      address = emulator.allocate(bytes, label);
      if (load != null) {
        try (Arena arena = Arena.ofConfined();
            FileChannel file = FileChannel.open(load)) {
          emulator
              .memory()
              .copyIn(address, file.map(FileChannel.MapMode.READ_ONLY, 0, bytes, arena));
        }
      }
      arguments.address(address);
    }

    @Override
    public void save(Emulator emulator) throws IOException {
      if (store == null) {
        return;
      }
      MemorySegment result = emulator.memory().segment(address, bytes);
      Path target = store.toAbsolutePath();
      Path part = target.resolveSibling(target.getFileName() + ".part");
      try (Arena arena = Arena.ofConfined();
          FileChannel file =
              FileChannel.open(
                  part,
                  StandardOpenOption.CREATE,
                  StandardOpenOption.TRUNCATE_EXISTING,
                  StandardOpenOption.READ,
                  StandardOpenOption.WRITE)) {
        file.map(FileChannel.MapMode.READ_WRITE, 0, bytes, arena).copyFrom(result);
      }
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  /**
   * Reads an argument as it is written on the command line.
   *
   * @throws IllegalArgumentException in words for the user
   */
  static KernelArgument parse(String text) throws IOException {
    int colon = text.indexOf(':');
    String kind = colon < 0 ? text : text.substring(0, colon);
    String value = text.substring(colon + 1);
    if (colon < 0 || value.isEmpty()) {
      throw new IllegalArgumentException("--arg '" + text + "': give " + FORMS);
    }
    return switch (kind) {
      case "i8", "i16", "i32", "i64", "s8", "s16", "s32", "s64" -> integer(text, kind, value, true);
      case "u8", "u16", "u32", "u64" -> integer(text, kind, value, false);
      case "f32" ->
          new Scalar(kind, Float.floatToRawIntBits((float) number(text, value)), Integer.SIZE);
      case "f64" -> new Scalar(kind, Double.doubleToRawLongBits(number(text, value)), Long.SIZE);
      case "hex" -> new Struct(hex(text, value));
      case "buf" -> new Buffer(text, size(text, value), null, null);
      case "in" -> new Buffer(text, fileSize(text, value), Path.of(value), null);
      case "inout" -> new Buffer(text, fileSize(text, value), Path.of(value), Path.of(value));
      case "out" -> output(text, value);
      default -> throw new IllegalArgumentException("--arg '" + text + "': give " + FORMS);
    };
  }

  private static Scalar integer(String text, String kind, String value, boolean signed) {
    int width = Integer.parseInt(kind.substring(1));
    BigInteger number;
    try {
      boolean hex = value.startsWith("0x");
      number = new BigInteger(hex ? value.substring(2) : value, hex ? 16 : 10);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("--arg '" + text + "': '" + value + "' is no integer");
    }
    BigInteger one = BigInteger.ONE;
    BigInteger least = signed ? one.shiftLeft(width - 1).negate() : one.subtract(one);
    BigInteger limit = one.shiftLeft(signed ? width - 1 : width);
    if (number.compareTo(least) < 0 || number.compareTo(limit) >= 0) {
      throw new IllegalArgumentException(
          "--arg '%s': %s is from %s to %s".formatted(text, kind, least, limit.subtract(one)));
    }
    return new Scalar(kind, number.longValue(), width);
  }

  private static double number(String text, String value) {
    try {
      return Double.parseDouble(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("--arg '" + text + "': '" + value + "' is no number");
    }
  }

  private static byte[] hex(String text, String value) {
    try {
      return HexFormat.of().parseHex(value);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "--arg '" + text + "': give two hexadecimal digits a byte");
    }
  }

  private static long size(String text, String value) {
    try {
      long bytes = Long.parseLong(value);
      if (bytes > 0) {
        return bytes;
      }
    } catch (NumberFormatException e) {
      // Told below.
    }
    throw new IllegalArgumentException(
        "--arg '" + text + "': '" + value + "' is no number of bytes of 1 or more");
  }

  private static long fileSize(String text, String value) throws IOException {
    Path file = Path.of(value);
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException("--arg '" + text + "': no file " + value);
    }
    if (Files.size(file) == 0) {
      throw new IllegalArgumentException("--arg '" + text + "': " + value + " is empty");
    }
    return Files.size(file);
  }

  private static Buffer output(String text, String value) {
    int colon = value.lastIndexOf(':');
    if (colon <= 0) {
      throw new IllegalArgumentException("--arg '" + text + "': give out:FILE:BYTES");
    }
    Path file = Path.of(value.substring(0, colon)).toAbsolutePath();
    if (!Files.isDirectory(file.getParent())) {
      throw new IllegalArgumentException("--arg '" + text + "': no folder " + file.getParent());
    }
    return new Buffer(text, size(text, value.substring(colon + 1)), null, file);
  }
}
