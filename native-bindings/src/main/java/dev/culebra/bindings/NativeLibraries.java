package dev.culebra.bindings;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;

/**
 * Where the generated classes find their functions.
 *
 * <p>A generated function binds on its first call, and when its library is missing that call fails
 * with an {@link ExceptionInInitializerError}, every later one with a {@link NoClassDefFoundError}.
 * So ask first: {@link #require} fails with one clear message instead.
 */
public final class NativeLibraries {
  /** The libraries that have generated classes, each in a package of the same name. */
  public static final List<String> NAMES =
      List.of("cuda", "cublas", "cublaslt", "nccl", "nvrtc", "dnnl");

  private static final List<NativeLibraryProvider> BUILT_IN =
      List.of(new OneDnnArtifact(), SystemLibraries.ofThisProcess());

  private static final Map<String, NativeLibrary> OPEN = new HashMap<>();
  private static final Map<String, NativeLibraryException> MISSING = new HashMap<>();
  private static NativeLibraryProvider chosen;

  private NativeLibraries() {}

  /**
   * Lets an installed provider answer, before the built-in ones, for the libraries that it has.
   * Functions bind once a JVM: choose before the first call.
   *
   * @param provider a {@link NativeLibraryProvider#name}
   * @throws IllegalArgumentException when none of that name is on the class path
   * @throws IllegalStateException when a library has been asked for already
   */
  public static synchronized void choose(String provider) {
    if (chosen != null && chosen.name().equals(provider)) {
      return;
    }
    List<String> installed = new ArrayList<>();
    for (NativeLibraryProvider candidate : ServiceLoader.load(NativeLibraryProvider.class)) {
      installed.add(candidate.name());
      if (candidate.name().equals(provider)) {
        choose(candidate);
        return;
      }
    }
    throw new IllegalArgumentException(
        "no provider of native libraries is called '" + provider + "'; installed: " + installed);
  }

  private static void choose(NativeLibraryProvider provider) {
    for (String library : NAMES) {
      boolean asked = OPEN.containsKey(library) || MISSING.containsKey(library);
      if (asked && !library.equals("dnnl")) {
        throw new IllegalStateException(
            "too late to choose '" + provider.name() + "': " + library + " is already bound");
      }
    }
    chosen = provider;
  }

  /** Whether {@link #require} would succeed. Opens the library. */
  public static boolean isAvailable(String library) {
    try {
      require(library);
      return true;
    } catch (NativeLibraryException missing) {
      return false;
    }
  }

  /**
   * Opens a library, unless it is open, and makes sure that it has the functions named.
   *
   * @throws NativeLibraryException when it or one of them is missing
   * @throws IllegalArgumentException when {@code library} is not one of {@link #NAMES}
   */
  public static NativeLibrary require(String library, String... symbols) {
    NativeLibrary opened = open(library);
    for (String symbol : symbols) {
      symbol(opened, symbol);
    }
    return opened;
  }

  /**
   * Address of a function.
   *
   * @throws NativeLibraryException when the library or the function is missing
   */
  public static MemorySegment symbol(String library, String symbol) {
    return symbol(open(library), symbol);
  }

  private static MemorySegment symbol(NativeLibrary library, String symbol) {
    return library
        .symbols()
        .find(symbol)
        .orElseThrow(
            () ->
                new NativeLibraryException(
                    "the function "
                        + symbol
                        + " is missing in "
                        + library.origin()
                        + ": its version does not fit this program"));
  }

  private static synchronized NativeLibrary open(String library) {
    if (!NAMES.contains(library)) {
      throw new IllegalArgumentException("no library '" + library + "'; there are " + NAMES);
    }
    if (MISSING.containsKey(library)) {
      throw new NativeLibraryException(MISSING.get(library).getMessage(), MISSING.get(library));
    }
    NativeLibrary opened = OPEN.get(library);
    if (opened == null) {
      try {
        opened = openFirst(library, providers());
        OPEN.put(library, opened);
      } catch (NativeLibraryException missing) {
        MISSING.put(library, missing);
        throw missing;
      }
    }
    return opened;
  }

  private static List<NativeLibraryProvider> providers() {
    List<NativeLibraryProvider> providers = new ArrayList<>(BUILT_IN);
    if (chosen != null) {
      providers.addFirst(chosen);
    }
    return providers;
  }

  /** The library as the first provider that has it opens it. */
  static NativeLibrary openFirst(String library, List<NativeLibraryProvider> providers) {
    List<String> reasons = new ArrayList<>();
    for (NativeLibraryProvider provider : providers) {
      try {
        NativeLibrary opened = provider.open(library);
        if (opened != null) {
          return opened;
        }
      } catch (NativeLibraryException missing) {
        reasons.add(missing.getMessage());
      }
    }
    throw new NativeLibraryException(
        "native library '" + library + "' not found: " + String.join("; ", reasons));
  }
}
