package dev.culebra.emulator.ptx;

import java.util.HashSet;
import java.util.Set;

/** Names of the registers that the hardware fills (PTX ISA 10). */
final class SpecialRegisters {
  private static final int ENVIRONMENT_REGISTERS = 32;
  private static final int PERFORMANCE_COUNTERS = 8;

  /** Those with components x, y, z and w. */
  private static final Set<String> VECTORS =
      Set.of(
          "%tid",
          "%ntid",
          "%ctaid",
          "%nctaid",
          "%clusterid",
          "%nclusterid",
          "%cluster_ctaid",
          "%cluster_nctaid");

  private static final Set<String> SCALARS =
      new HashSet<>(
          Set.of(
              "%laneid",
              "%warpid",
              "%nwarpid",
              "%smid",
              "%nsmid",
              "%gridid",
              "%is_explicit_cluster",
              "%cluster_ctarank",
              "%cluster_nctarank",
              "%lanemask_eq",
              "%lanemask_le",
              "%lanemask_lt",
              "%lanemask_ge",
              "%lanemask_gt",
              "%clock",
              "%clock_hi",
              "%clock64",
              "%globaltimer",
              "%globaltimer_lo",
              "%globaltimer_hi",
              "%reserved_smem_offset_begin",
              "%reserved_smem_offset_end",
              "%reserved_smem_offset_cap",
              "%reserved_smem_offset_0",
              "%reserved_smem_offset_1",
              "%total_smem_size",
              "%aggr_smem_size",
              "%dynamic_smem_size",
              "%current_graph_exec"));

  static {
    for (int i = 0; i < ENVIRONMENT_REGISTERS; i++) {
      SCALARS.add("%envreg" + i);
    }
    for (int i = 0; i < PERFORMANCE_COUNTERS; i++) {
      SCALARS.add("%pm" + i);
      SCALARS.add("%pm" + i + "_64");
    }
  }

  private SpecialRegisters() {}

  static boolean isVector(String name) {
    return VECTORS.contains(name);
  }

  static boolean isScalar(String name) {
    return SCALARS.contains(name);
  }
}
