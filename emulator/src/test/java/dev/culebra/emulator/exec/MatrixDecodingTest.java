package dev.culebra.emulator.exec;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.culebra.emulator.profile.DeviceProfile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is understood and what is refused, as ptxas (13.0) has it for the same text. */
class MatrixDecodingTest {
  private static void decode(String name, DeviceProfile profile, int... counts) {
    MatrixInstruction instruction =
        new MatrixInstruction(name, name.contains("f64"), profile, counts);
    assertTrue(instruction != null);
  }

  @ParameterizedTest
  @CsvSource({
    "m16n8k16.row.col.f32.f16.f16.f32, 4, 4, 2, 4",
    "row.col.m16n8k16.f32.f16.f16.f32, 4, 4, 2, 4",
    "m16n8k16.row.col.s32.u8.u8.s32.satfinite, 4, 2, 1, 4",
    "m16n8k16.row.col.satfinite.s32.u8.s8.s32, 4, 2, 1, 4",
    "m8n8k128.row.col.xor.popc.s32.b1.b1.s32, 2, 1, 1, 2",
    "m8n8k128.row.col.s32.b1.b1.s32.and.popc, 2, 1, 1, 2",
    "m8n8k4.col.row.f32.f16.f16.f16, 8, 2, 2, 4",
    "m16n8k16.row.col.f64.f64.f64.f64.rm, 4, 8, 4, 4",
    "m16n8k32.row.col.f16.e4m3.e5m2.f16, 2, 4, 2, 2",
  })
  void the_spellings_that_ptxas_takes_are_understood(String name, int d, int a, int b, int c) {
    assertDoesNotThrow(() -> decode("mma.sync.aligned." + name, DeviceProfile.H100, d, a, b, c));
  }

  @ParameterizedTest
  @CsvSource({
    "mma.sync.aligned.m16n8k16.row.row.f32.f16.f16.f32, 4, 4, 2, 4",
    "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f16, 4, 4, 2, 2",
    "mma.sync.aligned.m16n8k16.row.col.f32.f16.bf16.f32, 4, 4, 2, 4",
    "mma.sync.aligned.m16n8k16.row.col.f16.bf16.bf16.f16, 2, 4, 2, 2",
    "mma.sync.aligned.m16n8k16.row.col.satfinite.f16.f16.f16.f16, 2, 4, 2, 2",
    "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32.rn, 4, 4, 2, 4",
    "mma.sync.aligned.m16n8k16.row.col.f32.tf32.tf32.f32, 4, 8, 4, 4",
    "mma.sync.m16n8k16.row.col.f32.f16.f16.f32, 4, 4, 2, 4",
    "mma.sync.aligned.m16n8k64.row.col.s32.s8.s8.s32, 4, 8, 4, 4",
    "mma.sync.aligned.m16n8k32.row.col.s32.s8.s4.s32, 4, 4, 2, 4",
    "mma.sync.aligned.m8n8k128.row.col.s32.b1.b1.s32.xor, 2, 1, 1, 2",
    "mma.sync.aligned.m8n8k128.row.col.s32.b1.b1.s32, 2, 1, 1, 2",
    "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32, 4, 2, 2, 4",
    "mma.sp.sync.aligned.m16n8k32.row.col.f32.f16.f16.f32, 4, 4, 4, 4",
    "mma.sp::ordered_metadata.sync.aligned.m16n8k32.row.col.f32.f16.f16.f32, 4, 4, 4, 4",
    "mma.sync.aligned.m16n8k32.row.col.kind::f8f6f4.f32.e4m3.e4m3.f32, 4, 4, 2, 4",
    "mma.sync.aligned.m16n8k32.row.col.kind::mxf8f6f4.block_scale.f32.e4m3.e4m3.f32.ue8m0, 4, 4, 2,"
        + " 4",
    "wmma.mma.sync.aligned.row.col.m16n16k16.f32.f32.satfinite, 8, 8, 8, 8",
    "wmma.mma.sync.aligned.row.col.m16n16k16.s32.s8.u8.s32, 8, 2, 2, 8",
    "wmma.mma.sync.aligned.row.row.m8n8k32.s32.s4.s4.s32, 2, 1, 1, 2",
    "wmma.mma.sync.aligned.row.col.m16n16k8.f32.bf16.bf16.f32, 8, 4, 4, 8",
  })
  void others_are_refused_by_name(String name, int d, int a, int b, int c) {
    UnsupportedPtxException refusal =
        assertThrows(
            UnsupportedPtxException.class, () -> decode(name, DeviceProfile.H100, d, a, b, c));
    assertTrue(refusal.getMessage().contains(name), refusal.getMessage());
    assertTrue(refusal.getMessage().contains("test.ptx:"), refusal.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "mma.sync.aligned.m16n8k32.row.col.f32.e4m3.e4m3.f32, 89, 4, 4, 2, 4",
    "mma.sync.aligned.m16n8k16.row.col.f64.f64.f64.f64, 90, 4, 8, 4, 4",
  })
  void devices_that_lack_an_instruction_refuse_it(
      String name, int architecture, int d, int a, int b, int c) {
    for (DeviceProfile profile : DeviceProfile.ALL) {
      if (profile.architecture() >= architecture) {
        assertDoesNotThrow(() -> decode(name, profile, d, a, b, c));
      } else {
        UnsupportedPtxException refusal =
            assertThrows(UnsupportedPtxException.class, () -> decode(name, profile, d, a, b, c));
        assertTrue(refusal.getMessage().contains("needs sm_" + architecture), refusal.getMessage());
        assertTrue(refusal.getMessage().contains(profile.name()), refusal.getMessage());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ldmatrix.sync.aligned.m16n16.x1.trans.shared.b8",
        "ldmatrix.sync.aligned.m8n16.x1.shared.b8x16.b6x16_p32",
        "ldmatrix.sync.aligned.m8n8.x1.shared.b8",
        "ldmatrix.sync.aligned.m8n8.shared.b16",
        "ldmatrix.sync.m8n8.x1.shared.b16",
      })
  void moves_of_bytes_are_refused_by_name(String name) {
    String ptx =
        Emulation.kernel(
            "", ".reg .b32 %r; .shared .align 16 .b8 tile[512];\n" + name + " {%r}, [tile];\nret;");
    try (Emulation emulation = new Emulation(ptx, ExecutionOptions.checked())) {
      UnsupportedPtxException refusal =
          assertThrows(UnsupportedPtxException.class, () -> emulation.launch("kernel", 1, 32));
      assertTrue(refusal.getMessage().contains(name), refusal.getMessage());
    }
  }

  @Test
  void a_warp_that_lacks_lanes_is_refused() {
    String ptx =
        Emulation.kernel(
            "",
            """
            .reg .b32 %r<8>;
            mma.sync.aligned.m8n8k16.row.col.s32.s8.s8.s32 {%r0,%r1}, {%r2}, {%r3}, {%r4,%r5};
            ret;\
            """);
    try (Emulation emulation = new Emulation(ptx, ExecutionOptions.fast())) {
      assertTrue(emulation.launch("kernel", 1, 31).fault() != null);
    }
  }
}
