package dev.culebra.emulator.exec;

import dev.culebra.emulator.ptx.Instruction;
import dev.culebra.emulator.tensorcore.DoubleRounding;
import dev.culebra.emulator.tensorcore.ElementType;
import dev.culebra.emulator.tensorcore.TileProduct;
import dev.culebra.emulator.tensorcore.TileRegisters;
import dev.culebra.emulator.tensorcore.TileShape;
import dev.culebra.emulator.tensorcore.WmmaFragment;
import dev.culebra.emulator.tensorcore.WmmaFragment.Role;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** {@code wmma.mma} (PTX ISA 9.7.14.4.5). */
final class WmmaDecoder {
  private static final int OPERANDS = 4;
  private static final String[] WIDE_SHAPES = {"m16n16k16", "m8n32k16", "m32n8k16"};

  private final MatrixModifiers matrices;
  private final DecodeContext context;
  private final Instruction instruction;

  private WmmaDecoder(Instruction instruction, DecodeContext context) {
    this.instruction = instruction;
    this.context = context;
    matrices = new MatrixModifiers(instruction, context);
  }

  static Operation decode(Instruction instruction, DecodeContext context) {
    return new WmmaDecoder(instruction, context).decode();
  }

  private Operation decode() {
    matrices.take("mma");
    boolean clamped = matrices.take("satfinite");
    String logic = matrices.takeOneOf("xor", "and");
    boolean counted = matrices.take("popc");
    String rounding = matrices.takeOneOf("rn", "rz", "rm", "rp");
    matrices.finish();
    List<ElementType> types = matrices.types();
    if (types.size() == 2) {
      types = List.of(types.get(0), ElementType.F16, ElementType.F16, types.get(1));
    }
    if (types.size() != 4
        || types.get(1) != types.get(2)
        || matrices.shape() == null
        || matrices.rows().size() != 2
        || instruction.operands().size() != OPERANDS) {
      throw matrices.unsupported();
    }
    ElementType multiplicand = types.get(1);
    boolean integer =
        switch (multiplicand) {
          case S8, U8, S4, U4 -> true;
          default -> false;
        };
    boolean understood =
        (!clamped || integer)
            && (multiplicand == ElementType.B1 ? logic != null && counted : logic == null)
            && (counted == (multiplicand == ElementType.B1))
            && (rounding == null || multiplicand == ElementType.F64)
            && valid(matrices.shape(), multiplicand, types.getLast(), types.getFirst());
    if (!understood) {
      throw matrices.unsupported();
    }
    TileShape tile = WmmaFragment.tile(matrices.shape());
    TileProduct product =
        switch (multiplicand) {
          case F64 ->
              TileProduct.doubles(
                  tile,
                  rounding == null
                      ? DoubleRounding.RN
                      : DoubleRounding.valueOf(rounding.toUpperCase(Locale.ROOT)));
          case B1 -> TileProduct.bits(tile, logic.equals("xor"));
          case TF32 -> TileProduct.shallowTf32(context.profile().tensorCores(), tile);
          case F16, BF16 ->
              TileProduct.floats(
                  context.profile().tensorCores(),
                  tile,
                  multiplicand,
                  multiplicand,
                  types.getLast(),
                  types.getFirst());
          default -> TileProduct.integers(tile, multiplicand, multiplicand, clamped);
        };
    return sequence(product, types);
  }

  /** Whether the manual knows matrices of that shape and these types. */
  static boolean valid(TileShape shape, ElementType multiplicand, ElementType c, ElementType d) {
    List<String> shapes =
        switch (multiplicand) {
          case F16, BF16, S8, U8 -> List.of(WIDE_SHAPES);
          case TF32 -> List.of("m16n16k8");
          case F64 -> List.of("m8n8k4");
          case S4, U4 -> List.of("m8n8k32");
          case B1 -> List.of("m8n8k128");
          default -> List.of();
        };
    return shapes.contains(shape.toString())
        && accumulates(multiplicand, c)
        && accumulates(multiplicand, d);
  }

  private static boolean accumulates(ElementType multiplicand, ElementType result) {
    return switch (multiplicand) {
      case F16 -> result == ElementType.F16 || result == ElementType.F32;
      case BF16, TF32 -> result == ElementType.F32;
      case F64 -> result == ElementType.F64;
      default -> result == ElementType.S32;
    };
  }

  private Operation sequence(TileProduct product, List<ElementType> types) {
    TileShape shape = matrices.shape();
    WmmaFragment a = new WmmaFragment(Role.A, shape, types.get(1));
    WmmaFragment b = new WmmaFragment(Role.B, shape, types.get(2));
    WmmaFragment c = new WmmaFragment(Role.ACCUMULATOR, shape, types.get(3));
    WmmaFragment d = new WmmaFragment(Role.ACCUMULATOR, shape, types.get(0));
    boolean subByte = types.get(1).bits() < Byte.SIZE;
    if (subByte && !(matrices.rows().get(0) && !matrices.rows().get(1))) {
      throw matrices.unsupported();
    }
    int[] slotsOfA = matrices.sources(1, types.get(1), a.registers());
    int[] slotsOfB = matrices.sources(2, types.get(2), b.registers());
    int[] slotsOfC = matrices.sources(3, types.get(3), c.registers());
    int[] slotsOfD = matrices.destinations(0, types.get(0), d.registers());
    int tiles = WmmaFragment.tiles(shape);
    boolean turned = WmmaFragment.turned(shape);
    boolean overlap =
        tiles > 1 && overlap(slotsOfD, slotsOfA, slotsOfB, slotsOfC, product.d().registers());
    int[] results = overlap ? temporaries(slotsOfD.length) : slotsOfD;
    TileOperation[] operations = new TileOperation[tiles];
    for (int i = 0; i < tiles; i++) {
      int[] left = a.ofTile(slotsOfA, i);
      int[] right = b.ofTile(slotsOfB, i);
      operations[i] =
          new TileOperation(
              product,
              new TileRegisters(
                  turned ? right : left,
                  turned ? left : right,
                  c.ofTile(slotsOfC, i),
                  d.ofTile(results, i)));
    }
    return tiles == 1 ? operations[0] : new TileSequence(operations, results, slotsOfD);
  }

  /** Whether a tile's results could overwrite what a later tile still needs. */
  private static boolean overlap(int[] d, int[] a, int[] b, int[] c, int registersOfTile) {
    int[] first = Arrays.copyOf(d, registersOfTile);
    int[] laterC = Arrays.copyOfRange(c, c.length / 2, c.length);
    for (int slot : first) {
      if (contains(a, slot) || contains(b, slot) || contains(laterC, slot)) {
        return true;
      }
    }
    return false;
  }

  private static boolean contains(int[] slots, int slot) {
    return Arrays.stream(slots).anyMatch(other -> other == slot);
  }

  private int[] temporaries(int count) {
    int[] slots = new int[count];
    for (int i = 0; i < count; i++) {
      slots[i] = context.layout().temporaryWord();
    }
    return slots;
  }
}
