package dev.culebra.emulator.cuda;

/** Kernels for tests of the driver, written by hand. */
final class Kernels {
  /**
   * {@code fill(p, n, value)} sets n words, {@code add(p, n, value)} adds to them, {@code twice(p,
   * n)} doubles them, {@code store(address)} writes one word, {@code through(p)} writes one whose
   * address lies at p, {@code load(p, address)} reads one, {@code await(flag, answer)} waits for a
   * word that is not 0 and writes it elsewhere, {@code stop()} traps, {@code tally(p)} adds one
   * atomically for each thread, {@code dynamic(p)} writes its dynamic shared memory's size, {@code
   * bounded} has at most 64 threads, {@code exact} exactly 64.
   */
  static final String PTX =
      """
      .version 7.0
      .target sm_80
      .address_size 64

      .visible .global .align 4 .u32 counter = 5;
      .visible .const .align 4 .u32 table[4] = {1, 2, 3, 4};
      .extern .shared .align 16 .b8 pool[];
      """
          + eachWord("fill", ".param .u32 value", "ld.param.u32 %r6, [value];")
          + eachWord(
              "add", ".param .u32 value", "ld.param.u32 %r7, [value]; add.u32 %r6, %r5, %r7;")
          + eachWord("twice", null, "shl.b32 %r6, %r5, 1;")
          + """
          .visible .entry store(.param .u64 p) {
            .reg .b64 %rd<2>;
            .reg .b32 %r<2>;
            ld.param.u64 %rd1, [p];
            mov.u32 %r1, 42;
            st.global.u32 [%rd1], %r1;
            ret;
          }
          .visible .entry through(.param .u64 p) {
            .reg .b64 %rd<3>;
            .reg .b32 %r<2>;
            ld.param.u64 %rd1, [p];
            ld.global.u64 %rd2, [%rd1];
            mov.u32 %r1, 42;
            st.global.u32 [%rd2], %r1;
            ret;
          }
          .visible .entry load(.param .u64 p, .param .u64 from) {
            .reg .b64 %rd<3>;
            .reg .b32 %r<2>;
            ld.param.u64 %rd1, [p];
            ld.param.u64 %rd2, [from];
            ld.global.u32 %r1, [%rd2];
            st.global.u32 [%rd1], %r1;
            ret;
          }
          .visible .entry count(.param .u64 p) {
            .reg .b64 %rd<3>;
            .reg .b32 %r<4>;
            ld.param.u64 %rd1, [p];
            mov.u64 %rd2, counter;
            ld.global.u32 %r1, [%rd2];
            ld.const.u32 %r2, [table+8];
            add.u32 %r3, %r1, %r2;
            st.global.u32 [%rd1], %r3;
            ret;
          }
          .visible .entry tally(.param .u64 p) {
            .reg .b64 %rd<2>;
            ld.param.u64 %rd1, [p];
            red.global.add.u32 [%rd1], 1;
            ret;
          }
          .visible .entry await(.param .u64 flag, .param .u64 answer) {
            .reg .b64 %rd<3>;
            .reg .b32 %r<2>;
            .reg .pred %p<2>;
            ld.param.u64 %rd1, [flag];
            ld.param.u64 %rd2, [answer];
          again:
            ld.volatile.global.u32 %r1, [%rd1];
            setp.eq.u32 %p1, %r1, 0;
            @%p1 bra again;
            st.volatile.global.u32 [%rd2], %r1;
            ret;
          }
          .visible .entry stop() {
            trap;
            ret;
          }
          .visible .entry dynamic(.param .u64 p) {
            .reg .b64 %rd<2>;
            .reg .b32 %r<3>;
            ld.param.u64 %rd1, [p];
            mov.u32 %r1, %dynamic_smem_size;
            st.shared.u32 [pool], %r1;
            ld.shared.u32 %r2, [pool];
            st.global.u32 [%rd1], %r2;
            ret;
          }
          .visible .entry static() {
            .shared .align 4 .b8 own[1024];
            .reg .b32 %r<2>;
            mov.u32 %r1, 0;
            st.shared.u32 [own], %r1;
            ret;
          }
          .visible .entry bounded() .maxntid 64, 1, 1 {
            ret;
          }
          .visible .entry exact() .reqntid 64, 1, 1 {
            ret;
          }
          .visible .entry mixed(.param .u8 a, .param .u64 b, .param .u16 c, .param .align 4 .b8 d[12],
              .param .f64 e) {
            ret;
          }
          """;

  private Kernels() {}

  /** A kernel that replaces each word %r5 of an array by %r6. */
  private static String eachWord(String name, String parameter, String body) {
    return """
    .visible .entry %s(.param .u64 p, .param .u32 n%s) {
      .reg .b64 %%rd<4>;
      .reg .b32 %%r<8>;
      .reg .pred %%p<2>;
      ld.param.u64 %%rd1, [p];
      ld.param.u32 %%r1, [n];
      mov.u32 %%r2, %%ctaid.x;
      mov.u32 %%r3, %%ntid.x;
      mov.u32 %%r4, %%tid.x;
      mad.lo.u32 %%r4, %%r2, %%r3, %%r4;
      setp.ge.u32 %%p1, %%r4, %%r1;
      @%%p1 bra done;
      mul.wide.u32 %%rd2, %%r4, 4;
      add.u64 %%rd3, %%rd1, %%rd2;
      %s
      %s
      st.global.u32 [%%rd3], %%r6;
    done:
      ret;
    }
    """
        .formatted(
            name,
            parameter == null ? "" : ", " + parameter,
            body.contains("%r5") ? "ld.global.u32 %r5, [%rd3];" : "",
            body);
  }
}
