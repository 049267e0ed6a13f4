package dev.culebra.emulator.driver;

import static dev.culebra.bindings.cuda.cuda_h.CU_STREAM_MEM_OP_BARRIER;
import static dev.culebra.bindings.cuda.cuda_h.CU_STREAM_MEM_OP_WAIT_VALUE_32;
import static dev.culebra.bindings.cuda.cuda_h.CU_STREAM_MEM_OP_WAIT_VALUE_64;
import static dev.culebra.bindings.cuda.cuda_h.CU_STREAM_MEM_OP_WRITE_VALUE_32;
import static dev.culebra.bindings.cuda.cuda_h.CU_STREAM_MEM_OP_WRITE_VALUE_64;
import static dev.culebra.bindings.cuda.cuda_h.CU_STREAM_WAIT_VALUE_FLUSH;
import static dev.culebra.bindings.cuda.cuda_h.CU_STREAM_WRITE_VALUE_NO_MEMORY_BARRIER;

import dev.culebra.bindings.cuda.CUstreamBatchMemOpParams;
import dev.culebra.emulator.driver.ValueCommand.Comparison;
import dev.culebra.emulator.driver.ValueCommand.Operation;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Streams that write values to memory and wait for values in memory. */
final class StreamValueApi {
  private static final int SUCCESS = 0;
  private static final int COMPARISON_MASK = 3;

  private StreamValueApi() {}

  static int cuStreamWriteValue32_v2(long stream, long address, int value, int flags) {
    return submit(stream, List.of(write(address, Integer.BYTES, value, flags)));
  }

  static int cuStreamWriteValue64_v2(long stream, long address, long value, int flags) {
    return submit(stream, List.of(write(address, Long.BYTES, value, flags)));
  }

  static int cuStreamWaitValue32_v2(long stream, long address, int value, int flags) {
    return submit(stream, List.of(wait(address, Integer.BYTES, value & 0xffff_ffffL, flags)));
  }

  static int cuStreamWaitValue64_v2(long stream, long address, long value, int flags) {
    return submit(stream, List.of(wait(address, Long.BYTES, value, flags)));
  }

  static int cuStreamBatchMemOp_v2(long stream, int count, long parameters, int flags) {
    if (flags != 0) {
      throw Status.INVALID_VALUE.because("flags of a batch have to be 0");
    }
    return submit(stream, operations(count, parameters));
  }

  /** The operations of an array of {@code CUstreamBatchMemOpParams}. */
  static List<Operation> operations(int count, long parameters) {
    List<Operation> operations = new ArrayList<>();
    long size = CUstreamBatchMemOpParams.layout().byteSize();
    for (int i = 0; i < count; i++) {
      MemorySegment one =
          CallerMemory.struct(
              parameters == 0 ? 0 : parameters + i * size, CUstreamBatchMemOpParams.layout());
      Operation operation = operation(one);
      if (operation != null) {
        operations.add(operation);
      }
    }
    return operations;
  }

  /** Null for a barrier, which orders what is in order here anyway. */
  private static Operation operation(MemorySegment one) {
    int type = CUstreamBatchMemOpParams.operation(one);
    MemorySegment wait = CUstreamBatchMemOpParams.waitValue(one);
    long address = CUstreamBatchMemOpParams.CUstreamMemOpWaitValueParams_st.address(wait);
    long value = CUstreamBatchMemOpParams.CUstreamMemOpWaitValueParams_st.value64(wait);
    int flags = CUstreamBatchMemOpParams.CUstreamMemOpWaitValueParams_st.flags(wait);
    if (type == CU_STREAM_MEM_OP_WAIT_VALUE_32()) {
      return wait(address, Integer.BYTES, value & 0xffff_ffffL, flags);
    }
    if (type == CU_STREAM_MEM_OP_WAIT_VALUE_64()) {
      return wait(address, Long.BYTES, value, flags);
    }
    if (type == CU_STREAM_MEM_OP_WRITE_VALUE_32()) {
      return write(address, Integer.BYTES, value, flags);
    }
    if (type == CU_STREAM_MEM_OP_WRITE_VALUE_64()) {
      return write(address, Long.BYTES, value, flags);
    }
    if (type == CU_STREAM_MEM_OP_BARRIER()) {
      return null;
    }
    throw Status.NOT_SUPPORTED.because("operation " + type + " of a batch is not emulated");
  }

  private static Operation write(long address, int bytes, long value, int flags) {
    if ((flags & ~CU_STREAM_WRITE_VALUE_NO_MEMORY_BARRIER()) != 0) {
      throw Status.INVALID_VALUE.because("flags of a write: 0x" + Integer.toHexString(flags));
    }
    return new Operation(address, bytes, value, null);
  }

  private static Operation wait(long address, int bytes, long value, int flags) {
    if ((flags & ~(COMPARISON_MASK | CU_STREAM_WAIT_VALUE_FLUSH())) != 0) {
      throw Status.INVALID_VALUE.because("flags of a wait: 0x" + Integer.toHexString(flags));
    }
    if ((flags & CU_STREAM_WAIT_VALUE_FLUSH()) != 0) {
      throw Status.NOT_SUPPORTED.because("the device can't flush remote writes");
    }
    return new Operation(address, bytes, value, Comparison.values()[flags & COMPARISON_MASK]);
  }

  private static int submit(long handle, List<Operation> operations) {
    Context context = Driver.get().context();
    Stream stream = context.stream(handle);
    if (operations.isEmpty()) {
      throw Status.INVALID_VALUE.because("a batch of no operations");
    }
    for (Operation operation : operations) {
      if (operation.address() % operation.bytes() != 0) {
        throw Status.INVALID_VALUE.because("an address that is not aligned to its value");
      }
      DeviceRange.require(context, operation.address(), operation.bytes(), "a stream's value");
    }
    stream.submit(new ValueCommand(operations));
    return SUCCESS;
  }
}
