package dev.culebra.emulator.exec;

/**
 * One run of a kernel.
 *
 * @param grid blocks
 * @param block threads of each
 * @param dynamicSharedBytes beyond the kernel's static ones
 * @param parameters as {@link Kernel#parameters} lays them out
 * @param cooperative whether all blocks must be resident at once
 * @param cluster blocks of a cluster
 */
public record Launch(
    Kernel kernel,
    Dim3 grid,
    Dim3 block,
    int dynamicSharedBytes,
    byte[] parameters,
    boolean cooperative,
    Dim3 cluster) {
  public Launch(Kernel kernel, Dim3 grid, Dim3 block, int dynamicSharedBytes, byte[] parameters) {
    this(kernel, grid, block, dynamicSharedBytes, parameters, false, new Dim3(1));
  }
}
