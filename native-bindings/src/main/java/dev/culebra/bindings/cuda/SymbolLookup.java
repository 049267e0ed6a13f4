package dev.culebra.bindings.cuda;

import dev.culebra.bindings.NativeLibraries;
import java.util.Optional;

/**
 * What the generated classes of this package see when they say {@code SymbolLookup}: they import
 * {@code java.lang.foreign} on demand, and a type of the same package comes before that. Symbols
 * are taken from the one library they belong to, wherever {@link NativeLibraries} found it.
 */
interface SymbolLookup extends java.lang.foreign.SymbolLookup {
  static SymbolLookup loaderLookup() {
    return symbol -> Optional.of(NativeLibraries.symbol("cuda", symbol));
  }

  @Override
  default SymbolLookup or(java.lang.foreign.SymbolLookup other) {
    return this;
  }
}
