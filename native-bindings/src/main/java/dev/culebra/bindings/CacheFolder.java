package dev.culebra.bindings;

import java.nio.file.Path;

/** Where files that can be made again are kept between runs. */
public final class CacheFolder {
  private CacheFolder() {}

  /**
   * {@code culebra.cache} among the system properties, else {@code CULEBRA_CACHE}, else {@code
   * culebra} in {@code XDG_CACHE_HOME}, else {@code .cache/culebra} in the home folder. It need not
   * exist.
   */
  public static Path path() {
    String property = System.getProperty("culebra.cache");
    if (property != null && !property.isEmpty()) {
      return Path.of(property).toAbsolutePath();
    }
    String variable = System.getenv("CULEBRA_CACHE");
    if (variable != null && !variable.isEmpty()) {
      return Path.of(variable).toAbsolutePath();
    }
    // The specification has relative values ignored (XDG Base Directory Specification, section 2).
    String xdg = System.getenv("XDG_CACHE_HOME");
    if (xdg != null && xdg.startsWith("/")) {
      return Path.of(xdg, "culebra");
    }
    return Path.of(System.getProperty("user.home"), ".cache", "culebra").toAbsolutePath();
  }
}
