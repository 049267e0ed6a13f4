package dev.culebra.emulator.driver;

import static dev.culebra.bindings.cuda.cuda_h.CU_MEMORYTYPE_ARRAY;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEMORYTYPE_DEVICE;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEMORYTYPE_HOST;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEMORYTYPE_UNIFIED;

import dev.culebra.bindings.cuda.CUDA_MEMCPY2D;
import dev.culebra.bindings.cuda.CUDA_MEMCPY3D;
import dev.culebra.emulator.driver.CopyCommand.Memory;
import dev.culebra.emulator.driver.CopyCommand.Side;
import java.lang.foreign.MemorySegment;

/** Copies of rows and of boxes; of linear memory, since there are no arrays. */
final class BoxCopyApi {
  private static final int SUCCESS = 0;

  private BoxCopyApi() {}

  static int cuMemcpy2D_v2(long parameters) {
    return now(rows(parameters), "cuMemcpy2D");
  }

  static int cuMemcpy2DUnaligned_v2(long parameters) {
    return now(rows(parameters), "cuMemcpy2DUnaligned");
  }

  static int cuMemcpy2DAsync_v2(long parameters, long stream) {
    return inStream(rows(parameters), stream);
  }

  static int cuMemcpy3D_v2(long parameters) {
    return now(box(parameters), "cuMemcpy3D");
  }

  static int cuMemcpy3DAsync_v2(long parameters, long stream) {
    return inStream(box(parameters), stream);
  }

  private static int now(CopyCommand command, String call) {
    Copies.now(Driver.get().context(), command, call);
    return SUCCESS;
  }

  private static int inStream(CopyCommand command, long stream) {
    Copies.inStream(Driver.get().context().stream(stream), command);
    return SUCCESS;
  }

  private static CopyCommand rows(long parameters) {
    MemorySegment copy = CallerMemory.struct(parameters, CUDA_MEMCPY2D.layout());
    long width = CUDA_MEMCPY2D.WidthInBytes(copy);
    long height = CUDA_MEMCPY2D.Height(copy);
    Side source =
        side(
            CUDA_MEMCPY2D.srcMemoryType(copy),
            CUDA_MEMCPY2D.srcHost(copy).address(),
            CUDA_MEMCPY2D.srcDevice(copy),
            new Shape(CUDA_MEMCPY2D.srcPitch(copy), height, width),
            new Origin(CUDA_MEMCPY2D.srcXInBytes(copy), CUDA_MEMCPY2D.srcY(copy), 0));
    Side destination =
        side(
            CUDA_MEMCPY2D.dstMemoryType(copy),
            CUDA_MEMCPY2D.dstHost(copy).address(),
            CUDA_MEMCPY2D.dstDevice(copy),
            new Shape(CUDA_MEMCPY2D.dstPitch(copy), height, width),
            new Origin(CUDA_MEMCPY2D.dstXInBytes(copy), CUDA_MEMCPY2D.dstY(copy), 0));
    return checked(new CopyCommand(source, destination, width, height, 1));
  }

  /** The copy that a {@code CUDA_MEMCPY3D} describes. */
  static CopyCommand box(long parameters) {
    return box(CallerMemory.struct(parameters, CUDA_MEMCPY3D.layout()));
  }

  static CopyCommand box(MemorySegment copy) {
    long width = CUDA_MEMCPY3D.WidthInBytes(copy);
    long height = CUDA_MEMCPY3D.Height(copy);
    long depth = CUDA_MEMCPY3D.Depth(copy);
    if (CUDA_MEMCPY3D.srcLOD(copy) != 0 || CUDA_MEMCPY3D.dstLOD(copy) != 0) {
      throw Status.INVALID_VALUE.because("levels of detail have to be 0");
    }
    Side source =
        side(
            CUDA_MEMCPY3D.srcMemoryType(copy),
            CUDA_MEMCPY3D.srcHost(copy).address(),
            CUDA_MEMCPY3D.srcDevice(copy),
            new Shape(CUDA_MEMCPY3D.srcPitch(copy), CUDA_MEMCPY3D.srcHeight(copy), width),
            new Origin(
                CUDA_MEMCPY3D.srcXInBytes(copy),
                CUDA_MEMCPY3D.srcY(copy),
                CUDA_MEMCPY3D.srcZ(copy)));
    Side destination =
        side(
            CUDA_MEMCPY3D.dstMemoryType(copy),
            CUDA_MEMCPY3D.dstHost(copy).address(),
            CUDA_MEMCPY3D.dstDevice(copy),
            new Shape(CUDA_MEMCPY3D.dstPitch(copy), CUDA_MEMCPY3D.dstHeight(copy), width),
            new Origin(
                CUDA_MEMCPY3D.dstXInBytes(copy),
                CUDA_MEMCPY3D.dstY(copy),
                CUDA_MEMCPY3D.dstZ(copy)));
    if (depth > 1
        && (source.slicePitch() < source.pitch() * height
            || destination.slicePitch() < destination.pitch() * height)) {
      throw Status.INVALID_VALUE.because("a slice of less than the " + height + " rows to copy");
    }
    return checked(new CopyCommand(source, destination, width, height, depth));
  }

  /** Bytes from row to row, rows from slice to slice, bytes of a row that is copied. */
  private record Shape(long pitch, long rows, long width) {
    /** A pitch of 0 means rows without gaps. */
    private long bytesOfRow() {
      return pitch == 0 ? width : pitch;
    }
  }

  /** Where in its memory a box begins. */
  private record Origin(long x, long y, long z) {}

  private static Side side(int type, long host, long device, Shape shape, Origin origin) {
    Memory memory = memory(type);
    long pitch = shape.bytesOfRow();
    long slicePitch = pitch * shape.rows;
    long base = memory == Memory.HOST ? host : device;
    long address = base + origin.x + origin.y * pitch + origin.z * slicePitch;
    return new Side(memory, address, pitch, slicePitch);
  }

  private static Memory memory(int type) {
    if (type == CU_MEMORYTYPE_HOST()) {
      return Memory.HOST;
    }
    if (type == CU_MEMORYTYPE_DEVICE()) {
      return Memory.DEVICE;
    }
    if (type == CU_MEMORYTYPE_UNIFIED()) {
      return Memory.UNIFIED;
    }
    if (type == CU_MEMORYTYPE_ARRAY()) {
      throw Status.NOT_SUPPORTED.because("copies to and from CUDA arrays are not emulated");
    }
    throw Status.INVALID_VALUE.because("no type of memory has number " + type);
  }

  private static CopyCommand checked(CopyCommand copy) {
    if (copy.width() < 0 || copy.height() < 0 || copy.depth() < 0) {
      throw Status.INVALID_VALUE.because("a box of negative size");
    }
    return copy;
  }
}
