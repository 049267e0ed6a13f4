package dev.culebra.bindings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.culebra.bindings.dnnl.dnnl_h;
import dev.culebra.bindings.dnnl.dnnl_version_t;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class OneDnnArtifactTest {
  @Test
  void onednn_loads_from_the_artifact_and_answers_its_version() {
    NativeLibrary library = NativeLibraries.require("dnnl", "dnnl_version");
    assertTrue(library.origin().endsWith("libdnnl.so.3"), library.origin());
    MemorySegment version =
        dnnl_version_t.reinterpret(
            dnnl_h.dnnl_version(), java.lang.foreign.Arena.global(), s -> {});
    assertEquals(3, dnnl_version_t.major(version));
    assertEquals(13, dnnl_version_t.minor(version));
  }
}
