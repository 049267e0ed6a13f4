package dev.culebra.emulator.driver;

/** Memory is set to one value: in the legacy stream, which is not waited for, or in a given one. */
final class MemsetApi {
  private static final int SUCCESS = 0;

  private MemsetApi() {}

  static int cuMemsetD8_v2(long address, byte value, long count) {
    return now(address, 0, value, 1, count, 1);
  }

  static int cuMemsetD16_v2(long address, short value, long count) {
    return now(address, 0, value, 2, count, 1);
  }

  static int cuMemsetD32_v2(long address, int value, long count) {
    return now(address, 0, value, 4, count, 1);
  }

  static int cuMemsetD2D8_v2(long address, long pitch, byte value, long width, long height) {
    return now(address, pitch, value, 1, width, height);
  }

  static int cuMemsetD2D16_v2(long address, long pitch, short value, long width, long height) {
    return now(address, pitch, value, 2, width, height);
  }

  static int cuMemsetD2D32_v2(long address, long pitch, int value, long width, long height) {
    return now(address, pitch, value, 4, width, height);
  }

  static int cuMemsetD8Async(long address, byte value, long count, long stream) {
    return inStream(address, 0, value, 1, count, 1, stream);
  }

  static int cuMemsetD16Async(long address, short value, long count, long stream) {
    return inStream(address, 0, value, 2, count, 1, stream);
  }

  static int cuMemsetD32Async(long address, int value, long count, long stream) {
    return inStream(address, 0, value, 4, count, 1, stream);
  }

  static int cuMemsetD2D8Async(
      long address, long pitch, byte value, long width, long height, long stream) {
    return inStream(address, pitch, value, 1, width, height, stream);
  }

  static int cuMemsetD2D16Async(
      long address, long pitch, short value, long width, long height, long stream) {
    return inStream(address, pitch, value, 2, width, height, stream);
  }

  static int cuMemsetD2D32Async(
      long address, long pitch, int value, long width, long height, long stream) {
    return inStream(address, pitch, value, 4, width, height, stream);
  }

  private static int now(
      long address, long pitch, int value, int elementBytes, long width, long height) {
    Driver driver = Driver.get();
    Context context = driver.context();
    FillCommand fill = fill(context, address, pitch, value, elementBytes, width, height);
    Stream stream = context.stream(0);
    driver.captures.refuseCaptured(stream, "a memset");
    driver.captures.refuseImplicit(stream);
    if (!fill.empty()) {
      Work work = driver.timeline.enqueue(stream, fill);
      if (!driver.memory().isDevice(address)) {
        driver.timeline.finish(work);
      }
    }
    return SUCCESS;
  }

  private static int inStream(
      long address,
      long pitch,
      int value,
      int elementBytes,
      long width,
      long height,
      long streamHandle) {
    Context context = Driver.get().context();
    FillCommand fill = fill(context, address, pitch, value, elementBytes, width, height);
    Stream stream = context.stream(streamHandle);
    if (!fill.empty() || stream.captured != null) {
      stream.submit(fill);
    }
    return SUCCESS;
  }

  private static FillCommand fill(
      Context context,
      long address,
      long pitch,
      int value,
      int elementBytes,
      long width,
      long height) {
    if (width < 0 || height < 0 || width > Long.MAX_VALUE / elementBytes) {
      throw Status.INVALID_VALUE.because("a memset of " + Long.toUnsignedString(width));
    }
    long bytesOfRow = height == 1 ? width * elementBytes : pitch;
    FillCommand fill = new FillCommand(address, bytesOfRow, value, elementBytes, width, height);
    fill.check(context);
    return fill;
  }
}
