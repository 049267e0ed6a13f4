package dev.culebra.emulator.exec;

import dev.culebra.emulator.profile.DeviceProfile;
import dev.culebra.emulator.profile.MultiprocessorLimits;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Registers that the hardware fills and that stay as they are while a warp runs (PTX ISA 10), each
 * as 32 lanes. Frames hold these very arrays, so what differs from block to block is changed in
 * place.
 */
final class SpecialRegisters {
  private static final int LANES = Operation.LANES;
  private static final int ENVIRONMENT_REGISTERS = 32;

  /** Offset of the part of reserved shared memory that cooperative groups use. */
  private static final int RESERVED_FOR_GROUPS = 128;

  /** Registers of 64 bits. */
  static final Set<String> LONGS = Set.of("gridid", "current_graph_exec");

  /** Those that differ from block to block. */
  private static final List<String> OF_BLOCK = List.of("ctaid.x", "ctaid.y", "ctaid.z", "smid");

  /** Registers of 32 bits by name, components behind a dot. */
  static final Set<String> WORDS = wordNames();

  private final Map<String, int[]> words = new HashMap<>();
  private final Map<String, long[]> longs = new HashMap<>();
  private final SpecialRegisters outer;

  /** Those that differ from block to block. */
  private int[][] block;

  private SpecialRegisters(SpecialRegisters outer) {
    this.outer = outer;
  }

  private static Set<String> wordNames() {
    SpecialRegisters block = ofBlock();
    Set<String> names = new HashSet<>(block.words.keySet());
    names.addAll(ofWarp(block, 0, new Dim3(1)).words.keySet());
    return Set.copyOf(names);
  }

  /** Whether a register may differ from block to block. */
  static boolean isOfBlock(String name) {
    return OF_BLOCK.contains(name) || name.startsWith("clusterid");
  }

  /** Those that all threads of a block have in common; {@link #begin} gives them values. */
  static SpecialRegisters ofBlock() {
    SpecialRegisters registers = new SpecialRegisters(null);
    for (String name : new String[] {"ntid", "ctaid", "nctaid", "clusterid", "nclusterid"}) {
      for (String component : new String[] {".x", ".y", ".z", ".w"}) {
        registers.words.put(name + component, new int[LANES]);
      }
    }
    for (String name : new String[] {"cluster_ctaid", "cluster_nctaid"}) {
      for (String component : new String[] {".x", ".y", ".z", ".w"}) {
        registers.words.put(name + component, new int[LANES]);
      }
    }
    for (int i = 0; i < ENVIRONMENT_REGISTERS; i++) {
      registers.words.put("envreg" + i, new int[LANES]);
    }
    for (String name :
        new String[] {
          "nwarpid",
          "smid",
          "nsmid",
          "cluster_ctarank",
          "cluster_nctarank",
          "reserved_smem_offset_begin",
          "reserved_smem_offset_end",
          "reserved_smem_offset_cap",
          "reserved_smem_offset_0",
          "reserved_smem_offset_1",
          "total_smem_size",
          "aggr_smem_size",
          "dynamic_smem_size"
        }) {
      registers.words.put(name, new int[LANES]);
    }
    // With clusters of one block, a block's index is its cluster's.
    for (String component : new String[] {".x", ".y", ".z"}) {
      registers.words.put("clusterid" + component, registers.words.get("ctaid" + component));
    }
    registers.block = OF_BLOCK.stream().map(registers.words::get).toArray(int[][]::new);
    for (String name : LONGS) {
      registers.longs.put(name, new long[LANES]);
    }
    return registers;
  }

  /** Those of one warp, and its block's. */
  static SpecialRegisters ofWarp(SpecialRegisters block, int warp, Dim3 threads) {
    SpecialRegisters registers = new SpecialRegisters(block);
    int[] x = new int[LANES];
    int[] y = new int[LANES];
    int[] z = new int[LANES];
    int[] lane = new int[LANES];
    int[] equal = new int[LANES];
    int[] less = new int[LANES];
    int[] lessOrEqual = new int[LANES];
    int[] greater = new int[LANES];
    int[] greaterOrEqual = new int[LANES];
    int[] index = new int[LANES];
    for (int i = 0; i < LANES; i++) {
      int thread = warp * LANES + i;
      x[i] = thread % threads.x();
      y[i] = thread / threads.x() % threads.y();
      z[i] = thread / threads.x() / threads.y();
      lane[i] = i;
      equal[i] = 1 << i;
      less[i] = (1 << i) - 1;
      lessOrEqual[i] = equal[i] | less[i];
      greaterOrEqual[i] = ~less[i];
      greater[i] = ~lessOrEqual[i];
      index[i] = warp;
    }
    registers.words.put("tid.x", x);
    registers.words.put("tid.y", y);
    registers.words.put("tid.z", z);
    registers.words.put("tid.w", new int[LANES]);
    registers.words.put("laneid", lane);
    registers.words.put("warpid", index);
    registers.words.put("lanemask_eq", equal);
    registers.words.put("lanemask_lt", less);
    registers.words.put("lanemask_le", lessOrEqual);
    registers.words.put("lanemask_gt", greater);
    registers.words.put("lanemask_ge", greaterOrEqual);
    return registers;
  }

  /** Gives a block's registers the values that they have in all blocks of a launch. */
  void begin(Launch launch, DeviceProfile profile, long grid, long workspace) {
    MultiprocessorLimits limits = profile.multiprocessor();
    int reserved = limits.reservedSharedBytesPerBlock();
    int total = launch.kernel().staticSharedBytes() + launch.dynamicSharedBytes();
    set("ntid", launch.block());
    set("nctaid", launch.grid());
    set("nclusterid", launch.grid());
    set("cluster_ctaid", new Dim3(0, 0, 0));
    set("cluster_nctaid", new Dim3(1));
    set("cluster_nctarank", 1);
    set("nwarpid", limits.warps());
    set("nsmid", profile.multiprocessors());
    set("reserved_smem_offset_end", reserved);
    set("reserved_smem_offset_cap", reserved);
    set("reserved_smem_offset_1", RESERVED_FOR_GROUPS);
    set("dynamic_smem_size", launch.dynamicSharedBytes());
    set("total_smem_size", total);
    set("aggr_smem_size", total + reserved);
    set("envreg1", (int) (workspace >>> Integer.SIZE));
    set("envreg2", (int) workspace);
    Arrays.fill(longs.get("gridid"), grid);
  }

  /** Gives a block's registers the values that they have in one block. */
  void enter(Dim3 index, int multiprocessor) {
    Arrays.fill(block[0], index.x());
    Arrays.fill(block[1], index.y());
    Arrays.fill(block[2], index.z());
    Arrays.fill(block[3], multiprocessor);
  }

  private void set(String name, Dim3 value) {
    set(name + ".x", value.x());
    set(name + ".y", value.y());
    set(name + ".z", value.z());
  }

  private void set(String name, int value) {
    Arrays.fill(words.get(name), value);
  }

  int[] word(String name) {
    int[] own = words.get(name);
    return own == null && outer != null ? outer.word(name) : own;
  }

  long[] wide(String name) {
    long[] own = longs.get(name);
    return own == null && outer != null ? outer.wide(name) : own;
  }
}
