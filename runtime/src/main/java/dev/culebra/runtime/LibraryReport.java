package dev.culebra.runtime;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.culebra.bindings.CacheFolder;
import dev.culebra.bindings.NativeLibraries;
import dev.culebra.bindings.NativeLibraryException;
import dev.culebra.bindings.cublaslt.cublasLt_h;
import dev.culebra.bindings.cuda.cuda_h;
import dev.culebra.bindings.dnnl.dnnl_h;
import dev.culebra.bindings.dnnl.dnnl_version_t;
import dev.culebra.bindings.nccl.nccl_h;
import dev.culebra.bindings.nvrtc.nvrtc_h;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;

/**
 * A native library as found on this machine, for people.
 *
 * @param name what everybody calls it
 * @param found whether it could be opened
 * @param text its version and file, or where it was looked for
 */
public record LibraryReport(String name, boolean found, String text) {

  /** All libraries that Culebra can use. Opens those that are there. */
  public static List<LibraryReport> all() {
    return List.of(
        of("oneDNN", "dnnl", "dnnl_version", LibraryReport::oneDnnVersion),
        of("CUDA driver", "cuda", "cuDriverGetVersion", LibraryReport::driverVersion),
        of("cuBLASLt", "cublaslt", "cublasLtGetVersion", LibraryReport::cublasLtVersion),
        of("NVRTC", "nvrtc", "nvrtcVersion", LibraryReport::nvrtcVersion),
        of("NCCL", "nccl", "ncclGetVersion", LibraryReport::ncclVersion));
  }

  /** Where files that can be made again are kept between runs. */
  public static Path cacheFolder() {
    return CacheFolder.path();
  }

  private static LibraryReport of(
      String name, String library, String versionFunction, Supplier<String> version) {
    try {
      String origin = NativeLibraries.require(library, versionFunction).origin();
      return new LibraryReport(name, true, version.get() + ", " + origin);
    } catch (NativeLibraryException missing) {
      String message = missing.getMessage();
      return new LibraryReport(name, false, message.substring(message.indexOf(": ") + 2));
    }
  }

  private static String oneDnnVersion() {
    MemorySegment version = dnnl_h.dnnl_version();
    return dnnl_version_t.major(version)
        + "."
        + dnnl_version_t.minor(version)
        + "."
        + dnnl_version_t.patch(version);
  }

  private static String driverVersion() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment version = arena.allocate(JAVA_INT);
      int status = cuda_h.cuDriverGetVersion(version);
      int number = version.get(JAVA_INT, 0);
      return status == 0
          ? "CUDA " + number / 1000 + "." + number % 1000 / 10
          : "cuDriverGetVersion returned " + status;
    }
  }

  private static String cublasLtVersion() {
    long number = cublasLt_h.cublasLtGetVersion();
    return number / 10000 + "." + number % 10000 / 100 + "." + number % 100;
  }

  private static String nvrtcVersion() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment major = arena.allocate(JAVA_INT);
      MemorySegment minor = arena.allocate(JAVA_INT);
      int status = nvrtc_h.nvrtcVersion(major, minor);
      return status == 0
          ? major.get(JAVA_INT, 0) + "." + minor.get(JAVA_INT, 0)
          : "nvrtcVersion returned " + status;
    }
  }

  private static String ncclVersion() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment version = arena.allocate(JAVA_INT);
      int status = nccl_h.ncclGetVersion(version);
      int number = version.get(JAVA_INT, 0);
      return status == 0
          ? number / 10000 + "." + number % 10000 / 100 + "." + number % 100
          : "ncclGetVersion returned " + status;
    }
  }
}
