package dev.culebra.bindings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeLibrariesTest {
  @TempDir Path root;

  @Test
  void a_missing_library_is_named_with_every_place_it_was_looked_for() throws Exception {
    Path toolkit = Files.createDirectories(root.resolve("usr/local/cuda-13.0/lib64")).toRealPath();
    Path wheel =
        Files.createDirectories(root.resolve("venv/lib/python3.12/site-packages/nvidia/cu13/lib"))
            .toRealPath();
    SystemLibraries system =
        new SystemLibraries(
            root, Map.of("LD_LIBRARY_PATH", "/nowhere/lib", "VIRTUAL_ENV", root + "/venv")::get);
    NativeLibraryException missing =
        assertThrows(
            NativeLibraryException.class,
            () -> NativeLibraries.openFirst("nccl", List.of(nothingFor("nccl"), system)));
    String message = missing.getMessage();
    for (String part :
        List.of("'nccl'", "libnccl.so.2", "/nowhere/lib", toolkit.toString(), wheel.toString())) {
      assertTrue(message.contains(part), message);
    }
    assertFalse(message.contains("\n"), message);
  }

  @Test
  void a_file_that_is_no_library_is_refused_with_the_linkers_reason() throws Exception {
    Path file = Files.writeString(root.resolve("libnccl.so.2"), "not a library, too short for one");
    SystemLibraries system =
        new SystemLibraries(root, Map.of("CULEBRA_LIBRARY_NCCL", file.toString())::get);
    String message =
        assertThrows(NativeLibraryException.class, () -> system.open("nccl")).getMessage();
    assertTrue(message.startsWith(file + " could not be loaded: "), message);
    assertTrue(message.contains("file too short") || message.contains("ELF"), message);
  }

  @Test
  void a_missing_function_is_named_with_the_library() {
    String message =
        assertThrows(
                NativeLibraryException.class,
                () -> NativeLibraries.require("dnnl", "dnnl_version", "dnnl_does_not_exist"))
            .getMessage();
    assertTrue(message.contains("dnnl_does_not_exist"), message);
    assertTrue(message.contains("libdnnl.so.3"), message);
  }

  @Test
  void an_unknown_library_is_refused() {
    assertThrows(IllegalArgumentException.class, () -> NativeLibraries.isAvailable("mkl"));
  }

  @Test
  void an_unknown_provider_is_refused_with_those_installed() {
    String message =
        assertThrows(IllegalArgumentException.class, () -> NativeLibraries.choose("nobody"))
            .getMessage();
    assertTrue(message.contains("'nobody'"), message);
  }

  @Test
  void the_first_provider_that_has_a_library_wins() {
    NativeLibrary own = new NativeLibrary("cuda", "in Java", name -> java.util.Optional.empty());
    NativeLibraryProvider provider = provider("own", library -> own);
    assertEquals(
        own, NativeLibraries.openFirst("cuda", List.of(nothingFor("cuda"), provider, failing())));
  }

  private static NativeLibraryProvider nothingFor(String expected) {
    return provider(
        "nothing",
        library -> {
          assertEquals(expected, library);
          return null;
        });
  }

  private static NativeLibraryProvider failing() {
    return provider(
        "failing",
        library -> {
          throw new AssertionError("asked for " + library + " though another has it");
        });
  }

  private static NativeLibraryProvider provider(
      String name, java.util.function.Function<String, NativeLibrary> open) {
    return new NativeLibraryProvider() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public NativeLibrary open(String library) {
        return open.apply(library);
      }
    };
  }
}
