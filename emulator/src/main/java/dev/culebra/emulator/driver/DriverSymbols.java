package dev.culebra.emulator.driver;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Names that cuGetProcAddress knows: without the ending that tells one interface of a function from
 * the next. Which of them a caller gets depends on the version of CUDA that it was built for.
 */
final class DriverSymbols {
  /** Functions whose newest interface takes what the ones before it took. */
  private static final Set<String> UNCHANGED =
      Set.of(
          "cuCtxDestroy",
          "cuCtxPopCurrent",
          "cuCtxPushCurrent",
          "cuDeviceGetUuid",
          "cuDevicePrimaryCtxRelease",
          "cuDevicePrimaryCtxReset",
          "cuDevicePrimaryCtxSetFlags",
          "cuEventDestroy",
          "cuEventElapsedTime",
          "cuLinkAddData",
          "cuLinkAddFile",
          "cuLinkCreate",
          "cuMemHostRegister",
          "cuStreamDestroy",
          "cuStreamWaitValue32",
          "cuStreamWaitValue64",
          "cuStreamWriteValue32",
          "cuStreamWriteValue64");

  /** For each base name, the versions of CUDA in which its interfaces appeared. */
  private static final Map<String, int[]> VERSIONS = read();

  private DriverSymbols() {}

  private static Map<String, int[]> read() {
    Map<String, int[]> versions = new HashMap<>();
    try (InputStream file = DriverSymbols.class.getResourceAsStream("functions.txt");
        BufferedReader reader =
            new BufferedReader(new InputStreamReader(file, StandardCharsets.US_ASCII))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        if (!line.startsWith("#")) {
          String[] words = line.split(" ");
          int[] numbers = Stream.of(words).skip(1).mapToInt(Integer::parseInt).toArray();
          versions.put(words[0], numbers);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return versions;
  }

  /** Whether a driver has a function of that base name. */
  static boolean knows(String base) {
    return VERSIONS.containsKey(base);
  }

  /**
   * The function that a program built for some version of CUDA means by a base name. One that the
   * emulator does not have can be called, and says so.
   *
   * @param perThread whether its stream 0 is to be the calling thread's own
   * @return null where that version had none
   */
  static MemorySegment find(StubTable stubs, String base, int version, boolean perThread) {
    int[] versions = VERSIONS.getOrDefault(base, new int[0]);
    int count = 0;
    while (count < versions.length && versions[count] <= version) {
      count++;
    }
    if (count == 0) {
      return null;
    }
    if (UNCHANGED.contains(base)) {
      count = versions.length;
    }
    String name = count == 1 ? base : base + "_v" + count;
    String found = perThread ? name + "_ptsz" : name;
    return stubs.find(found).orElseGet(() -> stubs.refusal(name));
  }
}
