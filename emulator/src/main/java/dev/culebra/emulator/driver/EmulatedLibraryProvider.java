package dev.culebra.emulator.driver;

import dev.culebra.bindings.NativeLibrary;
import dev.culebra.bindings.NativeLibraryProvider;

/**
 * Puts the emulated device where {@code libcuda.so} stands: {@code
 * NativeLibraries.choose("emulated")} before the first call of any generated function.
 */
public final class EmulatedLibraryProvider implements NativeLibraryProvider {
  private static final StubTable STUBS = new StubTable();

  @Override
  public String name() {
    return "emulated";
  }

  @Override
  public NativeLibrary open(String library) {
    return library.equals("cuda")
        ? new NativeLibrary(library, "the emulated CUDA device", STUBS::find)
        : null;
  }

  /** The functions that it has. */
  static StubTable stubs() {
    return STUBS;
  }
}
