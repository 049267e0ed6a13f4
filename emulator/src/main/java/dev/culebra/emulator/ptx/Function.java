package dev.culebra.emulator.ptx;

import java.util.List;

/**
 * An {@code .entry} (a kernel) or a {@code .func}.
 *
 * @param results of a {@code .func}; registers or parameters
 * @param parameters likewise
 * @param body null for a declaration
 */
public record Function(
    String name,
    boolean entry,
    Variable.Linkage linkage,
    List<Variable> results,
    List<Variable> parameters,
    LaunchBounds bounds,
    FunctionBody body,
    SourcePosition position) {

  /**
   * Performance directives (PTX ISA 11.4); 0 where not given.
   *
   * @param maxThreads product of {@code .maxntid}
   * @param required {@code .reqntid}, three numbers, empty where not given
   * @param cluster {@code .reqnctapercluster}, three numbers, empty where not given
   * @param explicitCluster whether a launch has to name a cluster's size
   * @param maxClusterRank blocks in a cluster at most
   * @param blocksAreClusters whether a launch's grid counts clusters
   * @param noReturn whether a {@code .func} never returns
   */
  public record LaunchBounds(
      int maxThreads,
      List<Integer> required,
      int minBlocksPerMultiprocessor,
      int maxRegisters,
      List<Integer> cluster,
      boolean explicitCluster,
      int maxClusterRank,
      boolean blocksAreClusters,
      boolean noReturn) {}
}
