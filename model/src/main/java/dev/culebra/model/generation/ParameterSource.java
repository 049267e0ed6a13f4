package dev.culebra.model.generation;

import java.lang.foreign.MemorySegment;

/** Gives a model's parameters by name: a model directory, say. */
@FunctionalInterface
public interface ParameterSource {
  /**
   * The F32 values of a parameter, row by row. The memory may be read until the next call.
   *
   * @param shape what the model expects
   * @throws IllegalArgumentException when there is no such parameter, or its shape differs
   */
  MemorySegment read(String name, long[] shape);
}
