package dev.culebra.emulator.exec;

import dev.culebra.emulator.memory.HostMemory;
import dev.culebra.emulator.ptx.Instruction;
import dev.culebra.emulator.ptx.Operand;
import dev.culebra.emulator.ptx.ScalarType;
import dev.culebra.emulator.ptx.StateSpace;
import java.util.List;

/**
 * {@code ldmatrix} and {@code stmatrix} of 8 by 8 elements of 16 bits (PTX ISA 9.7.14.5.15 and 16):
 * lane {@code 8 * j + i} has the address of row {@code i} of matrix {@code j}, 16 bytes.
 */
abstract class RowAccess extends MemoryOperation {
  private static final int ROWS = 8;
  private static final int ROW_BYTES = 16;

  /** Slots of the registers, one for each matrix. */
  final int[] registers;

  final boolean transposed;

  /** Lanes whose addresses count. */
  private final int lanes;

  private RowAccess(
      AddressOperand address, Kind kind, int[] registers, boolean transposed, Site site) {
    super(address, kind, ROW_BYTES, site);
    this.registers = registers;
    this.transposed = transposed;
    int count = registers.length * ROWS;
    lanes = count == LANES ? ALL : (1 << count) - 1;
  }

  static Operation load(Instruction instruction, DecodeContext context) {
    Form form = Form.of(instruction, context);
    List<Operand> elements = MatrixModifiers.vector(instruction, context, 0, form.matrices());
    int[] slots = new int[form.matrices()];
    for (int i = 0; i < slots.length; i++) {
      slots[i] = context.destination(instruction, elements.get(i), ScalarType.B32);
    }
    EngineContext engine = (EngineContext) context;
    return new LoadRows(
        engine.address(instruction, instruction.operands().get(1), form.space()),
        slots,
        form.transposed(),
        engine.site(instruction));
  }

  static Operation store(Instruction instruction, DecodeContext context) {
    Form form = Form.of(instruction, context);
    List<Operand> elements = MatrixModifiers.vector(instruction, context, 1, form.matrices());
    int[] slots = new int[form.matrices()];
    for (int i = 0; i < slots.length; i++) {
      slots[i] = context.source(instruction, elements.get(i), ScalarType.B32);
    }
    EngineContext engine = (EngineContext) context;
    return new StoreRows(
        engine.address(instruction, instruction.operands().get(0), form.space()),
        slots,
        form.transposed(),
        engine.site(instruction));
  }

  /** What the modifiers say. */
  private record Form(int matrices, boolean transposed, StateSpace space) {
    static Form of(Instruction instruction, DecodeContext context) {
      Modifiers modifiers = context.modifiers(instruction);
      boolean understood =
          modifiers.take("sync")
              && modifiers.take("aligned")
              && modifiers.take("m8n8")
              && modifiers.take("b16")
              && instruction.operands().size() == 2;
      String matrices = modifiers.takeOneOf("x1", "x2", "x4");
      boolean transposed = modifiers.take("trans");
      String space = modifiers.takeOneOf("shared", "shared::cta");
      if (!understood || matrices == null) {
        throw modifiers.unsupported();
      }
      modifiers.finish();
      return new Form(
          Integer.parseInt(matrices.substring(1)),
          transposed,
          space == null ? null : StateSpace.SHARED);
    }
  }

  /** Checks the addresses of all rows. */
  final void resolveRows(Warp warp) {
    resolve(warp, lanes);
    if (space != Space.GENERIC) {
      return;
    }
    for (int lane = 0; lane < registers.length * ROWS; lane++) {
      if (!Windows.isShared(warp.addresses[lane])) {
        throw warp.fault(
            KernelFault.INVALID_ADDRESS_SPACE,
            site,
            lane,
            site.instruction().spelling()
                + " of 0x"
                + Long.toHexString(warp.addresses[lane])
                + ", which is no address of shared memory");
      }
    }
  }

  /** {@code ldmatrix}. */
  private static final class LoadRows extends RowAccess {
    LoadRows(AddressOperand address, int[] registers, boolean transposed, Site site) {
      super(address, Kind.LOAD, registers, transposed, site);
    }

    @Override
    void execute(Warp warp, int active) {
      resolveRows(warp);
      long[] rows = warp.natives;
      for (int matrix = 0; matrix < registers.length; matrix++) {
        int[] to = warp.words[registers[matrix]];
        int first = matrix * ROWS;
        for (int lane = 0; lane < LANES; lane++) {
          int group = lane >> 2;
          int member = lane & 3;
          to[lane] =
              transposed
                  ? half(rows[first + 2 * member], group)
                      | half(rows[first + 2 * member + 1], group) << Short.SIZE
                  : HostMemory.ALL.get(HostMemory.INT, rows[first + group] + 4L * member);
        }
      }
    }

    private static int half(long row, int column) {
      return HostMemory.ALL.get(HostMemory.SHORT, row + 2L * column) & 0xffff;
    }
  }

  /** {@code stmatrix}. */
  private static final class StoreRows extends RowAccess {
    StoreRows(AddressOperand address, int[] registers, boolean transposed, Site site) {
      super(address, Kind.STORE, registers, transposed, site);
    }

    @Override
    void execute(Warp warp, int active) {
      resolveRows(warp);
      long[] rows = warp.natives;
      for (int matrix = 0; matrix < registers.length; matrix++) {
        int[] from = warp.words[registers[matrix]];
        int first = matrix * ROWS;
        for (int lane = 0; lane < LANES; lane++) {
          int group = lane >> 2;
          int member = lane & 3;
          int value = from[lane];
          if (transposed) {
            HostMemory.ALL.set(
                HostMemory.SHORT, rows[first + 2 * member] + 2L * group, (short) value);
            HostMemory.ALL.set(
                HostMemory.SHORT,
                rows[first + 2 * member + 1] + 2L * group,
                (short) (value >>> Short.SIZE));
          } else {
            HostMemory.ALL.set(HostMemory.INT, rows[first + group] + 4L * member, value);
          }
        }
      }
    }
  }
}
