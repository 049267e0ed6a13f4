package dev.culebra.emulator.exec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.culebra.emulator.check.Checker;
import dev.culebra.emulator.check.Finding;
import dev.culebra.emulator.ptx.SourceLine;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Accesses that hit what they must not, or read what nobody wrote; and their clean twins. */
class AccessCheckerTest {
  private static final String SOURCE = "defects.cu";

  static Stream<ExecutionOptions> options() {
    return Schedules.checkingAccesses();
  }

  private static Emulation emulation(ExecutionOptions options) {
    return new Emulation(CudaSource.module(SOURCE, 90), options);
  }

  /** The only finding is of that checker, at that line, and tells what the text says. */
  private static void assertFinds(
      ExecutionResult result, Checker checker, KernelFault fault, String line, String text) {
    assertEquals(fault, result.fault(), result.findings().toString());
    assertEquals(1, result.findings().size(), result.findings().toString());
    Finding finding = result.findings().getFirst();
    assertEquals(checker, finding.checker());
    SourceLine source = finding.source();
    while (source.inlinedAt() != null) {
      source = source.inlinedAt();
    }
    assertEquals(CudaSource.line(SOURCE, line), source.line(), finding.toString());
    assertTrue(finding.message().contains(text), finding.toString());
  }

  @ParameterizedTest
  @MethodSource("options")
  void a_store_one_beyond_the_end_is_found(ExecutionOptions options) {
    try (Emulation emulation = emulation(options)) {
      long out = emulation.empty(1000);
      emulation.run("store_right", 8, 128, out, 1000);
      ExecutionResult result = emulation.launch("store_off_by_one", 8, 128, out, 1000);
      assertFinds(
          result,
          Checker.MEMORY,
          KernelFault.ILLEGAL_ADDRESS,
          "one too far",
          "store of 4 bytes at 0x"
              + Long.toHexString(out + 4000)
              + ": 0 bytes after the end of result, 4000 bytes at 0x"
              + Long.toHexString(out));
      assertEquals("(7,0,0)", result.findings().getFirst().block());
      assertEquals("(104,0,0)", result.findings().getFirst().thread());
    }
  }

  @ParameterizedTest
  @MethodSource("options")
  void a_load_before_the_beginning_is_found(ExecutionOptions options) {
    try (Emulation emulation = emulation(options)) {
      long in = emulation.buffer(new float[64]);
      assertFinds(
          emulation.launch("load_before", 1, 64, in, emulation.empty(64)),
          Checker.MEMORY,
          KernelFault.ILLEGAL_ADDRESS,
          "-1 for the first thread",
          "4 bytes before buffer, 256 bytes");
    }
  }

  @ParameterizedTest
  @MethodSource("options")
  void a_use_after_free_is_found(ExecutionOptions options) {
    try (Emulation emulation = emulation(options)) {
      long in = emulation.buffer(new float[64]);
      long out = emulation.empty(64);
      emulation.run("copied", 1, 64, in, out);
      emulation.memory.free(in);
      assertFinds(
          emulation.launch("copied", 1, 64, in, out),
          Checker.MEMORY,
          KernelFault.ILLEGAL_ADDRESS,
          "of what is given",
          " of buffer, 256 bytes at 0x" + Long.toHexString(in) + ", which was freed");
    }
  }

  @ParameterizedTest
  @MethodSource("options")
  void a_pointer_of_the_host_is_found_unless_registered(ExecutionOptions options) {
    try (Emulation emulation = emulation(options);
        Arena arena = Arena.ofConfined()) {
      MemorySegment host = arena.allocate(256, 256);
      host.setAtIndex(ValueLayout.JAVA_FLOAT, 5, 3f);
      long out = emulation.empty(64);
      assertFinds(
          emulation.launch("copied", 1, 64, host.address(), out),
          Checker.MEMORY,
          KernelFault.ILLEGAL_ADDRESS,
          "of what is given",
          "not an address of the device or of registered host memory");
      emulation.memory.registerHost(host.address(), 256, "pinned");
      emulation.run("copied", 1, 64, host.address(), out);
      assertEquals(3f, emulation.floats(out, 64)[5]);
      emulation.memory.unregisterHost(host.address());
    }
  }

  @ParameterizedTest
  @MethodSource("options")
  void a_misaligned_vector_is_found(ExecutionOptions options) {
    try (Emulation emulation = emulation(options)) {
      assertFinds(
          emulation.launch(
              "unaligned", 1, 32, emulation.buffer(new float[200]), emulation.empty(128)),
          Checker.MEMORY,
          KernelFault.MISALIGNED_ADDRESS,
          "4 bytes off",
          "which is no multiple of 16");
    }
  }

  @ParameterizedTest
  @MethodSource("options")
  void a_write_to_constant_memory_is_found(ExecutionOptions options) {
    try (Emulation emulation = emulation(options)) {
      assertFinds(
          emulation.launch("writes_constant", 1, 4, emulation.empty(4)),
          Checker.MEMORY,
          KernelFault.ILLEGAL_ADDRESS,
          "// a constant",
          "is constant memory");
    }
  }

  @ParameterizedTest
  @MethodSource("options")
  void an_access_beyond_shared_memory_is_found(ExecutionOptions options) {
    try (Emulation emulation = emulation(options)) {
      long out = emulation.empty(64);
      ExecutionResult result =
          emulation.launch("beyond_shared", new Dim3(1), new Dim3(64), 256, false, out);
      assertFinds(
          result,
          Checker.MEMORY,
          KernelFault.ILLEGAL_ADDRESS,
          "the last thread reads beyond",
          "in shared memory: the block has");
      assertEquals("(63,0,0)", result.findings().getFirst().thread());
    }
  }

  @ParameterizedTest
  @MethodSource("options")
  void an_access_before_shared_memory_is_found(ExecutionOptions options) {
    try (Emulation emulation = emulation(options)) {
      long out = emulation.empty(64);
      assertFinds(
          emulation.launch("before_shared", new Dim3(1), new Dim3(64), 256, false, out),
          Checker.MEMORY,
          KernelFault.ILLEGAL_ADDRESS,
          "the first thread reads before",
          "shared memory of the kernel begins at");
    }
  }

  @ParameterizedTest
  @MethodSource("options")
  void shared_memory_that_nobody_wrote_is_found(ExecutionOptions options) {
    try (Emulation emulation = emulation(options)) {
      long out = emulation.empty(64);
      emulation.run("fully_written", 2, 64, out);
      assertFinds(
          emulation.launch("half_written", 2, 64, out),
          Checker.INITIALISED,
          KernelFault.CHECKER,
          "half of it is anything",
          "nobody wrote the one at 0x");
    }
  }

  @ParameterizedTest
  @MethodSource("options")
  void global_memory_that_nobody_wrote_is_found(ExecutionOptions options) {
    try (Emulation emulation = emulation(options)) {
      long fresh = emulation.empty(64);
      long out = emulation.empty(64);
      assertFinds(
          emulation.launch("copied", 1, 64, fresh, out),
          Checker.INITIALISED,
          KernelFault.CHECKER,
          "of what is given",
          " of result, 256 bytes");
      emulation.run("store_right", 1, 64, fresh, 64);
      emulation.run("copied", 1, 64, fresh, out);
      long sums = emulation.empty(4);
      assertFinds(
          emulation.launch("adds", 1, 64, sums),
          Checker.INITIALISED,
          KernelFault.CHECKER,
          "to what was there",
          "nobody wrote");
      emulation.run("adds", 1, 64, sums);
    }
  }

  @ParameterizedTest
  @MethodSource("options")
  void words_may_be_written_byte_by_byte(ExecutionOptions options) {
    try (Emulation emulation = emulation(options)) {
      long out = emulation.empty(64);
      emulation.run("bytes_written_one_by_one", 1, 64, emulation.empty(64), out, 256);
      assertArrayEquals(
          IntStream.range(0, 64).map(i -> 0x03020100 + 0x04040404 * i).toArray(),
          emulation.ints(out, 64));
      assertFinds(
          emulation.launch("bytes_written_one_by_one", 1, 64, emulation.empty(64), out, 255),
          Checker.INITIALISED,
          KernelFault.CHECKER,
          "of four bytes",
          "byte 255 of result");
    }
  }

  @Test
  void what_unchecked_launches_wrote_counts_as_written() {
    try (Emulation emulation = emulation(ExecutionOptions.checked());
        Executor unchecked =
            new Executor(
                emulation.memory, Emulation.PROFILE, ExecutionOptions.fast(), System.out)) {
      long in = emulation.empty(64);
      Kernel kernel = emulation.program.kernel("store_right");
      byte[] parameters = new byte[12];
      MemorySegment.ofArray(parameters).set(ValueLayout.JAVA_LONG_UNALIGNED, 0, in);
      parameters[8] = 64;
      unchecked.run(new Launch(kernel, new Dim3(1), new Dim3(64), 0, parameters));
      emulation.run("copied", 1, 64, in, emulation.empty(64));
    }
  }

  @Test
  void without_checkers_no_access_leaves_the_devices_memory() {
    try (Emulation emulation = emulation(ExecutionOptions.fast().with(Set.of()))) {
      long in = emulation.buffer(new float[64]);
      for (long address : new long[] {0, 4, 1L << 46, -4, Long.MIN_VALUE, in + (1L << 45)}) {
        ExecutionResult result = emulation.launch("copied", 1, 64, address, emulation.empty(64));
        assertEquals(KernelFault.ILLEGAL_ADDRESS, result.fault(), Long.toHexString(address));
        assertEquals(
            KernelFault.ILLEGAL_ADDRESS,
            emulation.launch("copied", 1, 64, in, address).fault(),
            Long.toHexString(address));
      }
    }
  }
}
