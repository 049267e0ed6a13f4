package dev.culebra.emulator.ptx;

import static dev.culebra.emulator.ptx.PtxTexts.assertStatementsRefused;
import static dev.culebra.emulator.ptx.PtxTexts.body;
import static dev.culebra.emulator.ptx.PtxTexts.instruction;
import static dev.culebra.emulator.ptx.PtxTexts.operands;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class OperandTest {
  private static Operand.SymbolAddress symbol(String name) {
    return new Operand.SymbolAddress(name, 0);
  }

  private static Operand.IntegerConstant integer(long value) {
    return new Operand.IntegerConstant(value);
  }

  /** Registers by name, as if they were used in this order. */
  private static Operand.Register register(String name, ScalarType type, int index) {
    return new Operand.Register(name, type, index);
  }

  @Test
  void opcode_modifiers_operands_guard_and_position_are_read() {
    Instruction instruction = instruction("  @!%p1 fma.rn.ftz.f32 %f1, %f2, 0f3F800000, %f1;");
    assertEquals("fma", instruction.opcode());
    assertEquals(List.of("rn", "ftz", "f32"), instruction.modifiers());
    assertEquals("fma.rn.ftz.f32", instruction.spelling());
    Operand.Register f1 = register("%f1", ScalarType.F32, 1);
    assertEquals(
        List.of(
            f1,
            register("%f2", ScalarType.F32, 2),
            new Operand.FloatConstant(1.0, 0x3f800000, ScalarType.F32),
            f1),
        instruction.operands());
    assertEquals(
        new Instruction.Guard(register("%p1", ScalarType.PRED, 0), true), instruction.guard());
    assertEquals(new SourcePosition(6, 9), instruction.position());
    assertNull(instruction.source());
  }

  @Test
  void instructions_need_no_operands_and_no_guard() {
    assertEquals(List.of(), operands("wgmma.fence.sync.aligned;"));
    assertNull(instruction("ret;").guard());
    assertEquals(
        new Instruction.Guard(register("%p2", ScalarType.PRED, 0), false),
        instruction("@ %p2 exit;").guard());
  }

  @Test
  void unknown_opcodes_and_modifiers_are_read_as_they_come() {
    Instruction instruction = instruction("frobnicate.shared::cta.L2::128B.2d %r1, [%rd1];");
    assertEquals("frobnicate", instruction.opcode());
    assertEquals(List.of("shared::cta", "L2::128B", "2d"), instruction.modifiers());
  }

  @Test
  void registers_are_numbered_in_the_order_of_their_first_use() {
    FunctionBody body = body(".reg .b32 a, b; add.s32 %r7, %r3, b; add.s32 %r3, %r7, 1;");
    assertEquals(
        List.of(
            register("%r7", ScalarType.B32, 0),
            register("%r3", ScalarType.B32, 1),
            register("b", ScalarType.B32, 2)),
        body.registers());
  }

  @Test
  void constants_are_integers_of_64_bits_or_floating() {
    assertEquals(integer(-7), operands("add.s32 %r1, %r2, -7;").get(2));
    assertEquals(integer(0xffffffffL), operands("mov.b32 %r1, 0xffffffff;").get(1));
    assertEquals(integer(32), operands("mov.b32 %r1, WARP_SZ;").get(1));
    assertEquals(integer(-31), operands("mov.b32 %r1, -WARP_SZ + 1;").get(1));
    assertEquals(integer(0), operands("mov.b32 %r1, !WARP_SZ;").get(1));
    assertEquals(integer(0), operands("mov.pred %p1, !1;").get(1));
    assertEquals(integer(3), operands("mov.b32 %r1, 1|2;").get(1));
    assertEquals(integer(6), operands("mov.b32 %r1, (1+2)*2;").get(1));
    assertEquals(integer(5_000), operands("mov.b32 %r1, 5000;").get(1));
    assertEquals(
        new Operand.FloatConstant(0.5, Double.doubleToRawLongBits(0.5), ScalarType.F64),
        operands("mov.f32 %f1, .5;").get(1));
  }

  @Test
  void addresses_have_a_base_and_an_offset() {
    Operand.Register rd1 = register("%rd1", ScalarType.B64, 1);
    assertEquals(new Operand.Address(rd1, 0), operands("ld.u32 %r1, [%rd1];").get(1));
    assertEquals(new Operand.Address(rd1, 8), operands("ld.u32 %r1, [%rd1+8];").get(1));
    assertEquals(new Operand.Address(rd1, -8), operands("ld.u32 %r1, [ %rd1 +-8 ];").get(1));
    assertEquals(new Operand.Address(rd1, 33), operands("ld.u32 %r1, [%rd1+WARP_SZ+1];").get(1));
    assertEquals(
        new Operand.Address(symbol("tile"), 12), operands("ld.u32 %r1, [tile+4*3];").get(1));
    assertEquals(
        new Operand.Address(symbol("pair"), 8), operands("ld.param.u32 %r1, [pair+8];").get(1));
    assertEquals(new Operand.Address(null, 16), operands("ld.local.u32 %r1, [16];").get(1));
    assertEquals(new Operand.Address(null, -1), operands("ld.local.u32 %r1, [-1];").get(1));
    assertEquals(
        new Operand.UnifiedAddress(new Operand.Address(rd1, 0)),
        operands("ld.global.u32 %r1, [%rd1].unified;").get(1));
  }

  @Test
  void symbols_are_values_too() {
    assertEquals(symbol("tile"), operands("mov.u64 %rd1, tile;").get(1));
    assertEquals(new Operand.SymbolAddress("tile", 6), operands("mov.u64 %rd1, tile+8-2;").get(1));
    assertEquals(symbol("k"), operands("mov.u64 %rd1, k;").get(1));
  }

  @Test
  void elements_of_arrays_count_in_elements() {
    String array = ".shared .b32 a[2][8]; ";
    assertEquals(
        new Operand.Address(symbol("a"), 12),
        operands(array + "ld.shared.b32 %r1, a[1+2];").get(1));
    assertEquals(
        new Operand.Address(symbol("a"), -4), operands(array + "st.shared.b32 a[-1], %r1;").get(0));
    assertEquals(new Operand.SymbolAddress("a", 12), operands(array + "mov.u32 %r1, a[3];").get(1));
    assertEquals(
        new Operand.ElementAddress(symbol("a"), register("%r2", ScalarType.B32, 1), -3, 4),
        operands(array + "ld.shared.b32 %r1, a[%r2+-3];").get(1));
    assertEquals(
        new Operand.Address(symbol("v"), 8),
        operands(".shared .v4 .f32 v[2]; ld.shared.f32 %f1, v[2];").get(1));
  }

  @Test
  void vectors_have_elements() {
    assertEquals(
        List.of(
            new Operand.Vector(
                List.of(register("%r1", ScalarType.B32, 0), register("%r2", ScalarType.B32, 1))),
            register("%rd1", ScalarType.B64, 2)),
        operands("mov.b64 {%r1, %r2}, %rd1;"));
    assertEquals(
        new Operand.Vector(List.of(new Operand.Sink(), register("%rs2", ScalarType.B16, 0))),
        operands("mov.b32 {_,%rs2}, %r1;").get(0));
    assertEquals(
        new Operand.Vector(
            List.of(
                integer(0),
                integer(-1),
                new Operand.FloatConstant(1.0, 0x3f800000L, ScalarType.F32),
                new Operand.SpecialRegister("tid", "x"))),
        operands("st.v4.f32 [%rd1], {0, -1, 0f3f800000, %tid.x};").get(1));
    Operand.Vector wide =
        assertInstanceOf(
            Operand.Vector.class,
            operands("foo {%r1" + ",%r1".repeat(255) + "}, %rd1, %p1, 1, -1, 0, 1;").get(0));
    assertEquals(256, wide.elements().size());
  }

  @Test
  void registers_that_are_vectors_become_their_components() {
    FunctionBody body =
        body(
            """
            .reg .v4 .f32 v; .reg .v2 .b32 w<3>;
            ld.v4.f32 v, [%rd1];
            mov.f32 %f1, v.y;
            mov.f32 v.a, v.b;
            mov.b32 w2.x, w1.g;
            mov.v2.b32 w2, w1;
            """);
    Operand.Register vx = register("v.x", ScalarType.F32, 0);
    Operand.Register vy = register("v.y", ScalarType.F32, 1);
    Operand.Register vz = register("v.z", ScalarType.F32, 2);
    Operand.Register vw = register("v.w", ScalarType.F32, 3);
    List<Instruction> instructions = body.instructions();
    assertEquals(
        new Operand.Vector(List.of(vx, vy, vz, vw)), instructions.get(0).operands().get(0));
    assertEquals(vy, instructions.get(1).operands().get(1));
    assertEquals(List.of(vw, vz), instructions.get(2).operands());
    Operand.Register w1y = (Operand.Register) instructions.get(3).operands().get(1);
    assertEquals("w1.y", w1y.name());
    assertEquals("w2.x", ((Operand.Register) instructions.get(3).operands().get(0)).name());
    assertEquals(w1y, ((Operand.Vector) instructions.get(4).operands().get(1)).elements().get(1));
  }

  @Test
  void pairs_sinks_and_negated_predicates_are_read() {
    Operand.Register p1 = register("%p1", ScalarType.PRED, 0);
    Operand.Register p2 = register("%p2", ScalarType.PRED, 1);
    List<Operand> setp = operands("setp.lt.and.s32 %p1|%p2, %r1, 3, !%p1;");
    assertEquals(new Operand.Pair(p1, p2), setp.get(0));
    assertEquals(new Operand.NegatedPredicate(p1), setp.get(3));
    assertEquals(
        new Operand.Pair(new Operand.Sink(), p1), operands("elect.sync _|%p1, -1;").get(0));
    assertEquals(
        new Operand.Pair(p1, new Operand.Sink()), operands("setp.eq.s32 %p1 | _, 1, 2;").get(0));
    assertEquals(new Operand.Sink(), operands("atom.add.u32 _, [%rd1], 1;").get(0));
    Operand.Pair texture =
        (Operand.Pair) operands("tex.2d.v2.f32.f32 {%f1,%f2}|%p1, [%rd1, {%f3,%f4}];").get(0);
    assertInstanceOf(Operand.Vector.class, texture.first());
  }

  @Test
  void video_instructions_select_parts_and_negate() {
    Operand.Register r2 = register("%r2", ScalarType.B32, 1);
    assertEquals(
        new Operand.Selected(r2, "b0"), operands("vadd.u32.u32.u32 %r1, %r2.b0, 3;").get(1));
    assertEquals(
        new Operand.Selected(r2, "h10"),
        operands("vadd2.u32.u32.u32 %r1, %r2.h10, %r3, %r4;").get(1));
    assertEquals(
        new Operand.Selected(r2, "b7610"),
        operands("vadd4.u32.u32.u32 %r1, %r2.b7610, %r3, %r4;").get(1));
    assertEquals(new Operand.Negated(r2), operands("vmad.s32.s32.s32 %r1, -%r2, %r3, %r4;").get(1));
    assertEquals(
        new Operand.Negated(new Operand.Selected(r2, "h1")),
        operands("vmad.s32.s32.s32 %r1, -%r2.h1, %r3, %r4;").get(1));
  }

  @Test
  void tensor_addresses_have_coordinates_and_perhaps_a_sampler() {
    Operand.Register rd1 = register("%rd1", ScalarType.B64, 0);
    Operand.Register r2 = register("%r2", ScalarType.B32, 1);
    Operand.Register r3 = register("%r3", ScalarType.B32, 2);
    assertEquals(
        new Operand.TensorAddress(rd1, null, List.of(r2, r3, integer(0))),
        operands("foo [%rd1, {%r2, %r3, 0}], [%r4];").get(0));
    assertEquals(
        new Operand.TensorAddress(rd1, null, List.of(r2)), operands("foo [%rd1, %r2];").get(0));
    assertEquals(
        new Operand.TensorAddress(rd1, symbol("tile"), List.of(r2, r3)),
        operands("foo [%rd1, tile, {%r2, %r3}];").get(0));
    assertEquals(
        2,
        ((Operand.TensorAddress) operands(".reg .v2 .b32 c; foo [tile, c];").get(0))
            .coordinates()
            .size());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tid.x",
        "tid.y",
        "tid.z",
        "tid.w",
        "ntid.x",
        "ctaid.y",
        "nctaid.z",
        "clusterid.x",
        "nclusterid.y",
        "cluster_ctaid.z",
        "cluster_nctaid.w",
        "laneid",
        "warpid",
        "nwarpid",
        "smid",
        "nsmid",
        "gridid",
        "is_explicit_cluster",
        "cluster_ctarank",
        "cluster_nctarank",
        "lanemask_eq",
        "lanemask_le",
        "lanemask_lt",
        "lanemask_ge",
        "lanemask_gt",
        "clock",
        "clock_hi",
        "clock64",
        "globaltimer",
        "globaltimer_lo",
        "globaltimer_hi",
        "envreg0",
        "envreg31",
        "pm0",
        "pm7",
        "pm0_64",
        "pm7_64",
        "reserved_smem_offset_begin",
        "reserved_smem_offset_end",
        "reserved_smem_offset_cap",
        "reserved_smem_offset_0",
        "reserved_smem_offset_1",
        "total_smem_size",
        "aggr_smem_size",
        "dynamic_smem_size",
        "current_graph_exec"
      })
  void special_registers_are_known(String name) {
    int dot = name.indexOf('.');
    Operand.SpecialRegister expected =
        dot < 0
            ? new Operand.SpecialRegister(name, null)
            : new Operand.SpecialRegister(name.substring(0, dot), name.substring(dot + 1));
    assertEquals(expected, operands("mov.u32 %r1, %" + name + ";").get(1));
  }

  @Test
  void special_registers_may_be_whole_vectors_or_hidden_by_others() {
    assertEquals(
        new Operand.SpecialRegister("tid", null), operands("mov.v4.u32 %r1, %tid;").get(1));
    assertEquals(new Operand.SpecialRegister("tid", "y"), operands("mov.u32 %r1, %tid.g;").get(1));
    assertEquals(
        "%laneid",
        ((Operand.Register) operands(".reg .b32 %laneid; mov.u32 %r1, %laneid;").get(1)).name());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '→',
      textBlock =
          """
          mov.b32 %r1, %foo; → 6:14: unknown name %foo
          mov.b32 %r1, foo; → 6:14: unknown name foo
          mov.b32 %r1, %r20; → 6:14: unknown name %r20
          mov.b32 %r1, %r01; → 6:14: unknown name %r01
          mov.b32 %r1, %envreg32; → 6:14: unknown name %envreg32
          mov.b32 %r1, %pm8; → 6:14: unknown name %pm8
          mov.b32 %r1, %TID.x; → 6:14: unknown name %TID
          mov.b32 %r1, %tid.q; → 6:18: expected .x, .y, .z or .w, found ".q"
          mov.b32 %r1, %laneid.x; → 6:21: expected ";", found ".x"
          mov.b32 %r1, %r2.x; → 6:17: register %r2 has no component .x
          mov.b32 %r1, %r2.b8; → 6:17: register %r2 has no component .b8
          mov.b32 %r1, %r2.h4; → 6:17: register %r2 has no component .h4
          mov.b32 %r1, %r2.b; → 6:17: register %r2 has no component .b
          mov.b32 %r1, %r2.b012345; → 6:17: register %r2 has no component .b012345
          .reg .v2 .b32 v; mov.b32 %r1, v.z; → 6:32: expected .x or .y, found ".z"
          .reg .v4 .b32 v; mov.b32 %r1, v.q; → 6:32: expected .x, .y, .z or .w, found ".q"
          mov.b32 %r1, L; L: → 6:14: unknown name L
          L: mov.b32 %r1, L; → 6:17: a label can be branched to and nothing else
          mov.b32 %r1,; → 6:13: expected an operand, found ";"
          mov.b32 ,%r1; → 6:9: expected an operand, found ","
          mov.b32 %r1 %r2; → 6:13: expected ";", found "%r2"
          mov.b32 %r1, %r2 → 7:1: expected ";", found "}"
          mov.b32 %r1, (%r2); → 6:15: expected a constant, found "%r2"
          mov.b32 %r1, -tile; → 6:15: expected a register behind "-"
          .reg .v2 .b32 v; mov.b32 %r1, -v; → 6:32: expected a register behind "-"
          mov.b32 %r1, %r2+4; → 6:17: expected ";", found "+"
          mov.b32 %r1, "x"; → 6:14: expected an operand, found a string
          mov.b32 %r1, {}; → 6:15: expected an operand, found "}"
          mov.b32 %r1, {%rs1,}; → 6:20: expected an operand, found "}"
          mov.b32 %r1, {{%rs1}, %rs2}; → 6:15: expected an element of a vector, found "{"
          mov.b32 %r1, {[%rd1], %rs2}; → 6:15: expected an element of a vector, found "["
          .reg .v2 .b16 v; mov.b64 %rd1, {%rs1, v}; → 6:39: an element of a vector can't be a vector
          mov.b32 %r1, {%rs1; → 6:19: expected "}", found ";"
          mov.b32 %r1, [; → 6:15: expected an address, found ";"
          mov.b32 %r1, []; → 6:15: expected an address, found "]"
          mov.b32 %r1, [%rd1; → 6:19: expected "]", found ";"
          ld.u32 %r1, [%rd1-8]; → 6:18: PTX writes a negative offset +-, as in [%rd1+-8]
          ld.u32 %r1, [tile-8]; → 6:18: PTX writes a negative offset +-, as in [%rd1+-8]
          ld.u32 %r1, [8+%rd1]; → 6:16: expected a constant, found "%rd1"
          ld.u32 %r1, [%rd1+%rd2]; → 6:19: expected a constant, found "%rd2"
          ld.u32 %r1, [%rd1+1.5]; → 6:18: expected an offset, found a floating number
          ld.u32 %r1, [tile[1]]; → 6:18: expected "]", found "["
          ld.u32 %r1, [%tid.x]; → 6:14: expected a register or a variable as address
          ld.u32 %r1, [_]; → 6:14: expected a register or a variable as address
          ld.u32 %r1, %rd1[4]; → 6:17: expected ";", found "["
          .shared .b32 s; ld.u32 %r1, s[0]; → 6:29: s is no array
          ld.u32 %r1, tile[%r1-1]; → 6:21: PTX writes a negative offset +-, as in [%rd1+-8]
          foo [%rd1, {%r1}; → 6:17: expected "]", found ";"
          foo [%rd1+4, {%r1}]; → 6:12: expected "]", found ","
          setp.eq.s32 %p1|, %r1, %r2; → 6:17: expected an operand, found ","
          setp.eq.s32 %p1|%p2|%p3, %r1, %r2; → 6:20: expected ";", found "|"
          and.pred %p1, %p2, !%r1; → 6:21: register %r1 is no predicate
          and.pred %p1, %p2, !tile; → 6:21: expected a predicate in a register
          @%r1 ret; → 6:2: register %r1 is no predicate
          @1 ret; → 6:2: expected a predicate, found "1"
          @p ret; → 6:2: unknown name p
          @%p1 @%p2 ret; → 6:6: expected an instruction, found "@"
          @%p1 {ret;} → 6:6: expected an instruction, found "{"
          @%p1 L: ret; → 6:7: expected an operand, found ":"
          mov.%r1, 3; → 6:4: expected a name after "."
          3; → 6:1: expected an instruction, a label or a directive, found "3"
          ; → 6:1: expected an instruction, a label or a directive, found ";"
          .entry f() {ret;} → 6:1: expected an instruction, a label or a directive of a function, found ".entry"
          """)
  void malformed_instructions_are_refused(String statement, String message) {
    assertStatementsRefused(message, statement);
  }

  @Test
  void endless_modifiers_are_refused() {
    assertEquals(32, instruction("foo" + ".a".repeat(32) + ";").modifiers().size());
    assertStatementsRefused(
        "6:68: an instruction can't have more than 32 modifiers", "foo" + ".a".repeat(33) + ";");
  }

  @Test
  void many_operands_are_read() {
    List<Operand> operands = operands("foo 0" + ", 1".repeat(999) + ";");
    assertEquals(1_000, operands.size());
    assertTrue(operands.stream().skip(1).allMatch(integer(1)::equals));
  }
}
