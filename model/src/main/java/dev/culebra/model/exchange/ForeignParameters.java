package dev.culebra.model.exchange;

import dev.culebra.model.exchange.ForeignName.Part;
import dev.culebra.model.generation.ParameterSource;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Puts our parameters together from another format's tensors, and takes them apart again. */
final class ForeignParameters {
  private final Map<String, ForeignName> names = new HashMap<>();

  ForeignParameters(List<ForeignName> names) {
    names.forEach(name -> this.names.put(name.name(), name));
  }

  /** Our parameters, each put together when it is asked for. */
  ParameterSource assemble(ForeignTensors tensors) {
    return (name, shape) -> {
      List<Part> parts = names.get(name).parts();
      int columns = shape.length == 2 ? Math.toIntExact(shape[1]) : 1;
      MemorySegment whole = allocate(shape[0] * columns);
      long row = 0;
      for (Part part : parts) {
        if (tensors.contains(part.name()) || !part.optional()) {
          MemorySegment values = tensors.floats(part.name(), shapeOf(part, columns, shape.length));
          MemorySegment target = rows(whole, row, part.rows(), columns);
          if (part.transposed()) {
            transpose(values, columns, part.rows(), target);
          } else {
            target.copyFrom(values);
          }
        }
        row += part.rows();
      }
      return whole;
    };
  }

  /** The rows of one part, in the other format's order, from our parameter. */
  static MemorySegment extract(MemorySegment whole, long firstRow, Part part, int columns) {
    MemorySegment values = rows(whole, firstRow, part.rows(), columns);
    if (!part.transposed()) {
      return values;
    }
    MemorySegment transposed = allocate((long) part.rows() * columns);
    transpose(values, part.rows(), columns, transposed);
    return transposed;
  }

  /** The shape that the other format gives to a part. */
  static long[] shapeOf(Part part, int columns, int rank) {
    if (rank == 1) {
      return new long[] {part.rows()};
    }
    return part.transposed()
        ? new long[] {columns, part.rows()}
        : new long[] {part.rows(), columns};
  }

  private static MemorySegment allocate(long elements) {
    return Arena.ofAuto().allocate(elements * Float.BYTES, Float.BYTES);
  }

  private static MemorySegment rows(MemorySegment whole, long row, long count, int columns) {
    long rowBytes = (long) columns * Float.BYTES;
    return whole.asSlice(row * rowBytes, count * rowBytes);
  }

  /** {@code to[c, r] = from[r, c]} for {@code from} of {@code [rows, columns]}. */
  private static void transpose(MemorySegment from, int rows, int columns, MemorySegment to) {
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        float value = from.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, (long) r * columns + c);
        to.setAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, (long) c * rows + r, value);
      }
    }
  }
}
