package dev.culebra.emulator.exec;

import dev.culebra.emulator.ptx.Instruction;
import dev.culebra.emulator.tensorcore.DoubleRounding;
import dev.culebra.emulator.tensorcore.ElementType;
import dev.culebra.emulator.tensorcore.TileProduct;
import dev.culebra.emulator.tensorcore.TileRegisters;
import dev.culebra.emulator.tensorcore.TileShape;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** {@code mma.sync} with dense matrices (PTX ISA 9.7.14.5.14). */
final class MmaDecoder {
  private static final int OPERANDS = 4;
  private static final int TYPES = 4;
  private static final Set<ElementType> BYTES = Set.of(ElementType.S8, ElementType.U8);
  private static final Set<ElementType> NIBBLES = Set.of(ElementType.S4, ElementType.U4);
  private static final Set<ElementType> BYTE_FLOATS = Set.of(ElementType.E4M3, ElementType.E5M2);
  private static final Set<ElementType> FLOAT_RESULTS = Set.of(ElementType.F16, ElementType.F32);
  private static final int ADA = 89;
  private static final int HOPPER = 90;

  private final MatrixModifiers matrices;
  private final DecodeContext context;
  private final Instruction instruction;

  private MmaDecoder(Instruction instruction, DecodeContext context) {
    this.instruction = instruction;
    this.context = context;
    matrices = new MatrixModifiers(instruction, context);
  }

  static Operation decode(Instruction instruction, DecodeContext context) {
    return new MmaDecoder(instruction, context).decode();
  }

  private Operation decode() {
    boolean clamped = matrices.take("satfinite");
    String logic = matrices.takeOneOf("xor", "and");
    boolean counted = matrices.take("popc");
    String rounding = matrices.takeOneOf("rn", "rz", "rm", "rp");
    matrices.finish();
    List<ElementType> types = matrices.types();
    if (matrices.shape() == null
        || matrices.rows().size() != 2
        || types.size() != TYPES
        || instruction.operands().size() != OPERANDS) {
      throw matrices.unsupported();
    }
    ElementType a = types.get(1);
    TileProduct product;
    if (a == ElementType.F64) {
      product = doubles(rounding);
    } else if (a == ElementType.B1) {
      product = bits(logic, counted);
    } else if (BYTES.contains(a) || NIBBLES.contains(a)) {
      product = integers(clamped);
    } else {
      product = floats();
    }
    boolean understood =
        (!clamped || BYTES.contains(a) || NIBBLES.contains(a))
            && (logic == null && !counted || a == ElementType.B1)
            && (rounding == null || a == ElementType.F64);
    if (product == null || !understood) {
      throw matrices.unsupported();
    }
    return new TileOperation(
        product,
        new TileRegisters(
            matrices.sources(1, a, product.a().registers()),
            matrices.sources(2, types.get(2), product.b().registers()),
            matrices.sources(3, types.get(3), product.c().registers()),
            matrices.destinations(0, types.getFirst(), product.d().registers())));
  }

  /** Whether A is row-major and B column-major, as all but one shape have it. */
  private boolean rowByColumn() {
    return matrices.rows().get(0) && !matrices.rows().get(1);
  }

  private TileProduct doubles(String rounding) {
    boolean valid =
        rowByColumn()
            && matrices.types().stream().allMatch(type -> type == ElementType.F64)
            && matrices.shaped("m8n8k4", "m16n8k4", "m16n8k8", "m16n8k16");
    if (!valid) {
      return null;
    }
    if (!matrices.shaped("m8n8k4")) {
      matrices.require(HOPPER);
    }
    return TileProduct.doubles(
        matrices.shape(),
        rounding == null
            ? DoubleRounding.RN
            : DoubleRounding.valueOf(rounding.toUpperCase(Locale.ROOT)));
  }

  private TileProduct bits(String logic, boolean counted) {
    boolean valid =
        rowByColumn()
            && logic != null
            && counted
            && matrices.types().get(2) == ElementType.B1
            && intoS32()
            && matrices.shaped("m8n8k128", "m16n8k128", "m16n8k256");
    return valid ? TileProduct.bits(matrices.shape(), logic.equals("xor")) : null;
  }

  private TileProduct integers(boolean clamped) {
    ElementType a = matrices.types().get(1);
    ElementType b = matrices.types().get(2);
    boolean bytes = BYTES.contains(a) && BYTES.contains(b);
    boolean nibbles = NIBBLES.contains(a) && NIBBLES.contains(b);
    boolean valid =
        rowByColumn()
            && intoS32()
            && (bytes && matrices.shaped("m8n8k16", "m16n8k16", "m16n8k32")
                || nibbles && matrices.shaped("m8n8k32", "m16n8k32", "m16n8k64"));
    return valid ? TileProduct.integers(matrices.shape(), a, b, clamped) : null;
  }

  private boolean intoS32() {
    return matrices.types().getFirst() == ElementType.S32
        && matrices.types().getLast() == ElementType.S32;
  }

  private TileProduct floats() {
    List<ElementType> types = matrices.types();
    ElementType d = types.get(0);
    ElementType a = types.get(1);
    ElementType b = types.get(2);
    ElementType c = types.get(3);
    TileShape shape = matrices.shape();
    boolean same = c == d && FLOAT_RESULTS.contains(c);
    boolean valid;
    if (a == ElementType.F16 && b == a && matrices.shaped("m8n8k4")) {
      return same || c == ElementType.F16 && d == ElementType.F32
          ? TileProduct.quarters(matrices.rows().get(0), matrices.rows().get(1), c, d)
          : null;
    } else if (BYTE_FLOATS.contains(a) && BYTE_FLOATS.contains(b)) {
      valid = same && matrices.shaped("m16n8k16", "m16n8k32");
    } else if (a == ElementType.F16) {
      valid = b == a && same && matrices.shaped("m16n8k8", "m16n8k16");
    } else if (a == ElementType.BF16) {
      valid = b == a && same && c == ElementType.F32 && matrices.shaped("m16n8k8", "m16n8k16");
    } else {
      valid =
          a == ElementType.TF32
              && b == a
              && same
              && c == ElementType.F32
              && matrices.shaped("m16n8k4", "m16n8k8");
    }
    if (!valid || !rowByColumn()) {
      return null;
    }
    if (BYTE_FLOATS.contains(a)) {
      matrices.require(ADA);
    }
    return TileProduct.floats(context.profile().tensorCores(), shape, a, b, c, d);
  }
}
