package dev.culebra.emulator.exec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.ValueLayout;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Loads and stores of each width, by whole warps and by some lanes. */
class VectorAccessTest {
  private static final int THREADS = 64;
  private static final long SEED = Schedules.SEED;

  /** A width of elements, and how many of them a lane accesses. */
  record Shape(int bits, int count) {
    int bytes() {
      return bits / 8 * count;
    }

    private String vector() {
      return count == 1 ? "" : ".v" + count;
    }

    private String registers() {
      String names =
          IntStream.range(0, count).mapToObj(i -> "%e" + i).collect(Collectors.joining(", "));
      return count == 1 ? names : "{" + names + "}";
    }

    /** Copies what a thread finds at its index to the end's mirror image of it. */
    String kernel() {
      return Emulation.kernel(
          ".param .u64 in, .param .u64 out, .param .u32 most",
          """
          .reg .b%d %%e<%d>; .reg .b64 %%rd<8>; .reg .b32 %%r<4>; .reg .pred %%p;
          ld.param.u64 %%rd0, [in]; ld.param.u64 %%rd1, [out]; ld.param.u32 %%r0, [most];
          mov.u32 %%r1, %%tid.x; and.b32 %%r2, %%r1, 31; setp.ge.u32 %%p, %%r2, %%r0;
          @%%p ret;
          mul.wide.u32 %%rd2, %%r1, %d;
          add.u64 %%rd0, %%rd0, %%rd2; add.u64 %%rd1, %%rd1, %%rd2;
          ld.global%s.b%d %s, [%%rd0]; st.global%s.b%d [%%rd1], %s;
          ret;
          """
              .formatted(
                  Math.max(16, bits),
                  count,
                  bytes(),
                  vector(),
                  bits,
                  registers(),
                  vector(),
                  bits,
                  registers()));
    }
  }

  static Stream<Shape> shapes() {
    return IntStream.of(8, 16, 32, 64)
        .boxed()
        .flatMap(bits -> IntStream.of(1, 2, 4, 8).mapToObj(count -> new Shape(bits, count)))
        .filter(shape -> shape.bytes() <= 32 && (shape.count() < 8 || shape.bits() == 32));
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void every_byte_arrives_and_no_other_is_touched(Shape shape) {
    byte[] in = new byte[THREADS * shape.bytes()];
    new Random(SEED).nextBytes(in);
    for (ExecutionOptions options :
        new ExecutionOptions[] {ExecutionOptions.fast(), ExecutionOptions.checked()}) {
      try (Emulation emulation = new Emulation(shape.kernel(), options)) {
        for (int most : new int[] {32, 19}) {
          long out = emulation.buffer(new byte[in.length]);
          emulation.run("kernel", 1, THREADS, emulation.buffer(in), out, most);
          byte[] expected = new byte[in.length];
          for (int i = 0; i < in.length; i++) {
            expected[i] = i / shape.bytes() % 32 < most ? in[i] : 0;
          }
          assertArrayEquals(expected, bytes(emulation, out, in.length), Schedules.seed());
        }
      }
    }
  }

  private static byte[] bytes(Emulation emulation, long address, int count) {
    return emulation.memory.segment(address, count).toArray(ValueLayout.JAVA_BYTE);
  }

  /** Block 0 writes pairs whose halves are equal; a torn one would be seen by the others. */
  @ParameterizedTest
  @MethodSource("dev.culebra.emulator.exec.Schedules#all")
  void strong_vectors_are_never_torn(Schedule schedule) {
    String ptx =
        Emulation.kernel(
            ".param .u64 pair, .param .u64 torn",
            """
            .reg .b64 %rd<8>; .reg .b32 %r<4>; .reg .pred %p<4>;
            ld.param.u64 %rd0, [pair]; ld.param.u64 %rd1, [torn];
            mov.u32 %r0, %ctaid.x; mov.u64 %rd2, 0; setp.ne.u32 %p0, %r0, 0;
            $next:
            add.u64 %rd2, %rd2, 1;
            @%p0 bra $read;
            st.relaxed.gpu.global.v2.u64 [%rd0], {%rd2, %rd2};
            bra $test;
            $read:
            ld.relaxed.gpu.global.v2.u64 {%rd3, %rd4}, [%rd0];
            setp.eq.u64 %p1, %rd3, %rd4;
            @!%p1 st.relaxed.gpu.global.u32 [%rd1], 1;
            $test:
            setp.lt.u64 %p2, %rd2, 4000;
            @%p2 bra $next;
            ret;
            """);
    try (Emulation emulation =
        new Emulation(ptx, ExecutionOptions.fast().with(schedule).withWorkers(2))) {
      long torn = emulation.buffer(0);
      emulation.run("kernel", 2, 1, emulation.buffer(0, 0, 0, 0), torn);
      assertEquals(0, emulation.ints(torn, 1)[0], Schedules.seed());
    }
  }
}
