package dev.culebra.emulator.exec;

import dev.culebra.emulator.ptx.Instruction;
import dev.culebra.emulator.ptx.ScalarType;
import dev.culebra.emulator.ptx.StateSpace;
import dev.culebra.emulator.tensorcore.ElementType;
import dev.culebra.emulator.tensorcore.TileShape;
import dev.culebra.emulator.tensorcore.WmmaFragment;
import dev.culebra.emulator.tensorcore.WmmaFragment.Role;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code wmma.load} and {@code wmma.store} (PTX ISA 9.7.14.4.3 and 4): accesses of a word, or of an
 * element where those of a register do not lie together, each by all lanes. Their addresses are
 * made of the one that all lanes have in common.
 */
final class WmmaAccess {
  private static final int MAX_ALIGNMENT = 16;

  private final MatrixModifiers matrices;
  private final EngineContext context;
  private final Instruction instruction;
  private final boolean load;

  private WmmaAccess(Instruction instruction, EngineContext context, boolean load) {
    this.instruction = instruction;
    this.context = context;
    this.load = load;
    matrices = new MatrixModifiers(instruction, context);
  }

  static Operation load(Instruction instruction, DecodeContext context) {
    return new WmmaAccess(instruction, (EngineContext) context, true).decode();
  }

  static Operation store(Instruction instruction, DecodeContext context) {
    return new WmmaAccess(instruction, (EngineContext) context, false).decode();
  }

  private Operation decode() {
    matrices.take(load ? "load" : "store");
    String matrix = load ? matrices.takeOneOf("a", "b", "c") : matrices.takeOneOf("d");
    String spaceName = matrices.takeOneOf("global", "shared", "shared::cta");
    matrices.finish();
    int operands = instruction.operands().size();
    if (matrix == null
        || matrices.shape() == null
        || matrices.types().size() != 1
        || matrices.rows().size() != 1
        || operands != 2 && operands != 3) {
      throw matrices.unsupported();
    }
    Role role =
        switch (matrix) {
          case "a" -> Role.A;
          case "b" -> Role.B;
          default -> Role.ACCUMULATOR;
        };
    TileShape shape = matrices.shape();
    ElementType type = matrices.types().getFirst();
    boolean rows = matrices.rows().getFirst();
    boolean subByte = type.bits() < Byte.SIZE;
    if (!valid(shape, role, type) || subByte && rows != (role == Role.A)) {
      throw matrices.unsupported();
    }
    StateSpace space =
        spaceName == null
            ? null
            : spaceName.equals("global") ? StateSpace.GLOBAL : StateSpace.SHARED;
    AddressOperand base =
        context.address(instruction, instruction.operands().get(load ? 1 : 0), space);
    int stride =
        operands == 2
            ? context.layout().word(defaultStride(shape, role, rows))
            : context.source(instruction, instruction.operands().get(2), ScalarType.B32);
    return fragment(new WmmaFragment(role, shape, type), type, rows, base, stride);
  }

  private static boolean valid(TileShape shape, Role role, ElementType type) {
    if (role != Role.ACCUMULATOR) {
      ElementType result =
          switch (type) {
            case F16, BF16, TF32 -> ElementType.F32;
            case F64 -> ElementType.F64;
            default -> ElementType.S32;
          };
      return WmmaDecoder.valid(shape, type, result, result);
    }
    for (ElementType multiplicand : ElementType.values()) {
      if (WmmaDecoder.valid(shape, multiplicand, type, type)) {
        return true;
      }
    }
    return false;
  }

  /** How long a row is, or a column. */
  private static int defaultStride(TileShape shape, Role role, boolean rows) {
    return switch (role) {
      case A -> rows ? shape.k() : shape.m();
      case B -> rows ? shape.n() : shape.k();
      case ACCUMULATOR -> rows ? shape.n() : shape.m();
    };
  }

  private Operation fragment(
      WmmaFragment fragment, ElementType type, boolean rows, AddressOperand base, int stride) {
    int[] slots =
        load
            ? matrices.destinations(0, type, fragment.registers())
            : matrices.sources(1, type, fragment.registers());
    int address = base.wide() ? context.layout().temporaryLong() : context.layout().temporaryWord();
    AddressOperand target = new AddressOperand(base.space(), base.wide(), address, base.offset());
    boolean whole = fragment.perRegister() == 1 || together(fragment, rows);
    int parts = whole ? 1 : fragment.perRegister();
    int bits = whole ? Math.max(type.bits(), Integer.SIZE) : type.bits();
    int value = whole ? -1 : context.layout().temporaryWord();
    List<WmmaOperation.Part> all = new ArrayList<>();
    for (int register = 0; register < fragment.distinct(); register++) {
      for (int part = 0; part < parts; part++) {
        int slot = whole ? slots[register] : value;
        all.add(
            new WmmaOperation.Part(
                majors(fragment, register, part, rows),
                majors(fragment, register, part, !rows),
                slots[register],
                part * bits,
                access(target, slot, type, bits)));
      }
    }
    return new WmmaOperation(
        new WmmaOperation.Common(
            load,
            base,
            address,
            stride,
            type.bits(),
            type == ElementType.F64
                ? Double.BYTES
                : Math.min(MAX_ALIGNMENT, fragment.registers() * Integer.BYTES),
            context.site(instruction)),
        all,
        value,
        slots,
        fragment.distinct());
  }

  /** Whether the elements of a register lie side by side in memory. */
  private static boolean together(WmmaFragment fragment, boolean rows) {
    return rows
        ? fragment.column(0, 0, 1) == fragment.column(0, 0, 0) + 1
        : fragment.row(0, 0, 1) == fragment.row(0, 0, 0) + 1;
  }

  private static int[] majors(WmmaFragment fragment, int register, int part, boolean rows) {
    int[] result = new int[Operation.LANES];
    for (int lane = 0; lane < result.length; lane++) {
      result[lane] =
          rows ? fragment.row(register, lane, part) : fragment.column(register, lane, part);
    }
    return result;
  }

  private Operation access(AddressOperand address, int slot, ElementType type, int bits) {
    boolean wide = type == ElementType.F64;
    int bytes = bits / Byte.SIZE;
    if (!load) {
      return new StoreOperation(
          address, wide, bytes, new int[] {slot}, MemoryOrder.WEAK, context.site(instruction));
    }
    LoadOperation.Form form =
        switch (bytes) {
          case 1 -> LoadOperation.Form.UNSIGNED_8;
          case 2 -> LoadOperation.Form.UNSIGNED_16;
          case 4 -> LoadOperation.Form.UNSIGNED_32;
          default -> LoadOperation.Form.BITS_64;
        };
    return LoadOperation.of(
        address, wide, form, bytes, new int[] {slot}, MemoryOrder.WEAK, context.site(instruction));
  }
}
