package dev.culebra.emulator.blas;

import static dev.culebra.emulator.blas.BlasStatus.INVALID_VALUE;

import dev.culebra.emulator.driver.LibraryWork;
import dev.culebra.emulator.memory.DeviceMemory;
import dev.culebra.emulator.memory.HostMemory;
import java.lang.foreign.MemorySegment;

/** cuBLAS: vectors and matrices between the host and the device. */
final class TransferApi {
  private static final int SUCCESS = 0;
  private static final long DEFAULT_STREAM = 0;

  private TransferApi() {}

  static int cublasSetVector_64(
      long n, long bytes, long host, long incHost, long device, long incDevice) {
    return vector("cublasSetVector", n, bytes, host, incHost, device, incDevice, true);
  }

  static int cublasGetVector_64(
      long n, long bytes, long device, long incDevice, long host, long incHost) {
    return vector("cublasGetVector", n, bytes, host, incHost, device, incDevice, false);
  }

  static int cublasSetVectorAsync_64(
      long n, long bytes, long host, long incHost, long device, long incDevice, long stream) {
    Box box = box(n, bytes, host, incHost, device, incDevice);
    return enqueue("cublasSetVectorAsync", box, true, stream);
  }

  static int cublasGetVectorAsync_64(
      long n, long bytes, long device, long incDevice, long host, long incHost, long stream) {
    Box box = box(n, bytes, host, incHost, device, incDevice);
    return enqueue("cublasGetVectorAsync", box, false, stream);
  }

  static int cublasSetMatrix_64(
      long rows, long columns, long bytes, long host, long ldHost, long device, long ldDevice) {
    return now(
        "cublasSetMatrix", matrix(rows, columns, bytes, host, ldHost, device, ldDevice), true);
  }

  static int cublasGetMatrix_64(
      long rows, long columns, long bytes, long device, long ldDevice, long host, long ldHost) {
    return now(
        "cublasGetMatrix", matrix(rows, columns, bytes, host, ldHost, device, ldDevice), false);
  }

  static int cublasSetMatrixAsync_64(
      long rows,
      long columns,
      long bytes,
      long host,
      long ldHost,
      long device,
      long ldDevice,
      long stream) {
    return enqueue(
        "cublasSetMatrixAsync",
        matrix(rows, columns, bytes, host, ldHost, device, ldDevice),
        true,
        stream);
  }

  static int cublasGetMatrixAsync_64(
      long rows,
      long columns,
      long bytes,
      long device,
      long ldDevice,
      long host,
      long ldHost,
      long stream) {
    return enqueue(
        "cublasGetMatrixAsync",
        matrix(rows, columns, bytes, host, ldHost, device, ldDevice),
        false,
        stream);
  }

  /**
   * Lines of bytes at both ends.
   *
   * @param line bytes of a line
   */
  private record Box(
      long host, long hostPitch, long device, long devicePitch, long line, long lines) {
    boolean empty() {
      return line == 0 || lines == 0;
    }

    void copy(DeviceMemory memory, boolean toDevice) {
      for (long i = 0; i < lines; i++) {
        MemorySegment ofHost = HostMemory.ALL.asSlice(host + i * hostPitch, line);
        if (toDevice) {
          memory.copyIn(device + i * devicePitch, ofHost);
        } else {
          memory.copyOut(ofHost, device + i * devicePitch);
        }
      }
    }

    void stretches(LibraryWork.Stretches ofHost, LibraryWork.Stretches ofDevice) {
      for (long i = 0; i < lines; i++) {
        ofHost.stretch(host + i * hostPitch, line);
        ofDevice.stretch(device + i * devicePitch, line);
      }
    }
  }

  private static Box box(long n, long bytes, long host, long incHost, long device, long incDevice) {
    INVALID_VALUE.unless(
        n >= 0 && bytes > 0 && incHost > 0 && incDevice > 0,
        "%d elements of %d bytes, increments of %d and %d".formatted(n, bytes, incHost, incDevice));
    requirePlaces(n, host, device);
    return new Box(host, incHost * bytes, device, incDevice * bytes, bytes, n);
  }

  private static Box matrix(
      long rows, long columns, long bytes, long host, long ldHost, long device, long ldDevice) {
    INVALID_VALUE.unless(
        rows >= 0
            && columns >= 0
            && bytes > 0
            && ldHost >= Math.max(1, rows)
            && ldDevice >= Math.max(1, rows),
        "%d x %d elements of %d bytes, leading dimensions of %d and %d"
            .formatted(rows, columns, bytes, ldHost, ldDevice));
    requirePlaces(rows * columns, host, device);
    return new Box(host, ldHost * bytes, device, ldDevice * bytes, rows * bytes, columns);
  }

  private static void requirePlaces(long elements, long host, long device) {
    if (elements > 0) {
      Pointers.require(host, "memory of the host");
      Pointers.require(device, "memory of the device");
    }
  }

  private static int vector(
      String function,
      long n,
      long bytes,
      long host,
      long incHost,
      long device,
      long incDevice,
      boolean toDevice) {
    return now(function, box(n, bytes, host, incHost, device, incDevice), toDevice);
  }

  private static int now(String function, Box box, boolean toDevice) {
    if (!box.empty()) {
      mapped(work(function, box, toDevice).submitAndWait(DEFAULT_STREAM));
    }
    return SUCCESS;
  }

  /** Pageable memory is read or written before the call returns, as the driver has it. */
  private static int enqueue(String function, Box box, boolean toDevice, long stream) {
    if (!box.empty()) {
      LibraryWork work = work(function, box, toDevice);
      long span = (box.lines - 1) * box.hostPitch + box.line;
      boolean later = LibraryWork.pinned(box.host, span);
      mapped(later ? work.submit(stream) : work.submitAndWait(stream));
    }
    return SUCCESS;
  }

  private static LibraryWork work(String function, Box box, boolean toDevice) {
    return new LibraryWork(
        function,
        memory -> box.copy(memory, toDevice),
        (reads, writes) -> box.stretches(toDevice ? reads : writes, toDevice ? writes : reads));
  }

  private static void mapped(boolean done) {
    BlasStatus.MAPPING_ERROR.unless(done, "the copy was not taken, or it failed");
  }
}
