package dev.culebra.emulator.driver;

import static dev.culebra.bindings.cuda.cuda_h.CU_MEMCPY_SRC_ACCESS_ORDER_ANY;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEMCPY_SRC_ACCESS_ORDER_STREAM;

import dev.culebra.bindings.cuda.CUmemcpyAttributes;
import dev.culebra.emulator.driver.CopyCommand.Memory;
import java.lang.foreign.MemorySegment;

/** Many copies in one call: in no order among themselves, here in that of the arrays. */
final class BatchCopyApi {
  private static final int SUCCESS = 0;

  private BatchCopyApi() {}

  static int cuMemcpyBatchAsync_v2(
      long destinations,
      long sources,
      long sizes,
      long count,
      long attributes,
      long attributeIndices,
      long attributeCount,
      long streamHandle) {
    Driver driver = Driver.get();
    Context context = driver.context();
    if (streamHandle == 0 || streamHandle == Stream.LEGACY) {
      throw Status.INVALID_HANDLE.because("a batch of copies can't go into the legacy stream");
    }
    Stream stream = context.stream(streamHandle);
    driver.captures.refuseCaptured(stream, "cuMemcpyBatchAsync");
    if (count <= 0 || attributeCount <= 0 || attributeCount > count) {
      throw Status.INVALID_VALUE.because(count + " copies with " + attributeCount + " attributes");
    }
    checkAttributes(attributes, attributeIndices, attributeCount, count);
    for (long i = 0; i < count; i++) {
      CopyCommand copy =
          CopyCommand.of(
              Memory.UNIFIED,
              CallerMemory.getLong(sources, i),
              Memory.UNIFIED,
              CallerMemory.getLong(destinations, i),
              CallerMemory.getLong(sizes, i));
      if (copy.width() <= 0) {
        throw Status.INVALID_VALUE.because("copy " + i + " of a batch has no bytes");
      }
      Copies.inStream(stream, copy);
    }
    return SUCCESS;
  }

  /** Where an attribute begins to hold has to rise from 0; what it says is a hint here. */
  private static void checkAttributes(
      long attributes, long indices, long attributeCount, long count) {
    long before = -1;
    for (long i = 0; i < attributeCount; i++) {
      long index = CallerMemory.getLong(indices, i);
      if (index <= before || index >= count || i == 0 && index != 0) {
        throw Status.INVALID_VALUE.because("attribute " + i + " begins at copy " + index);
      }
      before = index;
      CallerMemory.requireNonNull(attributes, "the attributes");
      MemorySegment one =
          CallerMemory.struct(
              attributes + i * CUmemcpyAttributes.layout().byteSize(), CUmemcpyAttributes.layout());
      int order = CUmemcpyAttributes.srcAccessOrder(one);
      if (order < CU_MEMCPY_SRC_ACCESS_ORDER_STREAM() || order > CU_MEMCPY_SRC_ACCESS_ORDER_ANY()) {
        throw Status.INVALID_VALUE.because("no order of access has number " + order);
      }
    }
  }
}
