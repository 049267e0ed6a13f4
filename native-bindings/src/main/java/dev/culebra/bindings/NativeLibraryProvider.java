package dev.culebra.bindings;

/**
 * A source of native libraries, or of something that behaves like them. Found with {@link
 * java.util.ServiceLoader}; used only after {@link NativeLibraries#choose} has asked for it by
 * name.
 */
public interface NativeLibraryProvider {
  /** What {@link NativeLibraries#choose} calls it. */
  String name();

  /**
   * Opens a library. Called once for each library at most, on the first use of any of its
   * functions.
   *
   * @param library one of {@link NativeLibraries#NAMES}
   * @return null when this provider has nothing to do with that library
   * @throws NativeLibraryException when it should have it and does not; the message says where it
   *     was looked for
   */
  NativeLibrary open(String library);
}
