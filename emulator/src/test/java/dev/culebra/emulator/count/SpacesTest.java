package dev.culebra.emulator.count;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.culebra.emulator.count.LaunchCounters.Executed;
import dev.culebra.emulator.count.LaunchCounters.GlobalTraffic;
import dev.culebra.emulator.count.LaunchCounters.LocalTraffic;
import dev.culebra.emulator.count.LaunchCounters.SharedTraffic;
import dev.culebra.emulator.exec.ExecutionOptions;
import dev.culebra.emulator.exec.Schedule;
import dev.culebra.emulator.memory.Footprint;
import dev.culebra.emulator.profile.DeviceProfile;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Counters of instructions whose memory, lanes or turns are not plain to see. */
class SpacesTest {
  private static LaunchCounters run(String body) {
    try (CountedKernels kernels = CountedKernels.kernel(".param .u64 out", body)) {
      return kernels.run("kernel", 1, 32, kernels.ints(1024));
    }
  }

  @Test
  void generic_addresses_count_where_they_lead() {
    LaunchCounters counters =
        run(
            """
            .local .align 4 .b8 own[16];
            .shared .align 4 .b8 common[128];
            .reg .b64 %d<6>;
            .reg .b32 %r<4>;
            .reg .pred %p<3>;
            ld.param.u64 %d0, [out];
            mov.u32 %r0, %tid.x;
            mov.u64 %d1, common;
            cvta.shared.u64 %d1, %d1;
            mov.u64 %d2, own;
            cvta.local.u64 %d2, %d2;
            mad.wide.u32 %d3, %r0, 4, %d1;
            mad.wide.u32 %d4, %r0, 4, %d0;
            st.u32 [%d3], %r0;
            st.u32 [%d2], %r0;
            st.u32 [%d4], %r0;
            setp.lt.u32 %p0, %r0, 8;
            setp.lt.u32 %p1, %r0, 16;
            selp.b64 %d5, %d3, %d4, %p1;
            selp.b64 %d5, %d2, %d5, %p0;
            ld.u32 %r1, [%d5];
            ret;
            """);
    assertEquals(new SharedTraffic(1, 128, 1, 0, 1), counters.shared(AccessKind.STORE));
    assertEquals(new SharedTraffic(1, 32, 1, 0, 1), counters.shared(AccessKind.LOAD));
    assertEquals(new GlobalTraffic(1, 128, 4, 128, 0), counters.global(AccessKind.STORE));
    assertEquals(new GlobalTraffic(1, 64, 2, 64, 0), counters.global(AccessKind.LOAD));
    assertEquals(new LocalTraffic(2, 128 + 32), counters.local());
    assertEquals(4, counters.executed(InstructionClass.GENERIC_MEMORY).warp());
    // What it wrote itself it need not get from memory.
    assertEquals(new Footprint.Size(0, 128, 128, 0, 4), counters.footprint());
  }

  @Test
  void instructions_count_for_lanes_whose_guard_holds() {
    LaunchCounters counters =
        run(
            """
            .reg .b64 %d<3>;
            .reg .b32 %r<2>;
            .reg .f32 %f<2>;
            .reg .pred %p<3>;
            ld.param.u64 %d0, [out];
            mov.u32 %r0, %tid.x;
            mov.f32 %f0, 0f3F800000;
            setp.lt.u32 %p0, %r0, 5;
            setp.gt.u32 %p1, %r0, 99;
            mad.wide.u32 %d1, %r0, 32, %d0;
            @%p0 fma.rn.f32 %f0, %f0, %f0, %f0;
            @%p1 fma.rn.f32 %f0, %f0, %f0, %f0;
            @%p0 st.global.f32 [%d1], %f0;
            @%p1 st.global.f32 [%d1], %f0;
            ret;
            """);
    assertEquals(new Executed(2, 5), counters.executed(InstructionClass.FP32));
    assertEquals(new Executed(2, 5), counters.executed(InstructionClass.GLOBAL_MEMORY));
    assertEquals(10, counters.operations(Pipe.FP32));
    assertEquals(new GlobalTraffic(1, 20, 5, 20, 4), counters.global(AccessKind.STORE));
    assertEquals(0, counters.control().divergentBranches());
  }

  @Test
  void constants_and_parameters_are_no_global_memory() {
    LaunchCounters counters =
        run(
            """
            .reg .b64 %d<2>;
            .reg .b32 %r<2>;
            mov.u64 %d0, out;
            cvta.param.u64 %d0, %d0;
            ld.u64 %d1, [%d0];
            ld.param.u64 %d0, [out];
            ret;
            """);
    assertEquals(new GlobalTraffic(0, 0, 0, 0, 0), counters.allGlobal());
    assertEquals(new Footprint.Size(0, 0, 0, 0, 0), counters.footprint());
    assertEquals(List.of(), counters.bound().limits());
    assertEquals(0, counters.bound().seconds());
  }

  /** Waits for a bulk copy of 512 bytes, whose barrier the last schedule completes late. */
  private static final String BULK =
      """
      .version 8.0
      .target sm_90
      .address_size 64
      .visible .entry kernel(.param .u64 out)
      {
        .shared .align 16 .b8 stage[512];
        .shared .align 8 .b64 done;
        .reg .b64 %d<3>;
        .reg .b32 %r<3>;
        .reg .pred %p;
        ld.param.u64 %d0, [out];
        mbarrier.init.shared.b64 [done], 1;
        mbarrier.arrive.expect_tx.shared.b64 _, [done], 512;
        cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [stage], [%d0+16], 512, [done];
      AGAIN:
        mbarrier.try_wait.parity.shared.b64 %p, [done], 0;
        @!%p bra AGAIN;
        ld.shared.u32 %r0, [stage+508];
        st.global.u32 [%d0], %r0;
        ret;
      }
      """;

  @Test
  void bulk_copies_touch_whole_stretches_and_waits_count_once() {
    for (Schedule schedule : List.of(new Schedule.Fixed(), new Schedule.Late())) {
      ExecutionOptions options = ExecutionOptions.checked().with(schedule);
      try (CountedKernels kernels = new CountedKernels(BULK, options, DeviceProfile.H100)) {
        LaunchCounters counters = kernels.run("kernel", 1, 1, kernels.ints(200));
        assertEquals(new GlobalTraffic(1, 512, 17, 512, 0), counters.global(AccessKind.ASYNC_COPY));
        assertEquals(new SharedTraffic(1, 512, 4, 0, 4), counters.shared(AccessKind.ASYNC_COPY));
        // try_wait may give up, and under the late schedule does so once before the phase is
        // complete.
        int tries = schedule instanceof Schedule.Late ? 2 : 1;
        assertEquals(2 + tries, counters.control().mbarrierOperations());
        assertEquals(tries, counters.control().branches());
        assertEquals(new SharedTraffic(1, 4, 1, 0, 1), counters.shared(AccessKind.LOAD));
      }
    }
  }

  @Test
  void matrices_are_loaded_eight_rows_at_a_time() {
    LaunchCounters counters =
        run(
            """
            .shared .align 16 .b8 tile[4096];
            .reg .b32 %r<10>;
            .reg .b64 %d<2>;
            mov.u32 %r0, %tid.x;
            mov.u32 %r1, tile;
            mad.lo.u32 %r2, %r0, 128, %r1;
            mad.lo.u32 %r3, %r0, 16, %r1;
            mov.u32 %r9, 0;
            st.shared.v4.u32 [%r2], {%r9, %r9, %r9, %r9};
            bar.warp.sync -1;
            ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%r4, %r5, %r6, %r7}, [%r2];
            bar.warp.sync -1;
            stmatrix.sync.aligned.m8n8.x2.shared.b16 [%r3], {%r4, %r5};
            ret;
            """);
    assertEquals(new SharedTraffic(1, 512, 32, 28, 32), counters.shared(AccessKind.LOAD));
    // The vector store, and rows that follow each other.
    assertEquals(
        new SharedTraffic(2, 512 + 256, 32 + 2, 28, 32 + 2), counters.shared(AccessKind.STORE));
    assertEquals(2, counters.executed(InstructionClass.MATRIX_MOVE).warp());
    assertEquals(2, counters.control().warpBarriers());
  }

  @Test
  void a_fragment_is_one_request_however_it_lies() {
    for (String layout : List.of("row", "col")) {
      for (int stride : new int[] {16, 64}) {
        LaunchCounters counters =
            run(
                """
                .shared .align 32 .b8 tile[4096];
                .reg .b32 %r<12>;
                .reg .b64 %d;
                ld.param.u64 %d, [out];
                mov.u32 %r8, tile;
                mov.u32 %r9, 0;
                mov.u32 %r10, LDM;
                wmma.load.a.sync.aligned.LAYOUT.m16n16k16.global.f16 {%r0, %r1, %r2, %r3, %r4, %r5, %r6, %r7}, [%d], %r10;
                wmma.store.d.sync.aligned.LAYOUT.m16n16k16.shared.f16 [%r8], {%r0, %r1, %r2, %r3}, %r10;
                bar.warp.sync -1;
                wmma.load.a.sync.aligned.LAYOUT.m16n16k16.shared.f16 {%r0, %r1, %r2, %r3, %r4, %r5, %r6, %r7}, [%r8], %r10;
                ret;
                """
                    .replace("LAYOUT", layout)
                    .replace("LDM", "" + stride));
        assertEquals(new GlobalTraffic(1, 512, 16, 512, 0), counters.allGlobal());
        // 16 rows of 8 words: in all banks, or in the same 8.
        int steps = stride == 16 ? 4 : 16;
        assertEquals(
            new SharedTraffic(1, 512, steps, steps - 4, steps), counters.shared(AccessKind.LOAD));
        assertEquals(
            new SharedTraffic(1, 512, steps, steps - 4, steps), counters.shared(AccessKind.STORE));
      }
    }
  }

  @Test
  void an_indexed_branch_and_a_call_by_address_diverge_once() {
    String ptx =
        """
        .version 8.0
        .target sm_90
        .address_size 64
        .visible .func (.reg .u32 %r) one(.reg .u32 %x) { mov.u32 %r, 1; ret; }
        .visible .func (.reg .u32 %r) two(.reg .u32 %x) { mov.u32 %r, 2; ret; }
        .visible .entry kernel(.param .u64 out)
        {
          .reg .b64 %d<5>;
          .reg .b32 %r<5>;
          .reg .pred %p;
          ld.param.u64 %d0, [out];
          mov.u32 %r0, %tid.x;
          and.b32 %r1, %r0, 3;
          BRANCHES: .branchtargets L0, L1, L2, L3;
          brx.idx %r1, BRANCHES;
        L0:
          bra JOIN;
        L1:
          bra JOIN;
        L2:
          bra JOIN;
        L3:
          bra JOIN;
        JOIN:
          setp.lt.u32 %p, %r0, 16;
          mov.u64 %d1, one;
          mov.u64 %d2, two;
          selp.b64 %d3, %d1, %d2, %p;
          PROTOTYPE: .callprototype (.reg .u32 _) _ (.reg .u32 _);
          call (%r2), %d3, (%r0), PROTOTYPE;
          mad.wide.u32 %d4, %r0, 4, %d0;
          st.global.u32 [%d4], %r2;
          ret;
        }
        """;
    try (CountedKernels kernels =
        new CountedKernels(ptx, ExecutionOptions.checked(), DeviceProfile.H100)) {
      LaunchCounters counters = kernels.run("kernel", 1, 32, kernels.ints(32));
      assertEquals(2, counters.control().divergentBranches());
      assertEquals(5, counters.control().branches());
      // brx, four bra, a call, the return of each callee and that of the kernel.
      assertEquals(1 + 4 + 1 + 2 + 1, counters.executed(InstructionClass.CONTROL).warp());
      assertEquals(
          new Executed(9, 32 * (1 + 1 + 1 + 1 + 1)), counters.executed(InstructionClass.CONTROL));
      assertTrue(counters.toString().contains("Divergent branches"), counters.toString());
    }
  }
}
