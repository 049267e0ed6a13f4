package dev.culebra.emulator.count;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.culebra.emulator.profile.DeviceProfile;
import dev.culebra.emulator.ptx.Instruction;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What instructions are counted as. */
class WorkTest {
  private static Work of(String spelling) {
    List<String> parts = Arrays.asList(spelling.split("\\."));
    return Work.of(
        new Instruction(
            null, parts.getFirst(), parts.subList(1, parts.size()), List.of(), null, null));
  }

  /** The operations of a lane on each pipe, in the order of the table. */
  @ParameterizedTest
  @CsvSource({
    "add.f32, FP32, FP32 1",
    "sub.rn.ftz.f32, FP32, FP32 1",
    "mul.f64, FP64, FP64 1",
    "fma.rn.f32, FP32, FP32 2",
    "fma.rn.f64, FP64, FP64 2",
    "mad.rn.f32, FP32, FP32 2",
    "fma.rn.f32x2, FP32, FP32 4",
    "fma.rn.bf16x2, FP16, FP16 4",
    "fma.rn.relu.f16, FP16, FP16 2",
    "add.rn.f16x2, FP16, FP16 2",
    "fma.rn.f32.bf16, FP32, FP32 2",
    "max.f32, FP32, ''",
    "neg.bf16x2, FP16, ''",
    "setp.lt.and.f32, FP32, ''",
    "set.lt.u32.f32, FP32, ''",
    "div.rn.f32, FP32, FP32 1 SPECIAL 1",
    "div.full.f32, FP32, FP32 1 SPECIAL 1",
    "div.s32, INTEGER, ''",
    "rcp.approx.f32, SPECIAL, SPECIAL 1",
    "ex2.approx.ftz.bf16x2, SPECIAL, SPECIAL 1",
    "add.s32, INTEGER, ''",
    "add.cc.u32, INTEGER, ''",
    "mad.lo.s32, INTEGER, ''",
    "mul.wide.u32, INTEGER, ''",
    "setp.ne.s32, INTEGER, ''",
    "and.pred, INTEGER, ''",
    "max.u32, INTEGER, ''",
    "cvt.rn.f16.f32, CONVERSION, ''",
    "mov.b32, MOVE, ''",
    "ld.global.nc.L2::128B.v4.f32, GLOBAL_MEMORY, ''",
    "st.shared::cta.u32, SHARED_MEMORY, ''",
    "ld.volatile.shared.u32, SHARED_MEMORY, ''",
    "ld.param.u64, CONSTANT_MEMORY, ''",
    "ld.const.f32, CONSTANT_MEMORY, ''",
    "st.local.u32, LOCAL_MEMORY, ''",
    "ld.u32, GENERIC_MEMORY, ''",
    "red.global.add.f32, ATOMIC, ''",
    "cp.async.wait_all, ASYNC_COPY, ''",
    "wmma.load.a.sync.aligned.row.m16n16k16.f16, MATRIX_MOVE, ''",
    "ldmatrix.sync.aligned.m8n8.x4.shared.b16, MATRIX_MOVE, ''",
    "shfl.sync.bfly.b32, EXCHANGE, ''",
    "bar.sync, BARRIER, ''",
    "bra.uni, CONTROL, ''",
    "nanosleep.u32, OTHER, ''",
    // A lane's part of 2 m n k operations.
    "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32, TENSOR, TENSOR_FP16 128",
    "mma.sync.aligned.m16n8k8.row.col.f16.f16.f16.f16, TENSOR, TENSOR_FP16_INTO_FP16 64",
    "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32, TENSOR, TENSOR_TF32 64",
    "mma.sync.aligned.m16n8k32.row.col.f32.e4m3.e5m2.f32, TENSOR, TENSOR_FP8 256",
    "mma.sync.aligned.m16n8k32.row.col.f16.e4m3.e4m3.f16, TENSOR, TENSOR_FP8_INTO_FP16 256",
    "mma.sync.aligned.m16n8k32.row.col.satfinite.s32.s8.u8.s32, TENSOR, TENSOR_INT8 256",
    "mma.sync.aligned.m8n8k32.row.col.s32.u4.u4.s32, TENSOR, TENSOR_INT4 128",
    "mma.sync.aligned.m8n8k128.row.col.s32.b1.b1.s32.xor.popc, TENSOR, TENSOR_BIT 512",
    "mma.sync.aligned.m8n8k4.row.col.f64.f64.f64.f64, TENSOR, TENSOR_FP64 16",
    // Each quarter of the warp has a product of its own.
    "mma.sync.aligned.m8n8k4.row.col.f32.f16.f16.f32, TENSOR, TENSOR_FP16 64",
    "wmma.mma.sync.aligned.row.col.m16n16k16.f32.f32, TENSOR, TENSOR_FP16 256",
    "wmma.mma.sync.aligned.row.col.m16n16k16.f16.f16, TENSOR, TENSOR_FP16_INTO_FP16 256",
    "wmma.mma.sync.aligned.row.col.m16n16k8.f32.tf32.tf32.f32, TENSOR, TENSOR_TF32 128",
    "wmma.mma.sync.aligned.row.col.m32n8k16.s32.u8.u8.s32, TENSOR, TENSOR_INT8 256",
  })
  void an_instruction_is_of_a_class_and_has_operations(
      String spelling, InstructionClass kind, String uses) {
    Work work = of(spelling);
    assertEquals(kind, work.kind());
    StringBuilder actual = new StringBuilder();
    for (Work.Use use : work.uses()) {
      actual.append(actual.isEmpty() ? "" : " ").append(use.pipe()).append(' ');
      actual.append(use.operations());
    }
    assertEquals(uses, actual.toString());
  }

  @Test
  void operations_that_no_rate_is_known_for_do_not_limit() {
    for (Pipe pipe : Pipe.values()) {
      boolean known = !Set.of(Pipe.TENSOR_INT4, Pipe.TENSOR_BIT).contains(pipe);
      int rate = pipe.rate(DeviceProfile.RTX4090.rates());
      assertEquals(known, rate > 0, pipe.toString());
    }
    var rates = DeviceProfile.RTX4090.rates();
    assertTrue(Pipe.TENSOR_FP16_INTO_FP16.rate(rates) == 2 * Pipe.TENSOR_FP16.rate(rates));
  }
}
