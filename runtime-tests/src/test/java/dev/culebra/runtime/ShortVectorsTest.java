package dev.culebra.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A sample run on vectors that are not shorter after all would prove nothing. */
class ShortVectorsTest {
  @Test
  @Tag("short-vector-machine")
  void this_virtual_machine_has_the_vectors_that_it_was_started_with() {
    assertEquals(
        Integer.getInteger("culebra.test.vector.bytes"),
        FloatVector.SPECIES_PREFERRED.vectorShape().vectorBitSize() / Byte.SIZE);
  }
}
