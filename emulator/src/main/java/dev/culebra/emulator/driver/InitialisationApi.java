package dev.culebra.emulator.driver;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.Map;

/** Beginning, versions, errors' names, addresses of functions, the profiler. */
final class InitialisationApi {
  private static final int SUCCESS = 0;

  /** The version that the bindings were made from. */
  private static final int VERSION = 13000;

  private static final Map<Status, MemorySegment> NAMES = new EnumMap<>(Status.class);
  private static final Map<Status, MemorySegment> TEXTS = new EnumMap<>(Status.class);

  private InitialisationApi() {}

  static int cuInit(int flags) {
    if (flags != 0) {
      throw Status.INVALID_VALUE.because("flags of cuInit have to be 0");
    }
    Driver.get().initialise();
    return SUCCESS;
  }

  static int cuDriverGetVersion(long version) {
    CallerMemory.putInt(version, VERSION);
    return SUCCESS;
  }

  static int cuGetErrorName(int code, long text) {
    return text(code, text, NAMES, true);
  }

  static int cuGetErrorString(int code, long text) {
    return text(code, text, TEXTS, false);
  }

  private static int text(int code, long place, Map<Status, MemorySegment> known, boolean name) {
    CallerMemory.requireNonNull(place, "the place for a text's address");
    Status status = Status.of(code);
    if (status == null) {
      CallerMemory.putLong(place, 0);
      throw Status.INVALID_VALUE.because("no status has number " + code);
    }
    MemorySegment text =
        known.computeIfAbsent(
            status, key -> Arena.global().allocateFrom(name ? key.cName() : key.text()));
    CallerMemory.putLong(place, text.address());
    return SUCCESS;
  }

  /** How a function was found ({@code CUdriverProcAddressQueryResult}). */
  private enum Found {
    SUCCESS,
    SYMBOL_NOT_FOUND,
    VERSION_NOT_SUFFICIENT
  }

  private static final long LEGACY_STREAM = 1;
  private static final long PER_THREAD_DEFAULT_STREAM = 2;

  /** A name that is not found is no error: the address is null, and the status tells why. */
  static int cuGetProcAddress_v2(
      long symbol, long function, int version, long flags, long symbolStatus) {
    String name = CallerMemory.string(symbol);
    CallerMemory.requireNonNull(function, "the place for a function's address");
    if (name.isEmpty() || (flags & ~(LEGACY_STREAM | PER_THREAD_DEFAULT_STREAM)) != 0) {
      throw Status.INVALID_VALUE.because("a name is empty, or flags 0x" + Long.toHexString(flags));
    }
    if (version > VERSION) {
      throw Status.INVALID_VALUE.because(
          "CUDA " + version + " is newer than the driver's, " + VERSION);
    }
    MemorySegment stub =
        DriverSymbols.find(
            DriverStubs.TABLE, name, version, (flags & PER_THREAD_DEFAULT_STREAM) != 0);
    Found found =
        stub != null
            ? Found.SUCCESS
            : DriverSymbols.knows(name) ? Found.VERSION_NOT_SUFFICIENT : Found.SYMBOL_NOT_FOUND;
    CallerMemory.putLong(function, stub == null ? 0 : stub.address());
    CallerMemory.putIntIfWanted(symbolStatus, found.ordinal());
    return SUCCESS;
  }

  static int cuProfilerStart() {
    Driver.get().context();
    return SUCCESS;
  }

  static int cuProfilerStop() {
    Driver.get().context();
    return SUCCESS;
  }
}
