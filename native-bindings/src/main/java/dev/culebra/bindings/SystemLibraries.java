package dev.culebra.bindings;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Libraries installed on the machine. Looked for, in this order: the file that the system property
 * {@code culebra.library.NAME} or the variable {@code CULEBRA_LIBRARY_NAME} names (and then nowhere
 * else), the folders of {@code LD_LIBRARY_PATH}, the dynamic linker's own places, the usual folders
 * of a CUDA toolkit, the {@code nvidia} packages of Python environments. Newer versions come first.
 */
final class SystemLibraries implements NativeLibraryProvider {
  private static final Map<String, List<String>> FILES =
      Map.of(
          "cuda", List.of("libcuda.so.1"),
          "cublas", List.of("libcublas.so.13", "libcublas.so.12"),
          "cublaslt", List.of("libcublasLt.so.13", "libcublasLt.so.12"),
          "nccl", List.of("libnccl.so.2"),
          "nvrtc", List.of("libnvrtc.so.13", "libnvrtc.so.12"),
          "dnnl", List.of("libdnnl.so.3"));

  private final Path root;
  private final UnaryOperator<String> environment;

  /**
   * @param root of the file system; {@code /} but in tests
   * @param environment the value of a variable, or null
   */
  SystemLibraries(Path root, UnaryOperator<String> environment) {
    this.root = root;
    this.environment = environment;
  }

  static SystemLibraries ofThisProcess() {
    return new SystemLibraries(Path.of("/"), System::getenv);
  }

  @Override
  public String name() {
    return "system";
  }

  @Override
  public NativeLibrary open(String library) {
    if (library.equals("dnnl")) {
      OneDnnArtifact.limitOpenMp();
    }
    Path named = named(library);
    if (named != null) {
      return load(library, named);
    }
    List<Path> early = pathList("LD_LIBRARY_PATH");
    List<Path> late = usualFolders();
    for (String file : FILES.get(library)) {
      NativeLibrary found = firstOf(library, file, early);
      if (found == null) {
        found = byDynamicLinker(library, file);
      }
      if (found == null) {
        found = firstOf(library, file, late);
      }
      if (found != null) {
        return found;
      }
    }
    throw new NativeLibraryException(
        "no "
            + String.join(" or ", FILES.get(library))
            + " in LD_LIBRARY_PATH ("
            + (early.isEmpty() ? "not set" : join(early))
            + "), the dynamic linker's folders, "
            + join(late)
            + "; CULEBRA_LIBRARY_"
            + library.toUpperCase(Locale.ROOT)
            + " can name the file");
  }

  /** The file that the user named for a library; null when none. */
  Path named(String library) {
    String property = System.getProperty("culebra.library." + library);
    if (property != null) {
      return Path.of(property);
    }
    String variable = environment.apply("CULEBRA_LIBRARY_" + library.toUpperCase(Locale.ROOT));
    return variable == null || variable.isEmpty() ? null : Path.of(variable);
  }

  private static NativeLibrary firstOf(String library, String file, List<Path> folders) {
    for (Path folder : folders) {
      Path path = folder.resolve(file);
      if (Files.exists(path)) {
        return load(library, path);
      }
    }
    return null;
  }

  private static NativeLibrary load(String library, Path file) {
    if (library.equals("nvrtc") && file.toAbsolutePath().getParent() != null) {
      // NVRTC opens its builtins by name, which finds them only where they are loaded already.
      for (Path builtins : list(file.toAbsolutePath().getParent(), "libnvrtc-builtins.so.*")) {
        load(builtins, Arena.global());
      }
    }
    return new NativeLibrary(library, file.toString(), load(file, Arena.global()));
  }

  @SuppressWarnings("restricted")
  private static NativeLibrary byDynamicLinker(String library, String file) {
    try {
      SymbolLookup symbols = SymbolLookup.libraryLookup(file, Arena.global());
      return new NativeLibrary(library, loadedFrom(file), symbols);
    } catch (IllegalArgumentException notFound) {
      return null;
    }
  }

  /** Opens a file, or says why the dynamic linker would not. */
  @SuppressWarnings("restricted")
  static SymbolLookup load(Path file, Arena arena) {
    try {
      return SymbolLookup.libraryLookup(file, arena);
    } catch (IllegalArgumentException refused) {
      String reason = Files.exists(file) ? Libc.linkError(file) : "no such file";
      throw new NativeLibraryException(file + " could not be loaded: " + reason, refused);
    }
  }

  /** The path of a library that was opened by its name only. */
  private static String loadedFrom(String file) {
    try (var maps = Files.lines(Path.of("/proc/self/maps"))) {
      String stem = "/" + file;
      return maps.filter(line -> line.contains(stem))
          .map(line -> line.substring(line.indexOf('/')))
          .findFirst()
          .orElse(file);
    } catch (IOException | UncheckedIOException unreadable) {
      return file;
    }
  }

  private List<Path> usualFolders() {
    List<Path> toolkits = new ArrayList<>();
    toolkits.addAll(pathList("CUDA_HOME"));
    toolkits.addAll(pathList("CUDA_PATH"));
    toolkits.add(root.resolve("usr/local/cuda"));
    toolkits.addAll(list(root.resolve("usr/local"), "cuda-*").reversed());
    toolkits.add(root.resolve("opt/cuda"));
    Set<Path> folders = new LinkedHashSet<>();
    for (Path toolkit : toolkits) {
      folders.add(toolkit.resolve("lib64"));
      folders.add(toolkit.resolve("lib"));
      folders.add(toolkit.resolve("targets/x86_64-linux/lib"));
    }
    folders.add(root.resolve("usr/lib/wsl/lib"));
    folders.add(root.resolve("usr/lib/x86_64-linux-gnu"));
    for (Path packages : pythonPackages()) {
      for (Path component : list(packages.resolve("nvidia"), "*")) {
        folders.add(component.resolve("lib"));
      }
    }
    return folders.stream()
        .filter(Files::isDirectory)
        .map(SystemLibraries::resolveLinks)
        .distinct()
        .toList();
  }

  private static Path resolveLinks(Path folder) {
    try {
      return folder.toRealPath();
    } catch (IOException unreadable) {
      return folder;
    }
  }

  /** The {@code site-packages} of the active environment, the user and the machine. */
  private List<Path> pythonPackages() {
    List<Path> prefixes = new ArrayList<>();
    prefixes.addAll(pathList("VIRTUAL_ENV"));
    prefixes.addAll(pathList("CONDA_PREFIX"));
    pathList("HOME").forEach(home -> prefixes.add(home.resolve(".local")));
    prefixes.add(root.resolve("usr/local"));
    prefixes.add(root.resolve("usr"));
    List<Path> packages = new ArrayList<>();
    for (Path prefix : prefixes) {
      for (Path python : list(prefix.resolve("lib"), "python3*")) {
        packages.add(python.resolve("site-packages"));
        packages.add(python.resolve("dist-packages"));
      }
    }
    return packages;
  }

  private List<Path> pathList(String variable) {
    String value = environment.apply(variable);
    List<Path> paths = new ArrayList<>();
    for (String entry : value == null ? new String[0] : value.split(":")) {
      if (!entry.isEmpty()) {
        paths.add(Path.of(entry));
      }
    }
    return paths;
  }

  /** What a folder holds under names that match, sorted; nothing where there is no such folder. */
  private static List<Path> list(Path folder, String glob) {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, glob)) {
      entries.forEach(found::add);
    } catch (IOException | DirectoryIteratorException unreadable) {
      return List.of();
    }
    found.sort(null);
    return found;
  }

  private static String join(List<Path> paths) {
    return String.join(", ", paths.stream().map(Path::toString).toList());
  }
}
