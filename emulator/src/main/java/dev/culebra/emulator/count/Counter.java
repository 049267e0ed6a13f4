package dev.culebra.emulator.count;

/** What is counted for each instruction of a program. */
public enum Counter {
  /** Times that a warp, or lanes of it that were together, executed it. */
  WARP_INSTRUCTIONS,
  /** Lanes that did, those left out whose guard was false. */
  LANE_INSTRUCTIONS,
  /** Times that lanes of a warp went different ways. */
  DIVERGENT_BRANCHES,
  /** Accesses of global memory by a warp. */
  GLOBAL_REQUESTS,
  /** Bytes that their lanes asked for, the same ones as often as lanes did. */
  GLOBAL_BYTES,
  /** Stretches of 32 bytes that requests touched, each counted once a request. */
  GLOBAL_SECTORS,
  /** Bytes of these that were asked for, each counted once a request. */
  GLOBAL_USED_BYTES,
  /** Sectors that requests touched beyond those that the same bytes would fill side by side. */
  GLOBAL_EXCESS_SECTORS,
  /** Accesses of shared memory by a warp. */
  SHARED_REQUESTS,
  /** Bytes that their lanes asked for. */
  SHARED_BYTES,
  /** Steps that the banks need for these. */
  SHARED_WAVEFRONTS,
  /** Steps that they would not need if no two words of a phase lay in one bank. */
  BANK_CONFLICTS,
  /** Words of the bank that has most of a request's: no memory of 32 banks needs fewer steps. */
  SHARED_LEAST_WAVEFRONTS,
  /** Accesses of local memory by a warp. */
  LOCAL_REQUESTS,
  LOCAL_BYTES,
  /** Atomic operations of lanes on global memory. */
  GLOBAL_ATOMICS,
  /** Those that an earlier lane of their request had the address of. */
  GLOBAL_COLLISIONS,
  SHARED_ATOMICS,
  SHARED_COLLISIONS
}
