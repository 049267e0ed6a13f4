package dev.culebra.emulator.cuda;

import static dev.culebra.bindings.cuda.cuda_h.CU_MEMHOSTALLOC_DEVICEMAP;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEMHOSTALLOC_PORTABLE;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEMHOSTALLOC_WRITECOMBINED;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEMORYTYPE_DEVICE;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEMORYTYPE_HOST;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEMPOOL_ATTR_RELEASE_THRESHOLD;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEMPOOL_ATTR_REUSE_ALLOW_OPPORTUNISTIC;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEMPOOL_ATTR_USED_MEM_CURRENT;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEM_ADVISE_SET_ACCESSED_BY;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEM_ADVISE_SET_PREFERRED_LOCATION;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEM_ADVISE_SET_READ_MOSTLY;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEM_ALLOCATION_TYPE_PINNED;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEM_ATTACH_GLOBAL;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEM_LOCATION_TYPE_DEVICE;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEM_LOCATION_TYPE_HOST;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEM_RANGE_ATTRIBUTE_ACCESSED_BY;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEM_RANGE_ATTRIBUTE_LAST_PREFETCH_LOCATION;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEM_RANGE_ATTRIBUTE_PREFERRED_LOCATION;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEM_RANGE_ATTRIBUTE_READ_MOSTLY;
import static dev.culebra.bindings.cuda.cuda_h.CU_POINTER_ATTRIBUTE_CONTEXT;
import static dev.culebra.bindings.cuda.cuda_h.CU_POINTER_ATTRIBUTE_DEVICE_POINTER;
import static dev.culebra.bindings.cuda.cuda_h.CU_POINTER_ATTRIBUTE_HOST_POINTER;
import static dev.culebra.bindings.cuda.cuda_h.CU_POINTER_ATTRIBUTE_IS_MANAGED;
import static dev.culebra.bindings.cuda.cuda_h.CU_POINTER_ATTRIBUTE_MEMORY_TYPE;
import static dev.culebra.bindings.cuda.cuda_h.CU_POINTER_ATTRIBUTE_RANGE_SIZE;
import static dev.culebra.bindings.cuda.cuda_h.CU_POINTER_ATTRIBUTE_RANGE_START_ADDR;
import static dev.culebra.bindings.cuda.cuda_h.CU_POINTER_ATTRIBUTE_SYNC_MEMOPS;
import static dev.culebra.bindings.cuda.cuda_h.cuCtxGetCurrent;
import static dev.culebra.bindings.cuda.cuda_h.cuCtxSynchronize;
import static dev.culebra.bindings.cuda.cuda_h.cuDeviceGetDefaultMemPool;
import static dev.culebra.bindings.cuda.cuda_h.cuMemAdvise_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuMemAllocAsync;
import static dev.culebra.bindings.cuda.cuda_h.cuMemAllocFromPoolAsync;
import static dev.culebra.bindings.cuda.cuda_h.cuMemAllocManaged;
import static dev.culebra.bindings.cuda.cuda_h.cuMemAllocPitch_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuMemAlloc_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuMemFreeAsync;
import static dev.culebra.bindings.cuda.cuda_h.cuMemFreeHost;
import static dev.culebra.bindings.cuda.cuda_h.cuMemFree_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuMemGetAddressRange_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuMemGetInfo_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuMemHostAlloc;
import static dev.culebra.bindings.cuda.cuda_h.cuMemHostGetDevicePointer_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuMemHostGetFlags;
import static dev.culebra.bindings.cuda.cuda_h.cuMemHostRegister_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuMemHostUnregister;
import static dev.culebra.bindings.cuda.cuda_h.cuMemPoolCreate;
import static dev.culebra.bindings.cuda.cuda_h.cuMemPoolDestroy;
import static dev.culebra.bindings.cuda.cuda_h.cuMemPoolGetAttribute;
import static dev.culebra.bindings.cuda.cuda_h.cuMemPoolSetAttribute;
import static dev.culebra.bindings.cuda.cuda_h.cuMemPoolTrimTo;
import static dev.culebra.bindings.cuda.cuda_h.cuMemPrefetchAsync_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuMemRangeGetAttribute;
import static dev.culebra.bindings.cuda.cuda_h.cuMemcpyDtoD_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuMemcpyDtoHAsync_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuMemsetD32Async;
import static dev.culebra.bindings.cuda.cuda_h.cuMemsetD32_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuMemsetD8_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuPointerGetAttribute;
import static dev.culebra.bindings.cuda.cuda_h.cuPointerGetAttributes;
import static dev.culebra.bindings.cuda.cuda_h.cuPointerSetAttribute;
import static dev.culebra.bindings.cuda.cuda_h.cuStreamSynchronize;
import static dev.culebra.emulator.cuda.Cuda.handle;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.culebra.bindings.cuda.CUmemLocation;
import dev.culebra.bindings.cuda.CUmemPoolProps;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(CudaExtension.class)
class MemoryTest {
  @Test
  void allocations_are_aligned_and_counted(Cuda cuda) {
    cuda.ok(cuMemGetInfo_v2(cuda.out, cuda.out.asSlice(8)));
    long free = cuda.number();
    long total = cuda.out.get(ValueLayout.JAVA_LONG, 8);
    assertTrue(free <= total);
    long address = cuda.allocate(64 << 20);
    assertEquals(0, address % 256);
    cuda.ok(cuMemGetInfo_v2(cuda.out, handle(0)));
    assertTrue(cuda.number() <= free - (64 << 20));
    cuda.ok(cuMemGetAddressRange_v2(cuda.out, cuda.out.asSlice(8), address + 12345));
    assertEquals(address, cuda.number());
    assertEquals(64 << 20, cuda.out.get(ValueLayout.JAVA_LONG, 8));
  }

  @Test
  void sizes_and_addresses_that_cannot_be_are_refused(Cuda cuda) {
    cuda.misuses();
    cuda.is("INVALID_VALUE", cuMemAlloc_v2(cuda.out, 0));
    cuda.is("OUT_OF_MEMORY", cuMemAlloc_v2(cuda.out, 1L << 50));
    cuda.is("OUT_OF_MEMORY", cuMemAlloc_v2(cuda.out, -1));
    cuda.is("INVALID_VALUE", cuMemAlloc_v2(handle(0), 16));
    cuda.ok(cuMemFree_v2(0));
    long address = cuda.allocate(4096);
    cuda.is("INVALID_VALUE", cuMemFree_v2(address + 8));
    cuda.is("INVALID_VALUE", cuMemFree_v2(12345));
    cuda.is("NOT_FOUND", cuMemGetAddressRange_v2(cuda.out, handle(0), 12345));
  }

  @Test
  void memory_is_freed_once(Cuda cuda) {
    cuda.misuses();
    cuda.ok(cuMemAlloc_v2(cuda.out, 4096));
    long address = cuda.number();
    cuda.ok(cuMemFree_v2(address));
    cuda.is("INVALID_VALUE", cuMemFree_v2(address));
  }

  @Test
  void rows_with_a_pitch_begin_at_aligned_addresses(Cuda cuda) {
    cuda.ok(cuMemAllocPitch_v2(cuda.out, cuda.out.asSlice(8), 1000, 7, 4));
    long address = cuda.number();
    long pitch = cuda.out.get(ValueLayout.JAVA_LONG, 8);
    assertTrue(pitch >= 1000 && pitch % 512 == 0, "pitch " + pitch);
    cuda.ok(cuMemsetD8_v2(address, (byte) 1, pitch * 7));
    cuda.ok(cuMemFree_v2(address));
    cuda.is("INVALID_VALUE", cuMemAllocPitch_v2(cuda.out, cuda.out.asSlice(8), 1000, 7, 3));
    cuda.is("INVALID_VALUE", cuMemAllocPitch_v2(cuda.out, cuda.out.asSlice(8), 0, 7, 4));
  }

  @Test
  void pinned_memory_is_the_devices_at_the_same_address(Cuda cuda) {
    MemorySegment pinned = cuda.pinned(4096);
    cuda.ok(cuMemHostGetDevicePointer_v2(cuda.out, pinned, 0));
    assertEquals(pinned.address(), cuda.number());
    long device = cuda.allocate(4096);
    cuda.upload(device, 1, 2, 3);
    cuda.ok(cuMemcpyDtoD_v2(pinned.address(), device, 12));
    cuda.ok(cuCtxSynchronize());
    assertArrayEquals(new int[] {1, 2, 3}, pinned.asSlice(0, 12).toArray(ValueLayout.JAVA_INT));
    cuda.is("INVALID_VALUE", cuMemHostGetDevicePointer_v2(cuda.out, cuda.arena.allocate(64), 0));
    cuda.ok(cuMemHostAlloc(cuda.out, 100, CU_MEMHOSTALLOC_PORTABLE()));
    MemorySegment portable = cuda.handle();
    cuda.ok(cuMemHostGetFlags(cuda.out, portable));
    assertEquals(CU_MEMHOSTALLOC_DEVICEMAP(), cuda.integer());
    cuda.ok(cuMemFreeHost(portable));
    int all =
        CU_MEMHOSTALLOC_PORTABLE() | CU_MEMHOSTALLOC_DEVICEMAP() | CU_MEMHOSTALLOC_WRITECOMBINED();
    cuda.ok(cuMemHostAlloc(cuda.out, 100, all));
    MemorySegment combined = cuda.handle();
    cuda.ok(cuMemHostGetFlags(cuda.out, combined));
    assertEquals(all, cuda.integer());
    cuda.ok(cuMemFreeHost(combined));
    cuda.is("INVALID_VALUE", cuMemHostAlloc(cuda.out, 100, 0x100));
  }

  @Test
  void registered_memory_is_pinned_until_it_is_unregistered(Cuda cuda) {
    cuda.misuses();
    MemorySegment memory = cuda.arena.allocate(1 << 16, 4096);
    cuda.ok(cuMemHostRegister_v2(memory, memory.byteSize(), 0));
    cuda.is("HOST_MEMORY_ALREADY_REGISTERED", cuMemHostRegister_v2(memory, memory.byteSize(), 0));
    cuda.ok(cuMemHostGetDevicePointer_v2(cuda.out, memory.asSlice(8), 0));
    cuda.ok(cuMemHostGetFlags(cuda.out, memory));
    assertEquals(CU_MEMHOSTALLOC_DEVICEMAP(), cuda.integer());
    cuda.is("INVALID_VALUE", cuMemHostRegister_v2(cuda.pinned(64), 64, 0));
    cuda.ok(cuMemsetD32_v2(memory.address(), 7, 4));
    cuda.ok(cuCtxSynchronize());
    assertEquals(7, memory.get(ValueLayout.JAVA_INT, 12));
    cuda.is("INVALID_VALUE", cuMemHostUnregister(memory.asSlice(64)));
    cuda.is("INVALID_VALUE", cuMemHostUnregister(cuda.pinned(64)));
    cuda.ok(cuMemHostUnregister(memory));
    cuda.is("HOST_MEMORY_NOT_REGISTERED", cuMemHostUnregister(memory));
    cuda.is("INVALID_VALUE", cuMemHostRegister_v2(memory, 0, 0));
    cuda.is("INVALID_VALUE", cuMemHostRegister_v2(handle(0), 64, 0));
  }

  @Test
  void managed_memory_is_used_by_both_sides(Cuda cuda) {
    cuda.ok(cuMemAllocManaged(cuda.out, 4096, CU_MEM_ATTACH_GLOBAL()));
    long address = cuda.number();
    MemorySegment bytes = Cuda.memory(handle(address), 4096);
    bytes.set(ValueLayout.JAVA_INT, 0, 5);
    assertEquals(5, cuda.download(address, 1)[0]);
    cuda.ok(cuMemsetD32_v2(address, 9, 1024));
    cuda.ok(cuCtxSynchronize());
    assertEquals(9, bytes.get(ValueLayout.JAVA_INT, 4092));
    cuda.ok(cuPointerGetAttribute(cuda.out, CU_POINTER_ATTRIBUTE_IS_MANAGED(), address));
    assertEquals(1, cuda.integer());
    cuda.is("INVALID_VALUE", cuMemHostGetDevicePointer_v2(cuda.out, bytes, 0));
    cuda.ok(cuMemFree_v2(address));
    cuda.is("INVALID_VALUE", cuMemAllocManaged(cuda.out, 4096, 0));
  }

  @Test
  void what_is_said_about_managed_memory_is_kept_by_page(Cuda cuda) {
    cuda.ok(cuMemAllocManaged(cuda.out, 3 << 21, CU_MEM_ATTACH_GLOBAL()));
    long address = cuda.number();
    MemorySegment device = location(cuda, CU_MEM_LOCATION_TYPE_DEVICE());
    MemorySegment host = location(cuda, CU_MEM_LOCATION_TYPE_HOST());
    long half = 1 << 21;
    cuda.ok(cuMemAdvise_v2(address, half, CU_MEM_ADVISE_SET_PREFERRED_LOCATION(), device));
    cuda.ok(cuMemAdvise_v2(address + half, half, CU_MEM_ADVISE_SET_PREFERRED_LOCATION(), host));
    int preferred = CU_MEM_RANGE_ATTRIBUTE_PREFERRED_LOCATION();
    assertEquals(0, range(cuda, preferred, address, half));
    assertEquals(-1, range(cuda, preferred, address + half, half));
    assertEquals(-2, range(cuda, preferred, address, 2 * half));
    cuda.ok(cuMemAdvise_v2(address, half, CU_MEM_ADVISE_SET_READ_MOSTLY(), device));
    assertEquals(1, range(cuda, CU_MEM_RANGE_ATTRIBUTE_READ_MOSTLY(), address, half));
    assertEquals(0, range(cuda, CU_MEM_RANGE_ATTRIBUTE_READ_MOSTLY(), address, 2 * half));
    int prefetched = CU_MEM_RANGE_ATTRIBUTE_LAST_PREFETCH_LOCATION();
    assertEquals(-2, range(cuda, prefetched, address, half));
    cuda.ok(cuMemPrefetchAsync_v2(address, half, device, 0, handle(0)));
    assertEquals(0, range(cuda, prefetched, address, half));
    cuda.ok(cuMemAdvise_v2(address, half, CU_MEM_ADVISE_SET_ACCESSED_BY(), device));
    int accessed = CU_MEM_RANGE_ATTRIBUTE_ACCESSED_BY();
    cuda.ok(cuMemRangeGetAttribute(cuda.out, 8, accessed, address, half));
    assertEquals(0, cuda.integer());
    assertEquals(-2, cuda.out.get(ValueLayout.JAVA_INT, 4));
    cuda.is("INVALID_VALUE", cuMemAdvise_v2(address, half, 77, device));
    cuda.is("INVALID_VALUE", cuMemRangeGetAttribute(cuda.out, 8, preferred, address, half));
    cuda.ok(cuMemFree_v2(address));
  }

  private static MemorySegment location(Cuda cuda, int type) {
    MemorySegment location = CUmemLocation.allocate(cuda.arena).fill((byte) 0);
    CUmemLocation.type(location, type);
    return location;
  }

  private static int range(Cuda cuda, int attribute, long address, long bytes) {
    cuda.ok(cuMemRangeGetAttribute(cuda.out, 4, attribute, address, bytes));
    return cuda.integer();
  }

  @Test
  void attributes_of_a_pointer_tell_what_it_points_at(Cuda cuda) {
    long device = cuda.allocate(1000);
    MemorySegment pinned = cuda.pinned(1000);
    cuda.ok(cuPointerGetAttribute(cuda.out, CU_POINTER_ATTRIBUTE_MEMORY_TYPE(), device + 4));
    assertEquals(CU_MEMORYTYPE_DEVICE(), cuda.integer());
    cuda.ok(cuPointerGetAttribute(cuda.out, CU_POINTER_ATTRIBUTE_MEMORY_TYPE(), pinned.address()));
    assertEquals(CU_MEMORYTYPE_HOST(), cuda.integer());
    cuda.ok(cuPointerGetAttribute(cuda.out, CU_POINTER_ATTRIBUTE_RANGE_START_ADDR(), device + 4));
    assertEquals(device, cuda.number());
    cuda.ok(cuPointerGetAttribute(cuda.out, CU_POINTER_ATTRIBUTE_RANGE_SIZE(), device + 4));
    assertEquals(1000, cuda.number());
    cuda.ok(cuPointerGetAttribute(cuda.out, CU_POINTER_ATTRIBUTE_CONTEXT(), device));
    long context = cuda.number();
    cuda.ok(cuCtxGetCurrent(cuda.out));
    assertEquals(cuda.number(), context);
    cuda.is(
        "INVALID_VALUE",
        cuPointerGetAttribute(cuda.out, CU_POINTER_ATTRIBUTE_HOST_POINTER(), device));
    cuda.is(
        "INVALID_VALUE",
        cuPointerGetAttribute(
            cuda.out, CU_POINTER_ATTRIBUTE_MEMORY_TYPE(), cuda.arena.allocate(64).address()));
    cuda.is("INVALID_VALUE", cuPointerGetAttribute(cuda.out, 99, device));
  }

  @Test
  void whether_synchronous_copies_wait_is_kept_by_allocation(Cuda cuda) {
    int attribute = CU_POINTER_ATTRIBUTE_SYNC_MEMOPS();
    long device = cuda.allocate(1000);
    long pinned = cuda.pinned(1000).address();
    cuda.ok(cuPointerGetAttribute(cuda.out, attribute, device + 8));
    assertEquals(1, cuda.integer());
    cuda.ok(cuPointerGetAttribute(cuda.out, attribute, pinned));
    assertEquals(0, cuda.integer());
    MemorySegment one = cuda.arena.allocateFrom(ValueLayout.JAVA_INT, 1);
    cuda.ok(cuPointerSetAttribute(one, attribute, device));
    cuda.ok(cuPointerSetAttribute(one, attribute, pinned));
    cuda.ok(cuPointerGetAttribute(cuda.out, attribute, pinned + 8));
    assertEquals(1, cuda.integer());
    cuda.is(
        "INVALID_VALUE", cuPointerSetAttribute(one, CU_POINTER_ATTRIBUTE_MEMORY_TYPE(), device));
    long pageable = cuda.arena.allocate(64).address();
    cuda.is("INVALID_VALUE", cuPointerSetAttribute(one, attribute, pageable));
  }

  @Test
  void several_attributes_of_an_unknown_pointer_say_that_it_is_the_hosts(Cuda cuda) {
    MemorySegment attributes =
        cuda.arena.allocateFrom(
            ValueLayout.JAVA_INT,
            CU_POINTER_ATTRIBUTE_MEMORY_TYPE(),
            CU_POINTER_ATTRIBUTE_DEVICE_POINTER(),
            CU_POINTER_ATTRIBUTE_HOST_POINTER(),
            CU_POINTER_ATTRIBUTE_RANGE_SIZE());
    MemorySegment results = cuda.arena.allocate(32).fill((byte) 1);
    MemorySegment places = cuda.arena.allocate(32);
    for (int i = 0; i < 32; i += 8) {
      places.set(ValueLayout.ADDRESS, i, results.asSlice(i));
    }
    long unknown = cuda.arena.allocate(64).address();
    cuda.ok(cuPointerGetAttributes(4, attributes, places, unknown));
    assertEquals(0, results.get(ValueLayout.JAVA_INT, 0));
    assertEquals(0, results.get(ValueLayout.JAVA_LONG, 8));
    assertEquals(unknown, results.get(ValueLayout.JAVA_LONG, 16));
    assertEquals(0x0101010101010101L, results.get(ValueLayout.JAVA_LONG, 24));
    long device = cuda.allocate(64);
    cuda.ok(cuPointerGetAttributes(4, attributes, places, device));
    assertEquals(CU_MEMORYTYPE_DEVICE(), results.get(ValueLayout.JAVA_INT, 0));
    assertEquals(device, results.get(ValueLayout.JAVA_LONG, 8));
    assertEquals(0, results.get(ValueLayout.JAVA_LONG, 16));
    assertEquals(64, results.get(ValueLayout.JAVA_LONG, 24));
  }

  @Test
  void memory_of_a_pool_is_allocated_and_freed_in_a_streams_order(Cuda cuda) {
    MemorySegment stream = cuda.stream(1);
    cuda.ok(cuDeviceGetDefaultMemPool(cuda.out, 0));
    MemorySegment pool = cuda.handle();
    cuda.ok(cuMemAllocAsync(cuda.out, 4096, stream));
    long address = cuda.number();
    cuda.ok(cuMemsetD32Async(address, 3, 1024, stream));
    cuda.ok(cuMemPoolGetAttribute(pool, CU_MEMPOOL_ATTR_USED_MEM_CURRENT(), cuda.out));
    assertTrue(cuda.number() >= 4096);
    MemorySegment pinned = cuda.pinned(4);
    cuda.ok(cuMemcpyDtoHAsync_v2(pinned, address, 4, stream));
    cuda.ok(cuMemFreeAsync(address, stream));
    cuda.ok(cuStreamSynchronize(stream));
    assertEquals(3, pinned.get(ValueLayout.JAVA_INT, 0));
    cuda.ok(cuMemPoolGetAttribute(pool, CU_MEMPOOL_ATTR_USED_MEM_CURRENT(), cuda.out));
    assertEquals(0, cuda.number());
    cuda.ok(cuMemPoolTrimTo(pool, 0));
    cuda.ok(cuMemAllocAsync(cuda.out, 0, stream));
    cuda.ok(cuMemFreeAsync(0, stream));
  }

  @Test
  void pools_keep_their_attributes_and_their_limit(Cuda cuda) {
    MemorySegment properties = CUmemPoolProps.allocate(cuda.arena).fill((byte) 0);
    CUmemPoolProps.allocType(properties, CU_MEM_ALLOCATION_TYPE_PINNED());
    CUmemLocation.type(CUmemPoolProps.location(properties), CU_MEM_LOCATION_TYPE_DEVICE());
    cuda.ok(cuMemPoolCreate(cuda.out, properties));
    MemorySegment pool = cuda.handle();
    MemorySegment value = cuda.arena.allocateFrom(ValueLayout.JAVA_LONG, 1L << 30);
    cuda.ok(cuMemPoolSetAttribute(pool, CU_MEMPOOL_ATTR_RELEASE_THRESHOLD(), value));
    cuda.ok(cuMemPoolGetAttribute(pool, CU_MEMPOOL_ATTR_RELEASE_THRESHOLD(), cuda.out));
    assertEquals(1L << 30, cuda.number());
    cuda.ok(cuMemPoolGetAttribute(pool, CU_MEMPOOL_ATTR_REUSE_ALLOW_OPPORTUNISTIC(), cuda.out));
    assertEquals(1, cuda.integer());
    cuda.ok(cuMemAllocFromPoolAsync(cuda.out, 1 << 20, pool, handle(0)));
    long address = cuda.number();
    cuda.ok(cuMemFreeAsync(address, handle(0)));
    cuda.ok(cuCtxSynchronize());
    cuda.ok(cuMemPoolDestroy(pool));
    cuda.is(
        "INVALID_VALUE",
        cuMemPoolCreate(cuda.out, CUmemPoolProps.allocate(cuda.arena).fill((byte) 0)));
  }

  @Test
  void memory_that_was_freed_is_given_again_only_after_long(Cuda cuda) {
    assumeFalse(Cuda.REAL, "a real driver gives the same address again at once");
    cuda.ok(cuMemAlloc_v2(cuda.out, 4096));
    long first = cuda.number();
    cuda.ok(cuMemFree_v2(first));
    assertTrue(cuda.allocate(4096) != first);
  }
}
