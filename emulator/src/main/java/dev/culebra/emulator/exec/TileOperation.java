package dev.culebra.emulator.exec;

import dev.culebra.emulator.tensorcore.TileBuffers;
import dev.culebra.emulator.tensorcore.TileProduct;
import dev.culebra.emulator.tensorcore.TileRegisters;

/** {@code mma.sync}: all lanes multiply one tile. */
final class TileOperation extends Operation {
  /** One for each thread that runs warps. */
  static final ThreadLocal<TileBuffers> BUFFERS = ThreadLocal.withInitial(TileBuffers::new);

  private final TileProduct product;
  private final TileRegisters registers;

  TileOperation(TileProduct product, TileRegisters registers) {
    this.product = product;
    this.registers = registers;
  }

  @Override
  void execute(Warp warp, int active) {
    product.multiply(registers, warp.words, warp.longs, BUFFERS.get());
  }
}
