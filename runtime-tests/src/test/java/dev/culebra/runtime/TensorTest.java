package dev.culebra.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.culebra.fixtures.DeviceExtension;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Views are arithmetic on addresses; what they show is seen through the device. */
@ExtendWith(DeviceExtension.class)
class TensorTest {
  /** Shapes and strides need no memory. */
  private static final Arena NOWHERE = new CountingArena(null);

  @Test
  void columns_and_rows_show_their_part(Device device) {
    try (Arena arena = device.memory().arena("views", 1 << 16)) {
      Tensor whole = arena.allocate(DType.F32, 2, 3, 4);
      float[] counting = new float[24];
      for (int i = 0; i < counting.length; i++) {
        counting[i] = i;
      }
      device.write(whole, counting);
      Tensor part = whole.columns(1, 3).rows(2, 4);
      assertArrayEquals(new long[] {2, 2}, part.shape());
      assertEquals(4, part.rowStride());
      assertFalse(part.isContiguous());
      Tensor copy = arena.allocate(DType.F32, 2, 2);
      device.ops().convert(part, copy);
      assertArrayEquals(new float[] {9, 10, 13, 14}, device.readFloats(copy));
    }
  }

  @Test
  void reshape_regroups_contiguous_elements_and_leading_dimensions_of_others() {
    Tensor contiguous = Tensor.contiguous(NOWHERE, 4096, DType.BF16, 2, 3, 8);
    assertArrayEquals(new long[] {4, 12}, contiguous.reshape(4, 12).shape());
    Tensor strided = contiguous.columns(0, 4);
    assertArrayEquals(new long[] {3, 2, 4}, strided.reshape(3, 2, 4).shape());
    assertEquals(8, strided.reshape(3, 2, 4).rowStride());
    assertThrows(IllegalArgumentException.class, () -> strided.reshape(24));
    assertThrows(IllegalArgumentException.class, () -> contiguous.reshape(5, 9));
  }

  @Test
  void sizes_count_rows_columns_and_bytes() {
    Tensor tensor = new Tensor(NOWHERE, 4096, DType.BF16, 10, 2, 3, 8);
    assertEquals(6, tensor.rows());
    assertEquals(8, tensor.columns());
    assertEquals(3, tensor.size(-2));
    assertEquals(48 * 2, tensor.bytes());
    assertEquals(4096 + 2 * 10 * 2, tensor.rowAddress(2));
    assertTrue(tensor.toString().contains("BF16[2, 3, 8] with row stride 10"));
  }

  @Test
  void impossible_views_are_refused() {
    Tensor tensor = Tensor.contiguous(NOWHERE, 4096, DType.F32, 3, 4);
    for (Runnable impossible :
        Arrays.<Runnable>asList(
            () -> tensor.columns(2, 5),
            () -> tensor.columns(3, 2),
            () -> tensor.columns(-1, 2),
            () -> tensor.rows(0, 4),
            () -> new Tensor(NOWHERE, 0, DType.F32, 3, 2, 4),
            () -> new Tensor(NOWHERE, 0, DType.F32, 4),
            () -> Tensor.contiguous(NOWHERE, 0, DType.F32, 2, -1),
            () -> Tensor.contiguous(NOWHERE, 0, DType.F32),
            () -> Tensor.contiguous(NOWHERE, 0, DType.F32, 1L << 31, 1L << 31),
            () -> Tensor.contiguous(NOWHERE, 0, DType.BF16, 1L << 40, 1L << 40, 0),
            () -> new Tensor(NOWHERE, 0, DType.F32, 1L << 60, 4, 4),
            () -> tensor.reshape(1L << 33, 1L << 33, 12))) {
      assertThrows(IllegalArgumentException.class, impossible::run);
    }
  }
}
