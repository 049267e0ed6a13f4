package dev.culebra.emulator.count;

import dev.culebra.emulator.memory.Footprint;
import java.util.List;
import java.util.Map;

/**
 * What one launch did. Instructions are those of PTX, which the assembler makes others of. All of
 * it is the same in every run of a program whose threads neither race nor wait for other blocks.
 *
 * @param classes warp instructions of each class that there were any of
 * @param operations of lanes on each pipe that there were any on; a multiply-add is two
 * @param global accesses of global memory of each kind that there were any of
 * @param footprint distinct bytes of the device's memory
 * @param shared accesses of shared memory of each kind that there were any of
 * @param local accesses of local memory: stack and spilled registers
 * @param places instructions that accessed memory or diverged, in the program's order
 */
public record LaunchCounters(
    LaunchShape launch,
    Map<InstructionClass, Executed> classes,
    Map<Pipe, Long> operations,
    Map<AccessKind, GlobalTraffic> global,
    Footprint.Size footprint,
    Map<AccessKind, SharedTraffic> shared,
    LocalTraffic local,
    Atomics globalAtomics,
    Atomics sharedAtomics,
    Control control,
    Bound bound,
    List<Place> places) {

  /**
   * @param profile the device's short name
   * @param device the device's full name
   * @param grid blocks in x, y and z
   * @param block threads of a block in x, y and z
   * @param sharedBytes of a block, static and dynamic
   */
  public record LaunchShape(
      String kernel,
      String profile,
      String device,
      List<Integer> grid,
      List<Integer> block,
      int sharedBytes) {

    /** Whether the kernel has that name, as PTX spells it or as C++ does outside of namespaces. */
    public boolean isOf(String name) {
      return kernel.equals(name) || kernel.startsWith("_Z" + name.length() + name);
    }

    /** Blocks of the grid. */
    public long blocks() {
      return grid.stream().mapToLong(Integer::longValue).reduce(1, (a, b) -> a * b);
    }
  }

  /**
   * @param warp instructions, one for all lanes that execute it together
   * @param lanes how many lanes did, in all; those left out whose guard was false
   */
  public record Executed(long warp, long lanes) {
    static final Executed NONE = new Executed(0, 0);

    static Executed of(InstructionCounts counts) {
      return new Executed(
          counts.get(Counter.WARP_INSTRUCTIONS), counts.get(Counter.LANE_INSTRUCTIONS));
    }

    Executed plus(Executed other) {
      return new Executed(warp + other.warp, lanes + other.lanes);
    }

    /** Lanes of 32 that took part, on average; 0 where nothing was executed. */
    public double lanesPerWarp() {
      return warp == 0 ? 0 : (double) lanes / warp;
    }
  }

  /**
   * @param requests accesses by a warp
   * @param bytes that lanes asked for, the same ones as often as lanes did
   * @param sectors of 32 bytes that requests touched, once a request
   * @param usedBytes of these sectors that were asked for, once a request
   * @param excessSectors sectors beyond those that the same bytes would fill side by side
   */
  public record GlobalTraffic(
      long requests, long bytes, long sectors, long usedBytes, long excessSectors) {
    static final GlobalTraffic NONE = new GlobalTraffic(0, 0, 0, 0, 0);

    static GlobalTraffic of(InstructionCounts counts) {
      return new GlobalTraffic(
          counts.get(Counter.GLOBAL_REQUESTS),
          counts.get(Counter.GLOBAL_BYTES),
          counts.get(Counter.GLOBAL_SECTORS),
          counts.get(Counter.GLOBAL_USED_BYTES),
          counts.get(Counter.GLOBAL_EXCESS_SECTORS));
    }

    GlobalTraffic plus(GlobalTraffic other) {
      return new GlobalTraffic(
          requests + other.requests,
          bytes + other.bytes,
          sectors + other.sectors,
          usedBytes + other.usedBytes,
          excessSectors + other.excessSectors);
    }

    /** 4 where each lane of a warp has 4 bytes of its own in a row; 0 without requests. */
    public double sectorsPerRequest() {
      return requests == 0 ? 0 : (double) sectors / requests;
    }

    /** Share of the sectors' bytes that was asked for, at most 1; 0 without requests. */
    public double usedShare() {
      return sectors == 0 ? 0 : (double) usedBytes / (sectors * GlobalRequest.SECTOR_BYTES);
    }
  }

  /**
   * @param requests accesses by a warp
   * @param bytes that lanes asked for
   * @param wavefronts steps in which the banks served them
   * @param bankConflicts steps beyond those of the same accesses without conflicts
   * @param leastWavefronts steps that 32 banks need at least
   */
  public record SharedTraffic(
      long requests, long bytes, long wavefronts, long bankConflicts, long leastWavefronts) {
    static final SharedTraffic NONE = new SharedTraffic(0, 0, 0, 0, 0);

    static SharedTraffic of(InstructionCounts counts) {
      return new SharedTraffic(
          counts.get(Counter.SHARED_REQUESTS),
          counts.get(Counter.SHARED_BYTES),
          counts.get(Counter.SHARED_WAVEFRONTS),
          counts.get(Counter.BANK_CONFLICTS),
          counts.get(Counter.SHARED_LEAST_WAVEFRONTS));
    }

    SharedTraffic plus(SharedTraffic other) {
      return new SharedTraffic(
          requests + other.requests,
          bytes + other.bytes,
          wavefronts + other.wavefronts,
          bankConflicts + other.bankConflicts,
          leastWavefronts + other.leastWavefronts);
    }

    /** 1 where each lane of a warp has a bank of its own; 0 without requests. */
    public double wavefrontsPerRequest() {
      return requests == 0 ? 0 : (double) wavefronts / requests;
    }
  }

  /**
   * @param requests accesses by a warp
   * @param bytes that lanes asked for
   */
  public record LocalTraffic(long requests, long bytes) {}

  /**
   * @param operations of lanes
   * @param collisions operations that an earlier lane of the same request had the address of
   * @param addresses that were operated on; in shared memory, those of each block
   * @param busiest operations on the address that had most
   */
  public record Atomics(long operations, long collisions, long addresses, long busiest) {}

  /**
   * @param branches {@code bra} and {@code brx} that warps executed
   * @param divergentBranches branches, and calls by address, at which lanes went different ways
   * @param barriers that opened, for each block: {@code __syncthreads} of the whole block is one
   * @param barrierArrivals of warps at {@code bar} and {@code barrier}
   * @param warpBarriers {@code bar.warp.sync} that warps executed
   * @param mbarrierOperations that warps executed
   * @param fences that warps executed
   */
  public record Control(
      long branches,
      long divergentBranches,
      long barriers,
      long barrierArrivals,
      long warpBarriers,
      long mbarrierOperations,
      long fences) {}

  /**
   * An instruction.
   *
   * @param ptx module, line and column
   * @param source file and line; null without {@code .loc}
   * @param instruction opcode and modifiers
   * @param collisions of atomics
   */
  public record Place(
      String ptx,
      String source,
      String instruction,
      Executed executed,
      GlobalTraffic global,
      SharedTraffic shared,
      long collisions,
      long divergent) {}

  /** Instructions of all classes. */
  public Executed executed() {
    return new Executed(
        classes.values().stream().mapToLong(Executed::warp).sum(),
        classes.values().stream().mapToLong(Executed::lanes).sum());
  }

  /** Instructions of a class. */
  public Executed executed(InstructionClass kind) {
    return classes.getOrDefault(kind, Executed.NONE);
  }

  /** Operations on a pipe. */
  public long operations(Pipe pipe) {
    return operations.getOrDefault(pipe, 0L);
  }

  /** Accesses of global memory of one kind. */
  public GlobalTraffic global(AccessKind kind) {
    return global.getOrDefault(kind, GlobalTraffic.NONE);
  }

  /** All accesses of global memory. */
  public GlobalTraffic allGlobal() {
    return global.values().stream().reduce(GlobalTraffic.NONE, GlobalTraffic::plus);
  }

  /** Accesses of shared memory of one kind. */
  public SharedTraffic shared(AccessKind kind) {
    return shared.getOrDefault(kind, SharedTraffic.NONE);
  }

  /** All accesses of shared memory. */
  public SharedTraffic allShared() {
    return shared.values().stream().reduce(SharedTraffic.NONE, SharedTraffic::plus);
  }

  /** A table for people. */
  @Override
  public String toString() {
    return CounterTable.of(this);
  }
}
