package dev.culebra.emulator.cuda;

import static dev.culebra.bindings.cublas.cublas_h.cublasCreate_v2;
import static dev.culebra.bindings.cublas.cublas_h.cublasDestroy_v2;
import static dev.culebra.bindings.cublas.cublas_h.cublasGetMatrix;
import static dev.culebra.bindings.cublas.cublas_h.cublasGetVector;
import static dev.culebra.bindings.cublas.cublas_h.cublasIsamax_v2;
import static dev.culebra.bindings.cublas.cublas_h.cublasIsamax_v2_64;
import static dev.culebra.bindings.cublas.cublas_h.cublasIsamin_v2;
import static dev.culebra.bindings.cublas.cublas_h.cublasSasum_v2;
import static dev.culebra.bindings.cublas.cublas_h.cublasSaxpy_v2;
import static dev.culebra.bindings.cublas.cublas_h.cublasScopy_v2;
import static dev.culebra.bindings.cublas.cublas_h.cublasSdgmm;
import static dev.culebra.bindings.cublas.cublas_h.cublasSdot_v2;
import static dev.culebra.bindings.cublas.cublas_h.cublasSetMatrix;
import static dev.culebra.bindings.cublas.cublas_h.cublasSetPointerMode_v2;
import static dev.culebra.bindings.cublas.cublas_h.cublasSetVector;
import static dev.culebra.bindings.cublas.cublas_h.cublasSgeam;
import static dev.culebra.bindings.cublas.cublas_h.cublasSgemmBatched;
import static dev.culebra.bindings.cublas.cublas_h.cublasSgemm_v2_64;
import static dev.culebra.bindings.cublas.cublas_h.cublasSgemv_v2;
import static dev.culebra.bindings.cublas.cublas_h.cublasSger_v2;
import static dev.culebra.bindings.cublas.cublas_h.cublasSnrm2_v2;
import static dev.culebra.bindings.cublas.cublas_h.cublasSscal_v2;
import static dev.culebra.bindings.cublas.cublas_h.cublasSswap_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuMemcpyDtoH_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuMemcpyHtoD_v2;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Small whole numbers, so that every sum is exact in any order. */
@ExtendWith(CudaExtension.class)
class CublasTest {
  private static final int INVALID_VALUE = 7;

  private static MemorySegment create(Cuda cuda) {
    assertEquals(0, cublasCreate_v2(cuda.out));
    MemorySegment handle = cuda.handle();
    cuda.atEnd(() -> cublasDestroy_v2(handle));
    return handle;
  }

  private static MemorySegment upload(Cuda cuda, float... values) {
    long address = cuda.allocate(4L * values.length);
    MemorySegment bytes = host(cuda, values);
    cuda.ok(cuMemcpyHtoD_v2(address, bytes, bytes.byteSize()));
    return Cuda.handle(address);
  }

  private static MemorySegment host(Cuda cuda, float... values) {
    return cuda.arena.allocateFrom(ValueLayout.JAVA_FLOAT, values);
  }

  private static float[] download(Cuda cuda, MemorySegment address, int count) {
    MemorySegment bytes = cuda.arena.allocate(4L * count);
    cuda.ok(cuMemcpyDtoH_v2(bytes, address.address(), bytes.byteSize()));
    return bytes.toArray(ValueLayout.JAVA_FLOAT);
  }

  @Test
  void vectors_are_added_scaled_copied_and_swapped_with_increments(Cuda cuda) {
    MemorySegment handle = create(cuda);
    MemorySegment x = upload(cuda, 1, 2, 3, 4, 5, 6);
    MemorySegment y = upload(cuda, 10, 20, 30);
    assertEquals(0, cublasSaxpy_v2(handle, 3, host(cuda, 2), x, 2, y, 1));
    assertArrayEquals(new float[] {12, 26, 40}, download(cuda, y, 3));
    assertEquals(0, cublasSaxpy_v2(handle, 3, host(cuda, 1), x, -2, y, 1));
    assertArrayEquals(new float[] {17, 29, 41}, download(cuda, y, 3));
    assertEquals(0, cublasSscal_v2(handle, 3, host(cuda, -1), x, 2));
    assertArrayEquals(new float[] {-1, 2, -3, 4, -5, 6}, download(cuda, x, 6));
    assertEquals(0, cublasSswap_v2(handle, 3, x, 1, y, 1));
    assertArrayEquals(new float[] {17, 29, 41, 4, -5, 6}, download(cuda, x, 6));
    assertEquals(0, cublasScopy_v2(handle, 2, x, 1, y, -2));
    assertArrayEquals(new float[] {29, 2, 17}, download(cuda, y, 3));
    assertEquals(0, cublasScopy_v2(handle, 0, MemorySegment.NULL, 1, MemorySegment.NULL, 1));
  }

  @Test
  void sums_go_to_the_host_or_to_the_device(Cuda cuda) {
    MemorySegment handle = create(cuda);
    MemorySegment x = upload(cuda, 3, -4, 12);
    MemorySegment y = upload(cuda, 1, 2, 3);
    assertEquals(0, cublasSdot_v2(handle, 3, x, 1, y, 1, cuda.out));
    assertEquals(31, cuda.out.get(ValueLayout.JAVA_FLOAT, 0));
    assertEquals(0, cublasSnrm2_v2(handle, 3, x, 1, cuda.out));
    assertEquals(13, cuda.out.get(ValueLayout.JAVA_FLOAT, 0));
    assertEquals(0, cublasSasum_v2(handle, 3, x, 1, cuda.out));
    assertEquals(19, cuda.out.get(ValueLayout.JAVA_FLOAT, 0));
    assertEquals(0, cublasSetPointerMode_v2(handle, 1));
    MemorySegment sum = upload(cuda, 0);
    assertEquals(0, cublasSdot_v2(handle, 3, x, 1, y, 1, sum));
    assertArrayEquals(new float[] {31}, download(cuda, sum, 1));
  }

  @Test
  void places_of_extremes_count_from_one_in_the_width_of_their_form(Cuda cuda) {
    MemorySegment handle = create(cuda);
    MemorySegment x = upload(cuda, 2, -7, 1, 7, -1);
    cuda.out.fill((byte) -1);
    assertEquals(0, cublasIsamax_v2(handle, 5, x, 1, cuda.out));
    assertEquals(2, cuda.integer());
    assertEquals(-1, cuda.out.get(ValueLayout.JAVA_INT, 4));
    assertEquals(0, cublasIsamin_v2(handle, 5, x, 1, cuda.out));
    assertEquals(3, cuda.integer());
    assertEquals(0, cublasIsamax_v2_64(handle, 5, x, 1, cuda.out));
    assertEquals(2, cuda.number());
    assertEquals(0, cublasIsamax_v2(handle, 0, x, 1, cuda.out));
    assertEquals(0, cuda.integer());
  }

  /** [1 3 5; 2 4 6] by columns. */
  private static MemorySegment twoByThree(Cuda cuda) {
    return upload(cuda, 1, 2, 3, 4, 5, 6);
  }

  @Test
  void matrices_multiply_vectors_and_take_their_outer_product(Cuda cuda) {
    MemorySegment handle = create(cuda);
    MemorySegment a = twoByThree(cuda);
    MemorySegment x = upload(cuda, 1, 10, 100);
    MemorySegment y = upload(cuda, 7, 8);
    MemorySegment one = host(cuda, 1);
    assertEquals(0, cublasSgemv_v2(handle, 0, 2, 3, one, a, 2, x, 1, host(cuda, 2), y, 1));
    assertArrayEquals(new float[] {545, 658}, download(cuda, y, 2));
    MemorySegment z = upload(cuda, Float.NaN, Float.NaN, Float.NaN);
    MemorySegment ones = upload(cuda, 1, 1);
    assertEquals(0, cublasSgemv_v2(handle, 1, 2, 3, one, a, 2, ones, 1, host(cuda, 0), z, 1));
    assertArrayEquals(new float[] {3, 7, 11}, download(cuda, z, 3));
    assertEquals(0, cublasSger_v2(handle, 2, 3, one, ones, 1, x, 1, a, 2));
    assertArrayEquals(new float[] {2, 3, 13, 14, 105, 106}, download(cuda, a, 6));
    assertEquals(INVALID_VALUE, cublasSgemv_v2(handle, 0, 2, 3, one, a, 1, x, 1, one, y, 1), "lda");
    assertEquals(
        INVALID_VALUE, cublasSgemv_v2(handle, 0, 2, 3, one, a, 2, x, 0, one, y, 1), "incx");
  }

  @Test
  void matrices_are_added_transposed_and_scaled_by_a_diagonal(Cuda cuda) {
    MemorySegment handle = create(cuda);
    MemorySegment a = twoByThree(cuda);
    MemorySegment c = upload(cuda, 0, 0, 0, 0, 0, 0);
    MemorySegment one = host(cuda, 1);
    MemorySegment none = host(cuda, 0);
    assertEquals(0, cublasSgeam(handle, 1, 0, 3, 2, one, a, 2, none, MemorySegment.NULL, 3, c, 3));
    assertArrayEquals(new float[] {1, 3, 5, 2, 4, 6}, download(cuda, c, 6));
    assertEquals(0, cublasSgeam(handle, 0, 1, 2, 3, one, a, 2, host(cuda, 10), c, 3, a, 2));
    assertArrayEquals(new float[] {11, 22, 33, 44, 55, 66}, download(cuda, a, 6));
    MemorySegment x = upload(cuda, 1, 2, 3);
    assertEquals(0, cublasSdgmm(handle, 1, 2, 3, a, 2, x, 1, c, 2));
    assertArrayEquals(new float[] {11, 22, 66, 88, 165, 198}, download(cuda, c, 6));
    assertEquals(0, cublasSdgmm(handle, 0, 2, 3, a, 2, x, 1, c, 2));
    assertArrayEquals(new float[] {11, 44, 33, 88, 55, 132}, download(cuda, c, 6));
  }

  @Test
  void products_come_in_batches_of_pointers_and_with_numbers_of_64_bits(Cuda cuda) {
    MemorySegment handle = create(cuda);
    MemorySegment a = twoByThree(cuda);
    MemorySegment b = upload(cuda, 1, 1, 1);
    MemorySegment c = upload(cuda, 0, 0);
    MemorySegment one = host(cuda, 1);
    assertEquals(0, cublasSgemm_v2_64(handle, 0, 0, 2, 1, 3, one, a, 2, b, 3, host(cuda, 0), c, 2));
    assertArrayEquals(new float[] {9, 12}, download(cuda, c, 2));
    MemorySegment other = upload(cuda, 1, 1);
    assertEquals(
        0,
        cublasSgemmBatched(
            handle,
            0,
            0,
            2,
            1,
            3,
            one,
            places(cuda, a, a),
            2,
            places(cuda, b, b),
            3,
            one,
            places(cuda, c, other),
            2,
            2));
    assertArrayEquals(new float[] {18, 24}, download(cuda, c, 2));
    assertArrayEquals(new float[] {10, 13}, download(cuda, other, 2));
  }

  private static MemorySegment places(Cuda cuda, MemorySegment one, MemorySegment other) {
    MemorySegment array =
        cuda.arena.allocateFrom(ValueLayout.JAVA_LONG, one.address(), other.address());
    long device = cuda.allocate(16);
    cuda.ok(cuMemcpyHtoD_v2(device, array, 16));
    return Cuda.handle(device);
  }

  @Test
  void vectors_and_matrices_travel_with_strides(Cuda cuda) {
    MemorySegment device = upload(cuda, 0, 0, 0, 0, 0, 0);
    MemorySegment values = host(cuda, 1, 2, 3, 4, 5, 6);
    assertEquals(0, cublasSetVector(3, 4, values, 2, device, 1));
    assertArrayEquals(new float[] {1, 3, 5, 0, 0, 0}, download(cuda, device, 6));
    assertEquals(0, cublasSetMatrix(2, 2, 4, values, 3, device, 2));
    assertArrayEquals(new float[] {1, 2, 4, 5, 0, 0}, download(cuda, device, 6));
    MemorySegment back = cuda.arena.allocate(24);
    assertEquals(0, cublasGetMatrix(1, 2, 4, device, 2, back, 3));
    assertArrayEquals(new float[] {1, 0, 0, 4, 0, 0}, back.toArray(ValueLayout.JAVA_FLOAT));
    assertEquals(0, cublasGetVector(2, 4, device, 1, back, 4));
    assertArrayEquals(new float[] {1, 0, 0, 4, 2, 0}, back.toArray(ValueLayout.JAVA_FLOAT));
    assertEquals(INVALID_VALUE, cublasSetVector(3, 4, values, 0, device, 1));
  }
}
