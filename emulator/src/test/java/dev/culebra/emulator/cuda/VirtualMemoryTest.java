package dev.culebra.emulator.cuda;

import static dev.culebra.bindings.cuda.cuda_h.CU_MEM_ACCESS_FLAGS_PROT_NONE;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEM_ACCESS_FLAGS_PROT_READ;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEM_ACCESS_FLAGS_PROT_READWRITE;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEM_ALLOCATION_TYPE_PINNED;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEM_ALLOC_GRANULARITY_MINIMUM;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEM_LOCATION_TYPE_DEVICE;
import static dev.culebra.bindings.cuda.cuda_h.cuCtxSynchronize;
import static dev.culebra.bindings.cuda.cuda_h.cuMemAddressFree;
import static dev.culebra.bindings.cuda.cuda_h.cuMemAddressReserve;
import static dev.culebra.bindings.cuda.cuda_h.cuMemCreate;
import static dev.culebra.bindings.cuda.cuda_h.cuMemFree_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuMemGetAccess;
import static dev.culebra.bindings.cuda.cuda_h.cuMemGetAllocationGranularity;
import static dev.culebra.bindings.cuda.cuda_h.cuMemGetInfo_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuMemMap;
import static dev.culebra.bindings.cuda.cuda_h.cuMemRelease;
import static dev.culebra.bindings.cuda.cuda_h.cuMemRetainAllocationHandle;
import static dev.culebra.bindings.cuda.cuda_h.cuMemSetAccess;
import static dev.culebra.bindings.cuda.cuda_h.cuMemUnmap;
import static dev.culebra.bindings.cuda.cuda_h.cuMemsetD32_v2;
import static dev.culebra.emulator.cuda.Cuda.handle;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.culebra.bindings.cuda.CUmemAccessDesc;
import dev.culebra.bindings.cuda.CUmemAllocationProp;
import dev.culebra.bindings.cuda.CUmemLocation;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(CudaExtension.class)
class VirtualMemoryTest {
  private static MemorySegment properties(Cuda cuda) {
    MemorySegment properties = cuda.arena.allocate(CUmemAllocationProp.layout());
    CUmemAllocationProp.type(properties, CU_MEM_ALLOCATION_TYPE_PINNED());
    CUmemLocation.type(CUmemAllocationProp.location(properties), CU_MEM_LOCATION_TYPE_DEVICE());
    return properties;
  }

  private static long unit(Cuda cuda) {
    cuda.ok(
        cuMemGetAllocationGranularity(
            cuda.out, properties(cuda), CU_MEM_ALLOC_GRANULARITY_MINIMUM()));
    return cuda.number();
  }

  private static long create(Cuda cuda, long bytes) {
    cuda.ok(cuMemCreate(cuda.out, bytes, properties(cuda), 0));
    return cuda.number();
  }

  private static long reserve(Cuda cuda, long bytes) {
    cuda.ok(cuMemAddressReserve(cuda.out, bytes, 0, 0, 0));
    return cuda.number();
  }

  private static int allow(Cuda cuda, long address, long bytes, int flags) {
    MemorySegment access = cuda.arena.allocate(CUmemAccessDesc.layout());
    CUmemLocation.type(CUmemAccessDesc.location(access), CU_MEM_LOCATION_TYPE_DEVICE());
    CUmemAccessDesc.flags(access, flags);
    return cuMemSetAccess(address, bytes, access, 1);
  }

  private static void map(Cuda cuda, long address, long bytes, long handle) {
    cuda.ok(cuMemMap(address, bytes, 0, handle, 0));
    cuda.ok(allow(cuda, address, bytes, CU_MEM_ACCESS_FLAGS_PROT_READWRITE()));
  }

  private static long free(Cuda cuda) {
    cuda.ok(cuMemGetInfo_v2(cuda.out, handle(0)));
    return cuda.number();
  }

  @Test
  void a_segment_grows_where_it_is_and_kernels_cross_its_seams(Cuda cuda) {
    MemorySegment fill = cuda.kernel("fill");
    long unit = unit(cuda);
    long free = free(cuda);
    long segment = reserve(cuda, 4 * unit);
    long one = create(cuda, unit);
    long two = create(cuda, 2 * unit);
    assertEquals(free - 3 * unit, free(cuda));
    map(cuda, segment, unit, one);
    cuda.upload(segment + unit - 8, 1, 2);
    map(cuda, segment + unit, 2 * unit, two);
    cuda.ok(cuda.launch(fill, 1, 64, 0, handle(0), segment + unit - 64, 32, 9));
    int[] nines = new int[32];
    Arrays.fill(nines, 9);
    assertArrayEquals(nines, cuda.download(segment + unit - 64, 32));
    cuda.ok(cuMemUnmap(segment, 3 * unit));
    cuda.ok(cuMemRelease(one));
    cuda.ok(cuMemRelease(two));
    cuda.ok(cuMemAddressFree(segment, 4 * unit));
    assertEquals(free, free(cuda));
  }

  @Test
  void memory_keeps_its_bytes_wherever_it_is_mapped(Cuda cuda) {
    long unit = unit(cuda);
    long segment = reserve(cuda, 2 * unit);
    long memory = create(cuda, unit);
    map(cuda, segment, unit, memory);
    cuda.upload(segment, 5, 6);
    cuda.ok(cuMemUnmap(segment, unit));
    map(cuda, segment + unit, unit, memory);
    assertArrayEquals(new int[] {5, 6}, cuda.download(segment + unit, 2));
    map(cuda, segment, unit, memory);
    cuda.upload(segment + 4, 8);
    assertArrayEquals(new int[] {5, 8}, cuda.download(segment + unit, 2));
    cuda.ok(cuMemUnmap(segment, 2 * unit));
    cuda.ok(cuMemRelease(memory));
    cuda.ok(cuMemAddressFree(segment, 2 * unit));
  }

  @Test
  void memory_lives_until_it_is_neither_held_nor_mapped(Cuda cuda) {
    cuda.misuses();
    long unit = unit(cuda);
    long free = free(cuda);
    long segment = reserve(cuda, unit);
    long memory = create(cuda, unit);
    map(cuda, segment, unit, memory);
    cuda.ok(cuMemRetainAllocationHandle(cuda.out, handle(segment + 4)));
    assertEquals(memory, cuda.number());
    cuda.ok(cuMemRelease(memory));
    cuda.ok(cuMemRelease(memory));
    cuda.upload(segment, 7);
    assertEquals(7, cuda.download(segment, 1)[0]);
    assertEquals(free - unit, free(cuda));
    cuda.ok(cuMemUnmap(segment, unit));
    assertEquals(free, free(cuda));
    cuda.is("INVALID_VALUE", cuMemRetainAllocationHandle(cuda.out, handle(segment)));
    cuda.ok(cuMemAddressFree(segment, unit));
  }

  @Test
  void access_is_what_was_allowed(Cuda cuda) {
    cuda.misuses();
    long unit = unit(cuda);
    long segment = reserve(cuda, unit);
    long memory = create(cuda, unit);
    MemorySegment location = cuda.arena.allocate(CUmemLocation.layout());
    CUmemLocation.type(location, CU_MEM_LOCATION_TYPE_DEVICE());
    cuda.is("INVALID_VALUE", allow(cuda, segment, unit, CU_MEM_ACCESS_FLAGS_PROT_READ()));
    cuda.ok(cuMemMap(segment, unit, 0, memory, 0));
    for (int flags :
        new int[] {
          CU_MEM_ACCESS_FLAGS_PROT_NONE(),
          CU_MEM_ACCESS_FLAGS_PROT_READWRITE(),
          CU_MEM_ACCESS_FLAGS_PROT_READ()
        }) {
      if (flags != CU_MEM_ACCESS_FLAGS_PROT_NONE()) {
        cuda.ok(allow(cuda, segment, unit, flags));
      }
      cuda.ok(cuMemGetAccess(cuda.out, location, segment));
      assertEquals(flags, cuda.number());
    }
    cuda.ok(cuda.launch(cuda.kernel("store"), 1, 1, 0, handle(0), segment));
    cuda.is("ILLEGAL_ADDRESS", cuCtxSynchronize());
  }

  @Test
  void kernels_may_not_touch_what_is_reserved_or_unmapped(Cuda cuda) {
    cuda.misuses();
    long unit = unit(cuda);
    long segment = reserve(cuda, 2 * unit);
    long memory = create(cuda, unit);
    map(cuda, segment, unit, memory);
    cuda.ok(cuda.launch(cuda.kernel("store"), 1, 1, 0, handle(0), segment));
    cuda.ok(cuCtxSynchronize());
    cuda.ok(cuda.launch(cuda.kernel("store"), 1, 1, 0, handle(0), segment + unit));
    cuda.is("ILLEGAL_ADDRESS", cuCtxSynchronize());
  }

  @Test
  void sizes_places_and_handles_have_to_fit(Cuda cuda) {
    cuda.misuses();
    long unit = unit(cuda);
    long segment = reserve(cuda, 4 * unit);
    long memory = create(cuda, 2 * unit);
    cuda.is("INVALID_VALUE", cuMemCreate(cuda.out, 1000, properties(cuda), 0));
    cuda.is("OUT_OF_MEMORY", cuMemCreate(cuda.out, 1L << 42, properties(cuda), 0));
    cuda.is("NOT_SUPPORTED", cuMemMap(segment, 4 * unit, 0, memory, 0));
    cuda.is("NOT_SUPPORTED", cuMemMap(segment, unit, 0, memory, 0));
    cuda.is("NOT_SUPPORTED", cuMemMap(segment, unit, unit, memory, 0));
    cuda.is("INVALID_VALUE", cuMemMap(segment + 512, 2 * unit, 0, memory, 0));
    cuda.is("INVALID_VALUE", cuMemMap(segment + 4 * unit, 2 * unit, 0, memory, 0));
    cuda.ok(cuMemMap(segment, 2 * unit, 0, memory, 0));
    cuda.is("INVALID_VALUE", cuMemMap(segment + unit, 2 * unit, 0, memory, 0));
    cuda.is("INVALID_VALUE", cuMemUnmap(segment, unit));
    cuda.is("INVALID_VALUE", cuMemAddressFree(segment, 4 * unit));
    cuda.is("INVALID_VALUE", cuMemFree_v2(segment));
    cuda.is("INVALID_VALUE", cuMemsetD32_v2(segment + 3 * unit, 1, 1));
    cuda.ok(allow(cuda, segment, 4 * unit, CU_MEM_ACCESS_FLAGS_PROT_READWRITE()));
    cuda.ok(cuMemUnmap(segment, 4 * unit));
    cuda.ok(cuMemUnmap(segment, 2 * unit));
    cuda.ok(cuMemRelease(memory));
    cuda.is("INVALID_VALUE", cuMemRelease(memory));
    cuda.ok(cuMemAddressFree(segment, 4 * unit));
  }
}
