package dev.culebra.bindings;

import java.lang.foreign.SymbolLookup;

/**
 * A library that has been opened and stays so for the life of the JVM.
 *
 * @param name as in {@link NativeLibraries#NAMES}
 * @param origin for people: the file it was loaded from, or what stands in its place
 * @param symbols its functions
 */
public record NativeLibrary(String name, String origin, SymbolLookup symbols) {}
