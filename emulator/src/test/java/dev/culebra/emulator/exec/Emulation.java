package dev.culebra.emulator.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.culebra.emulator.memory.DeviceMemory;
import dev.culebra.emulator.profile.DeviceProfile;
import dev.culebra.emulator.ptx.PtxModule;
import dev.culebra.emulator.ptx.PtxParser;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A program, memory and an executor, and the few lines that tests of kernels need. */
final class Emulation implements AutoCloseable {
  static final DeviceProfile PROFILE = DeviceProfile.H100;

  final DeviceMemory memory = new DeviceMemory(1L << 30);
  final Program program;
  private final Executor executor;
  private final ByteArrayOutputStream output = new ByteArrayOutputStream();

  Emulation(String ptx, ExecutionOptions options) {
    this(PtxParser.parse("test.ptx", ptx), options);
  }

  Emulation(PtxModule module, ExecutionOptions options) {
    program = Program.load(module, memory, PROFILE);
    executor = new Executor(memory, PROFILE, options, new PrintStream(output, true));
  }

  /** A kernel called {@code kernel}, of this body. */
  static String kernel(String parameters, String body) {
    return module(".visible .entry kernel(" + parameters + ")\n{\n" + body + "\n}\n");
  }

  static String module(String text) {
    return ".version 8.8\n.target sm_90a\n.address_size 64\n" + text;
  }

  long buffer(int... values) {
    long address = memory.allocate(Math.max(1, values.length) * 4L, "buffer");
    memory.copyIn(address, MemorySegment.ofArray(values));
    return address;
  }

  long buffer(float... values) {
    long address = memory.allocate(values.length * 4L, "buffer");
    memory.copyIn(address, MemorySegment.ofArray(values));
    return address;
  }

  long buffer(byte[] values) {
    long address = memory.allocate(values.length, "buffer");
    memory.copyIn(address, MemorySegment.ofArray(values));
    return address;
  }

  /** Of ints, that nobody wrote yet. */
  long empty(int count) {
    return memory.allocate(count * 4L, "result");
  }

  int[] ints(long address, int count) {
    return memory.segment(address, count * 4L).toArray(ValueLayout.JAVA_INT_UNALIGNED);
  }

  float[] floats(long address, int count) {
    return memory.segment(address, count * 4L).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
  }

  long[] longs(long address, int count) {
    return memory.segment(address, count * 8L).toArray(ValueLayout.JAVA_LONG_UNALIGNED);
  }

  /** What kernels have printed. */
  String printed() {
    return output.toString(StandardCharsets.UTF_8);
  }

  /** Runs a kernel that has to be clean. */
  void run(String name, Dim3 grid, Dim3 block, int shared, Object... arguments) {
    ExecutionResult result = launch(name, grid, block, shared, false, arguments);
    assertNull(result.fault(), () -> result.findings().toString());
    assertEquals(List.of(), result.findings());
  }

  void run(String name, int grid, int block, Object... arguments) {
    run(name, new Dim3(grid), new Dim3(block), 0, arguments);
  }

  void runCooperative(String name, int grid, int block, Object... arguments) {
    ExecutionResult result = launch(name, new Dim3(grid), new Dim3(block), 0, true, arguments);
    assertNull(result.fault(), () -> result.findings().toString());
  }

  ExecutionResult launch(String name, int grid, int block, Object... arguments) {
    return launch(name, new Dim3(grid), new Dim3(block), 0, false, arguments);
  }

  ExecutionResult launch(
      String name, Dim3 grid, Dim3 block, int shared, boolean cooperative, Object... arguments) {
    Kernel kernel = program.kernel(name);
    return executor.run(
        new Launch(
            kernel, grid, block, shared, parameters(kernel, arguments), cooperative, new Dim3(1)));
  }

  private static byte[] parameters(Kernel kernel, Object... arguments) {
    assertEquals(kernel.parameters().size(), arguments.length, "arguments of " + kernel.name());
    ByteBuffer bytes = ByteBuffer.allocate(kernel.parameterBytes()).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < arguments.length; i++) {
      bytes.position(kernel.parameters().get(i).offset());
      switch (arguments[i]) {
        case Integer value -> bytes.putInt(value);
        case Long value -> bytes.putLong(value);
        case Float value -> bytes.putFloat(value);
        case byte[] value -> bytes.put(value);
        default -> throw new IllegalArgumentException(arguments[i].toString());
      }
    }
    return bytes.array();
  }

  @Override
  public void close() {
    executor.close();
    program.close();
    memory.close();
  }
}
