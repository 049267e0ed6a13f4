package dev.culebra.emulator;

import dev.culebra.emulator.exec.Kernel;
import dev.culebra.emulator.exec.KernelParameter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * The arguments of a launch, given in the order of the kernel's parameters and put where it expects
 * them. Each must have the size of its parameter.
 */
public final class KernelArguments {
  private final Kernel kernel;
  private final List<KernelParameter> parameters;
  private final ByteBuffer bytes;
  private int next;

  public KernelArguments(Kernel kernel) {
    this.kernel = kernel;
    parameters = kernel.parameters();
    bytes = ByteBuffer.allocate(kernel.parameterBytes()).order(ByteOrder.LITTLE_ENDIAN);
  }

  public KernelArguments i8(int value) {
    bytes.put(place(Byte.BYTES), (byte) value);
    return this;
  }

  public KernelArguments i16(int value) {
    bytes.putShort(place(Short.BYTES), (short) value);
    return this;
  }

  public KernelArguments i32(int value) {
    bytes.putInt(place(Integer.BYTES), value);
    return this;
  }

  public KernelArguments i64(long value) {
    bytes.putLong(place(Long.BYTES), value);
    return this;
  }

  public KernelArguments f32(float value) {
    bytes.putFloat(place(Float.BYTES), value);
    return this;
  }

  public KernelArguments f64(double value) {
    bytes.putDouble(place(Double.BYTES), value);
    return this;
  }

  /** A device address. */
  public KernelArguments address(long address) {
    return i64(address);
  }

  /**
   * A structure passed by value, laid out as C does, little endian; device addresses in it are
   * eight bytes each.
   */
  public KernelArguments struct(byte[] value) {
    bytes.put(place(value.length), value);
    return this;
  }

  /**
   * What {@link dev.culebra.emulator.exec.Launch} takes.
   *
   * @throws IllegalArgumentException when arguments are missing
   */
  public byte[] bytes() {
    if (next != parameters.size()) {
      throw new IllegalArgumentException(
          kernel.name() + " takes " + count(parameters.size()) + ", not " + next);
    }
    return bytes.array().clone();
  }

  private int place(int size) {
    if (next == parameters.size()) {
      throw new IllegalArgumentException(
          kernel.name() + " takes " + count(parameters.size()) + ", not more");
    }
    KernelParameter parameter = parameters.get(next++);
    if (parameter.bytes() != size) {
      throw new IllegalArgumentException(
          "argument %d of %s has %d bytes, not %d"
              .formatted(next, kernel.name(), parameter.bytes(), size));
    }
    return parameter.offset();
  }

  private static String count(int arguments) {
    return arguments == 1 ? "1 argument" : arguments + " arguments";
  }
}
