package dev.culebra.emulator.cuda;

import static dev.culebra.bindings.cuda.cuda_h.CU_MEMCPY_SRC_ACCESS_ORDER_STREAM;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEMORYTYPE_DEVICE;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEMORYTYPE_HOST;
import static dev.culebra.bindings.cuda.cuda_h.cuCtxGetCurrent;
import static dev.culebra.bindings.cuda.cuda_h.cuMemcpy;
import static dev.culebra.bindings.cuda.cuda_h.cuMemcpy2D_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuMemcpy3D_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuMemcpyBatchAsync_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuMemcpyDtoD_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuMemcpyDtoHAsync_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuMemcpyDtoH_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuMemcpyHtoDAsync_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuMemcpyHtoD_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuMemcpyPeer;
import static dev.culebra.bindings.cuda.cuda_h.cuMemsetD16_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuMemsetD2D16Async;
import static dev.culebra.bindings.cuda.cuda_h.cuMemsetD2D32_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuMemsetD32_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuMemsetD8Async;
import static dev.culebra.bindings.cuda.cuda_h.cuMemsetD8_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuStreamSynchronize;
import static dev.culebra.emulator.cuda.Cuda.handle;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.culebra.bindings.cuda.CUDA_MEMCPY2D;
import dev.culebra.bindings.cuda.CUDA_MEMCPY3D;
import dev.culebra.bindings.cuda.CUmemcpyAttributes;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(CudaExtension.class)
class CopyTest {
  private static MemorySegment random(Cuda cuda, long bytes, Random random) {
    MemorySegment memory = cuda.arena.allocate(bytes);
    byte[] values = new byte[(int) bytes];
    random.nextBytes(values);
    MemorySegment.copy(values, 0, memory, ValueLayout.JAVA_BYTE, 0, values.length);
    return memory;
  }

  private static Random random() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    return new Random(seed);
  }

  @Test
  void bytes_go_to_the_device_across_it_and_back_unchanged(Cuda cuda) {
    Random random = random();
    for (int i = 0; i < 20; i++) {
      long bytes = 1 + random.nextInt(100_000);
      MemorySegment from = random(cuda, bytes, random);
      MemorySegment to = cuda.arena.allocate(bytes);
      long one = cuda.allocate(bytes);
      long two = cuda.allocate(bytes);
      cuda.ok(cuMemcpyHtoD_v2(one, from, bytes));
      cuda.ok(cuMemcpyDtoD_v2(two, one, bytes));
      cuda.ok(cuMemcpyDtoH_v2(to, two, bytes));
      assertEquals(-1, from.mismatch(to));
      MemorySegment again = cuda.arena.allocate(bytes);
      cuda.ok(cuMemcpy(again.address(), one, bytes));
      assertEquals(-1, from.mismatch(again));
    }
  }

  @Test
  void nothing_is_copied_where_there_is_nothing_to_copy(Cuda cuda) {
    long device = cuda.allocate(16);
    cuda.ok(cuMemcpyHtoD_v2(device, cuda.out, 0));
    cuda.ok(cuMemcpyDtoH_v2(cuda.out, device, 0));
    cuda.ok(cuMemsetD8_v2(device, (byte) 0, 0));
  }

  @Test
  void copies_past_the_end_of_an_allocation_are_refused(Cuda cuda) {
    cuda.misuses();
    long device = cuda.allocate(1000);
    MemorySegment host = cuda.arena.allocate(1 << 22);
    cuda.is("INVALID_VALUE", cuMemcpyHtoD_v2(device, host, 1 << 22));
    cuda.is("INVALID_VALUE", cuMemcpyDtoH_v2(host, device, 1 << 22));
    cuda.is("INVALID_VALUE", cuMemcpyHtoD_v2(12345, host, 16));
    cuda.is("INVALID_VALUE", cuMemcpyHtoD_v2(device, handle(0), 16));
    cuda.is("INVALID_VALUE", cuMemcpyDtoH_v2(handle(0), device, 16));
    cuda.is("INVALID_VALUE", cuMemsetD8_v2(12345, (byte) 0, 16));
  }

  @Test
  void memsets_repeat_values_of_one_two_and_four_bytes(Cuda cuda) {
    long device = cuda.allocate(64);
    cuda.ok(cuMemsetD8_v2(device, (byte) 0xab, 64));
    cuda.ok(cuMemsetD16_v2(device, (short) 0x1234, 8));
    cuda.ok(cuMemsetD32_v2(device + 32, 0x01020304, 4));
    int[] words = cuda.download(device, 16);
    assertEquals(0x12341234, words[3]);
    assertEquals(0xabababab, words[4]);
    assertEquals(0x01020304, words[11]);
    assertEquals(0xabababab, words[12]);
    cuda.is("INVALID_VALUE", cuMemsetD16_v2(device + 1, (short) 0, 2));
    cuda.is("INVALID_VALUE", cuMemsetD32_v2(device + 2, 0, 2));
  }

  @Test
  void memsets_of_rows_leave_what_lies_between(Cuda cuda) {
    long device = cuda.allocate(10 * 32);
    cuda.ok(cuMemsetD8_v2(device, (byte) 1, 320));
    cuda.ok(cuMemsetD2D32_v2(device, 32, 7, 5, 10));
    cuda.ok(cuMemsetD2D16Async(device, 32, (short) 9, 1, 2, handle(0)));
    int[] words = cuda.download(device, 80);
    for (int row = 0; row < 10; row++) {
      assertEquals(row < 2 ? 9 : 7, words[row * 8]);
      assertEquals(7, words[row * 8 + 4]);
      assertEquals(0x01010101, words[row * 8 + 5]);
    }
    cuda.is("INVALID_VALUE", cuMemsetD2D32_v2(device, 16, 7, 5, 10));
  }

  @Test
  void boxes_of_rows_are_copied_and_what_lies_around_them_stays(Cuda cuda) {
    Random random = random();
    int rows = 9;
    int pitch = 48;
    MemorySegment from = random(cuda, rows * pitch, random);
    long device = cuda.allocate(rows * 64);
    cuda.ok(cuMemsetD8_v2(device, (byte) 0, rows * 64));
    MemorySegment copy = CUDA_MEMCPY2D.allocate(cuda.arena).fill((byte) 0);
    CUDA_MEMCPY2D.srcMemoryType(copy, CU_MEMORYTYPE_HOST());
    CUDA_MEMCPY2D.srcHost(copy, from);
    CUDA_MEMCPY2D.srcPitch(copy, pitch);
    CUDA_MEMCPY2D.srcXInBytes(copy, 3);
    CUDA_MEMCPY2D.srcY(copy, 2);
    CUDA_MEMCPY2D.dstMemoryType(copy, CU_MEMORYTYPE_DEVICE());
    CUDA_MEMCPY2D.dstDevice(copy, device);
    CUDA_MEMCPY2D.dstPitch(copy, 64);
    CUDA_MEMCPY2D.dstXInBytes(copy, 5);
    CUDA_MEMCPY2D.dstY(copy, 1);
    CUDA_MEMCPY2D.WidthInBytes(copy, 17);
    CUDA_MEMCPY2D.Height(copy, 4);
    cuda.ok(cuMemcpy2D_v2(copy));
    MemorySegment back = cuda.arena.allocate(rows * 64);
    cuda.ok(cuMemcpyDtoH_v2(back, device, rows * 64));
    for (int y = 0; y < rows; y++) {
      for (int x = 0; x < 64; x++) {
        boolean inside = y >= 1 && y < 5 && x >= 5 && x < 22;
        byte expected = inside ? from.get(ValueLayout.JAVA_BYTE, (y + 1) * pitch + x - 2) : 0;
        assertEquals(expected, back.get(ValueLayout.JAVA_BYTE, y * 64 + x), x + ", " + y);
      }
    }
    CUDA_MEMCPY2D.dstPitch(copy, 10);
    cuda.is("INVALID_VALUE", cuMemcpy2D_v2(copy));
    cuda.is("INVALID_VALUE", cuMemcpy2D_v2(handle(0)));
  }

  @Test
  void boxes_of_slices_are_copied(Cuda cuda) {
    Random random = random();
    MemorySegment from = random(cuda, 4 * 5 * 16, random);
    long device = cuda.allocate(4 * 5 * 16);
    cuda.ok(cuMemcpyHtoD_v2(device, from, from.byteSize()));
    MemorySegment to = cuda.arena.allocate(2 * 3 * 8);
    MemorySegment copy = CUDA_MEMCPY3D.allocate(cuda.arena).fill((byte) 0);
    CUDA_MEMCPY3D.srcMemoryType(copy, CU_MEMORYTYPE_DEVICE());
    CUDA_MEMCPY3D.srcDevice(copy, device);
    CUDA_MEMCPY3D.srcPitch(copy, 16);
    CUDA_MEMCPY3D.srcHeight(copy, 5);
    CUDA_MEMCPY3D.srcXInBytes(copy, 4);
    CUDA_MEMCPY3D.srcY(copy, 1);
    CUDA_MEMCPY3D.srcZ(copy, 2);
    CUDA_MEMCPY3D.dstMemoryType(copy, CU_MEMORYTYPE_HOST());
    CUDA_MEMCPY3D.dstHost(copy, to);
    CUDA_MEMCPY3D.dstPitch(copy, 8);
    CUDA_MEMCPY3D.dstHeight(copy, 3);
    CUDA_MEMCPY3D.WidthInBytes(copy, 8);
    CUDA_MEMCPY3D.Height(copy, 3);
    CUDA_MEMCPY3D.Depth(copy, 2);
    cuda.ok(cuMemcpy3D_v2(copy));
    for (int z = 0; z < 2; z++) {
      for (int y = 0; y < 3; y++) {
        for (int x = 0; x < 8; x++) {
          assertEquals(
              from.get(ValueLayout.JAVA_BYTE, ((z + 2) * 5 + y + 1) * 16 + x + 4),
              to.get(ValueLayout.JAVA_BYTE, (z * 3 + y) * 8 + x));
        }
      }
    }
  }

  @Test
  void an_asynchronous_copy_from_pageable_memory_has_read_it_when_the_call_returns(Cuda cuda) {
    MemorySegment stream = cuda.stream(1);
    long device = cuda.allocate(1024);
    MemorySegment host = cuda.arena.allocate(1024).fill((byte) 1);
    cuda.ok(cuMemcpyHtoDAsync_v2(device, host, 1024, stream));
    host.fill((byte) 2);
    cuda.ok(cuStreamSynchronize(stream));
    assertEquals(0x01010101, cuda.download(device, 256)[255]);
  }

  @Test
  void an_asynchronous_copy_to_pageable_memory_is_done_when_the_call_returns(Cuda cuda) {
    MemorySegment stream = cuda.stream(1);
    long device = cuda.allocate(1024);
    cuda.ok(cuMemsetD8Async(device, (byte) 3, 1024, stream));
    MemorySegment host = cuda.arena.allocate(1024);
    cuda.ok(cuMemcpyDtoHAsync_v2(host, device, 1024, stream));
    assertEquals(0x03030303, host.get(ValueLayout.JAVA_INT, 1020));
  }

  @Test
  void many_copies_are_one_call(Cuda cuda) {
    MemorySegment stream = cuda.stream(1);
    long one = cuda.allocate(64);
    long two = cuda.allocate(64);
    cuda.upload(one, 1, 2, 3, 4);
    MemorySegment to = cuda.arena.allocateFrom(ValueLayout.JAVA_LONG, two, two + 8);
    MemorySegment from = cuda.arena.allocateFrom(ValueLayout.JAVA_LONG, one + 4, one + 12);
    MemorySegment sizes = cuda.arena.allocateFrom(ValueLayout.JAVA_LONG, 4, 4);
    MemorySegment attributes = CUmemcpyAttributes.allocate(cuda.arena).fill((byte) 0);
    CUmemcpyAttributes.srcAccessOrder(attributes, CU_MEMCPY_SRC_ACCESS_ORDER_STREAM());
    MemorySegment first = cuda.arena.allocateFrom(ValueLayout.JAVA_LONG, 0);
    cuda.ok(cuMemcpyBatchAsync_v2(to, from, sizes, 2, attributes, first, 1, stream));
    cuda.ok(cuStreamSynchronize(stream));
    int[] words = cuda.download(two, 3);
    assertEquals(2, words[0]);
    assertEquals(4, words[2]);
    cuda.is(
        "INVALID_VALUE", cuMemcpyBatchAsync_v2(to, from, sizes, 0, attributes, first, 1, stream));
  }

  @Test
  void copies_between_contexts_of_one_device_are_copies(Cuda cuda) {
    cuda.ok(cuCtxGetCurrent(cuda.out));
    MemorySegment context = cuda.handle();
    long one = cuda.allocate(64);
    long two = cuda.allocate(64);
    cuda.upload(one, 5, 6, 7);
    cuda.ok(cuMemcpyPeer(two, context, one, context, 12));
    assertArrayEquals(new int[] {5, 6, 7}, cuda.download(two, 3));
  }
}
