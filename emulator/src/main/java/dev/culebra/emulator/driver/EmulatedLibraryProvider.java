package dev.culebra.emulator.driver;

import dev.culebra.bindings.NativeLibrary;
import dev.culebra.bindings.NativeLibraryProvider;
import dev.culebra.emulator.blas.CublasLibraries;

/**
 * Puts the emulated device where {@code libcuda.so} stands, and what stands on it where {@code
 * libcublas.so} and {@code libcublasLt.so} do: {@code NativeLibraries.choose("emulated")} before
 * the first call of any generated function.
 */
public final class EmulatedLibraryProvider implements NativeLibraryProvider {
  @Override
  public String name() {
    return "emulated";
  }

  @Override
  public NativeLibrary open(String library) {
    return switch (library) {
      case "cuda" ->
          new NativeLibrary(library, "the emulated CUDA device", DriverStubs.TABLE::find);
      case "cublas" -> new NativeLibrary(library, "the emulated cuBLAS", CublasLibraries::cublas);
      case "cublaslt" ->
          new NativeLibrary(library, "the emulated cuBLASLt", CublasLibraries::cublasLt);
      default -> null;
    };
  }
}
