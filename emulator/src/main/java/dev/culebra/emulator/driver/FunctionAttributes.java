package dev.culebra.emulator.driver;

/** What a program has set for a kernel. */
final class FunctionAttributes {
  /** {@code CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT}, -1 for no preference. */
  int carveout = -1;

  int cacheConfig;
  int nonPortableClusters;
  int clusterPolicy;

  /** Dynamic shared memory that launches may ask for; -1 for what needs no opting in. */
  private int dynamicSharedBytes = -1;

  /** Bytes that a launch may ask for. */
  int maxDynamicSharedBytes(int withoutOptIn, int staticBytes) {
    return dynamicSharedBytes >= 0 ? dynamicSharedBytes : Math.max(0, withoutOptIn - staticBytes);
  }

  void allowDynamicSharedBytes(int bytes) {
    dynamicSharedBytes = bytes;
  }
}
