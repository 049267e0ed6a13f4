package dev.culebra.emulator.driver;

import dev.culebra.emulator.driver.CopyCommand.Memory;

/** Copies of consecutive bytes. */
final class CopyApi {
  private static final int SUCCESS = 0;

  private CopyApi() {}

  static int cuMemcpy(long to, long from, long bytes) {
    return now(copy(Memory.UNIFIED, from, Memory.UNIFIED, to, bytes), "cuMemcpy");
  }

  static int cuMemcpyHtoD_v2(long to, long from, long bytes) {
    return now(copy(Memory.HOST, from, Memory.DEVICE, to, bytes), "cuMemcpyHtoD");
  }

  static int cuMemcpyDtoH_v2(long to, long from, long bytes) {
    return now(copy(Memory.DEVICE, from, Memory.HOST, to, bytes), "cuMemcpyDtoH");
  }

  static int cuMemcpyDtoD_v2(long to, long from, long bytes) {
    return now(copy(Memory.DEVICE, from, Memory.DEVICE, to, bytes), "cuMemcpyDtoD");
  }

  static int cuMemcpyPeer(long to, long toContext, long from, long fromContext, long bytes) {
    checkContexts(toContext, fromContext);
    return now(copy(Memory.UNIFIED, from, Memory.UNIFIED, to, bytes), "cuMemcpyPeer");
  }

  static int cuMemcpyAsync(long to, long from, long bytes, long stream) {
    return inStream(copy(Memory.UNIFIED, from, Memory.UNIFIED, to, bytes), stream);
  }

  static int cuMemcpyHtoDAsync_v2(long to, long from, long bytes, long stream) {
    return inStream(copy(Memory.HOST, from, Memory.DEVICE, to, bytes), stream);
  }

  static int cuMemcpyDtoHAsync_v2(long to, long from, long bytes, long stream) {
    return inStream(copy(Memory.DEVICE, from, Memory.HOST, to, bytes), stream);
  }

  static int cuMemcpyDtoDAsync_v2(long to, long from, long bytes, long stream) {
    return inStream(copy(Memory.DEVICE, from, Memory.DEVICE, to, bytes), stream);
  }

  static int cuMemcpyPeerAsync(
      long to, long toContext, long from, long fromContext, long bytes, long stream) {
    checkContexts(toContext, fromContext);
    return inStream(copy(Memory.UNIFIED, from, Memory.UNIFIED, to, bytes), stream);
  }

  private static void checkContexts(long one, long other) {
    Driver driver = Driver.get();
    driver.context();
    driver.resource(one, Context.class, "context");
    driver.resource(other, Context.class, "context");
  }

  private static CopyCommand copy(Memory from, long source, Memory to, long target, long bytes) {
    if (bytes < 0) {
      throw Status.INVALID_VALUE.because("a copy of " + Long.toUnsignedString(bytes) + " bytes");
    }
    return CopyCommand.of(from, source, to, target, bytes);
  }

  private static int now(CopyCommand command, String call) {
    Copies.now(Driver.get().context(), command, call);
    return SUCCESS;
  }

  private static int inStream(CopyCommand command, long stream) {
    Copies.inStream(Driver.get().context().stream(stream), command);
    return SUCCESS;
  }
}
