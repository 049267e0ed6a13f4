package dev.culebra.runtime.cpu;

import dev.culebra.runtime.Arena;
import dev.culebra.runtime.Graph;

/** Kernels to run again, with what must be there for them. */
final class CpuGraph implements Graph {
  private final CpuStream stream;
  private final Arena[] arenas;
  private final MatmulPrimitives.Captured primitives;
  private Kernel[] kernels;

  /**
   * @param arenas that the kernels' tensors lie in
   * @param primitives that the kernels call
   */
  CpuGraph(
      CpuStream stream, Kernel[] kernels, Arena[] arenas, MatmulPrimitives.Captured primitives) {
    this.stream = stream;
    this.kernels = kernels;
    this.arenas = arenas;
    this.primitives = primitives;
  }

  @Override
  public void launch() {
    stream.requireNoCapture("launch");
    requireOpen();
    for (Kernel kernel : kernels) {
      stream.enqueue(kernel);
    }
  }

  private void requireOpen() {
    if (kernels == null) {
      throw new IllegalStateException("launch: the graph is closed");
    }
    for (Arena arena : arenas) {
      if (!arena.isOpen()) {
        throw new IllegalStateException(
            "launch: the graph uses arena '" + arena.name() + "', which is closed");
      }
    }
  }

  @Override
  public void close() {
    kernels = null;
    primitives.close();
  }
}
