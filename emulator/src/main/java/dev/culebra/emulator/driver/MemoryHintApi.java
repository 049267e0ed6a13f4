package dev.culebra.emulator.driver;

import dev.culebra.emulator.driver.HostBlocks.Kind;

/** Hints about managed memory: it is where it is, for both sides at once. */
final class MemoryHintApi {
  private static final int SUCCESS = 0;

  private MemoryHintApi() {}

  static int cuMemAdvise_v2(long address, long bytes, int advice, long location) {
    requireManaged(address, bytes);
    return SUCCESS;
  }

  static int cuMemPrefetchAsync_v2(
      long address, long bytes, long location, int flags, long streamHandle) {
    Context context = requireManaged(address, bytes);
    if (flags != 0) {
      throw Status.INVALID_VALUE.because("flags of a prefetch have to be 0");
    }
    context.stream(streamHandle).submit(new EmptyCommand());
    return SUCCESS;
  }

  static int cuStreamAttachMemAsync(long streamHandle, long address, long bytes, int flags) {
    Context context = requireManaged(address, Math.max(1, bytes));
    context.stream(streamHandle).submit(new EmptyCommand());
    return SUCCESS;
  }

  private static Context requireManaged(long address, long bytes) {
    Driver driver = Driver.get();
    Context context = driver.context();
    HostBlocks.Block block = driver.hostBlocks.holding(address);
    if (block == null
        || block.kind != Kind.MANAGED
        || bytes <= 0
        || address - block.address > block.bytes - bytes) {
      throw Status.INVALID_VALUE.because(
          bytes + " bytes at 0x" + Long.toHexString(address) + " are no managed memory");
    }
    return context;
  }
}
