package dev.culebra.emulator.cuda;

import static dev.culebra.bindings.cuda.cuda_h.CUDA_ERROR_ILLEGAL_ADDRESS;
import static dev.culebra.bindings.cuda.cuda_h.CUDA_ERROR_OUT_OF_MEMORY;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_ASYNC_ENGINE_COUNT;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_CAN_USE_STREAM_MEM_OPS_V1;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_CLOCK_RATE;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAX;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAX_BLOCKS_PER_MULTIPROCESSOR;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Z;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_X;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Y;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAX_PERSISTING_L2_CACHE_SIZE;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_RESERVED_SHARED_MEMORY_PER_BLOCK;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_SINGLE_TO_DOUBLE_PRECISION_PERF_RATIO;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_UNIFIED_ADDRESSING;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_VIRTUAL_MEMORY_MANAGEMENT_SUPPORTED;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_WARP_SIZE;
import static dev.culebra.bindings.cuda.cuda_h.cuCtxGetCurrent;
import static dev.culebra.bindings.cuda.cuda_h.cuDeviceGet;
import static dev.culebra.bindings.cuda.cuda_h.cuDeviceGetAttribute;
import static dev.culebra.bindings.cuda.cuda_h.cuDeviceGetByPCIBusId;
import static dev.culebra.bindings.cuda.cuda_h.cuDeviceGetCount;
import static dev.culebra.bindings.cuda.cuda_h.cuDeviceGetName;
import static dev.culebra.bindings.cuda.cuda_h.cuDeviceGetPCIBusId;
import static dev.culebra.bindings.cuda.cuda_h.cuDeviceGetUuid_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuDeviceTotalMem_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuDriverGetVersion;
import static dev.culebra.bindings.cuda.cuda_h.cuGetErrorName;
import static dev.culebra.bindings.cuda.cuda_h.cuGetErrorString;
import static dev.culebra.bindings.cuda.cuda_h.cuGetProcAddress_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuInit;
import static dev.culebra.bindings.cuda.cuda_h.cuMemAlloc_v2;
import static dev.culebra.emulator.cuda.Cuda.handle;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.culebra.emulator.driver.EmulatedDriver;
import dev.culebra.emulator.profile.DeviceProfile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(CudaExtension.class)
class DeviceTest {
  private static int attribute(Cuda cuda, int attribute) {
    cuda.ok(cuDeviceGetAttribute(cuda.out, attribute, 0));
    return cuda.integer();
  }

  @Test
  void nothing_works_before_initialisation() {
    assumeFalse(Cuda.REAL, "a process initialises a real driver once");
    try (Cuda cuda = Cuda.start(Cuda.options())) {
      EmulatedDriver.reset(Cuda.options());
      cuda.is("NOT_INITIALIZED", cuDeviceGetCount(cuda.out));
      cuda.is("NOT_INITIALIZED", cuDeviceGet(cuda.out, 0));
      cuda.is("NOT_INITIALIZED", cuMemAlloc_v2(cuda.out, 4));
      cuda.is("NOT_INITIALIZED", cuCtxGetCurrent(cuda.out));
      cuda.is("INVALID_VALUE", cuInit(1));
      cuda.ok(cuDriverGetVersion(cuda.out));
      cuda.ok(cuInit(0));
      cuda.ok(cuInit(0));
      cuda.ok(cuDeviceGetCount(cuda.out));
    }
  }

  @Test
  void there_is_one_device_and_no_other(Cuda cuda) {
    cuda.ok(cuDeviceGetCount(cuda.out));
    assertEquals(1, cuda.integer());
    cuda.is("INVALID_DEVICE", cuDeviceGet(cuda.out, 1));
    cuda.is("INVALID_DEVICE", cuDeviceGet(cuda.out, -1));
    cuda.is("INVALID_DEVICE", cuDeviceTotalMem_v2(cuda.out, 1));
    cuda.is("INVALID_DEVICE", cuDeviceGetName(cuda.out, 100, 7));
    cuda.is("INVALID_VALUE", cuDeviceGet(handle(0), 0));
    cuda.is("INVALID_VALUE", cuDeviceGetCount(handle(0)));
  }

  @Test
  void attributes_describe_a_device_that_could_be(Cuda cuda) {
    assertEquals(32, attribute(cuda, CU_DEVICE_ATTRIBUTE_WARP_SIZE()));
    assertEquals(1024, attribute(cuda, CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK()));
    assertEquals(1, attribute(cuda, CU_DEVICE_ATTRIBUTE_VIRTUAL_MEMORY_MANAGEMENT_SUPPORTED()));
    assertEquals(0, attribute(cuda, CU_DEVICE_ATTRIBUTE_CAN_USE_STREAM_MEM_OPS_V1()));
    assertEquals(64, attribute(cuda, CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Z()));
    assertEquals(Integer.MAX_VALUE, attribute(cuda, CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_X()));
    assertEquals(65535, attribute(cuda, CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Y()));
    assertEquals(49152, attribute(cuda, CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK()));
    int optIn = attribute(cuda, CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN());
    int reserved = attribute(cuda, CU_DEVICE_ATTRIBUTE_RESERVED_SHARED_MEMORY_PER_BLOCK());
    assertEquals(
        attribute(cuda, CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR()),
        optIn + reserved);
    assertEquals(1, attribute(cuda, CU_DEVICE_ATTRIBUTE_UNIFIED_ADDRESSING()));
    for (int attribute = 1; attribute < CU_DEVICE_ATTRIBUTE_MAX(); attribute++) {
      cuda.ok(cuDeviceGetAttribute(cuda.out, attribute, 0));
    }
    cuda.is("INVALID_VALUE", cuDeviceGetAttribute(cuda.out, 0, 0));
    cuda.is("INVALID_VALUE", cuDeviceGetAttribute(cuda.out, 100_000, 0));
    cuda.is("INVALID_VALUE", cuDeviceGetAttribute(handle(0), 1, 0));
    cuda.is("INVALID_DEVICE", cuDeviceGetAttribute(cuda.out, 1, 3));
  }

  @Test
  void attributes_of_a_hopper_equal_those_of_the_real_one(Cuda cuda) {
    DeviceProfile profile = DeviceProfile.H100;
    if (Cuda.REAL) {
      cuda.ok(cuDeviceGetName(cuda.out, 100, 0));
      assumeTrue(cuda.out.getString(0).contains("H100"), "another device");
    }
    assertEquals(profile.major(), attribute(cuda, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR()));
    assertEquals(profile.minor(), attribute(cuda, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR()));
    assertEquals(
        profile.multiprocessors(), attribute(cuda, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT()));
    assertEquals(profile.clockKilohertz(), attribute(cuda, CU_DEVICE_ATTRIBUTE_CLOCK_RATE()));
    assertEquals(
        profile.memoryClockKilohertz(), attribute(cuda, CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE()));
    assertEquals(
        profile.memoryBusBits(), attribute(cuda, CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH()));
    assertEquals(profile.l2Bytes(), attribute(cuda, CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE()));
    assertEquals(
        profile.persistingL2Bytes(),
        attribute(cuda, CU_DEVICE_ATTRIBUTE_MAX_PERSISTING_L2_CACHE_SIZE()));
    assertEquals(profile.copyEngines(), attribute(cuda, CU_DEVICE_ATTRIBUTE_ASYNC_ENGINE_COUNT()));
    assertEquals(
        profile.multiprocessor().threads(),
        attribute(cuda, CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR()));
    assertEquals(
        profile.multiprocessor().blocks(),
        attribute(cuda, CU_DEVICE_ATTRIBUTE_MAX_BLOCKS_PER_MULTIPROCESSOR()));
    assertEquals(
        profile.multiprocessor().sharedBytesPerBlockOptIn(),
        attribute(cuda, CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN()));
    assertEquals(
        profile.rates().fp32() / profile.rates().fp64(),
        attribute(cuda, CU_DEVICE_ATTRIBUTE_SINGLE_TO_DOUBLE_PRECISION_PERF_RATIO()));
  }

  @Test
  void each_profile_is_the_device_that_it_says() {
    assumeFalse(Cuda.REAL, "profiles are the emulator's");
    for (DeviceProfile profile : DeviceProfile.ALL) {
      try (Cuda cuda = Cuda.start(Cuda.options().with(profile))) {
        cuda.ok(cuDeviceGetName(cuda.out, 100, 0));
        assertEquals(profile.displayName(), cuda.out.getString(0));
        assertEquals(
            profile.architecture(),
            10 * attribute(cuda, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR())
                + attribute(cuda, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR()));
        cuda.ok(cuDeviceTotalMem_v2(cuda.out, 0));
        assertEquals(profile.memoryBytes(), cuda.number());
      }
    }
  }

  @Test
  void a_name_is_cut_where_there_is_no_room_for_all_of_it(Cuda cuda) {
    cuda.ok(cuDeviceGetName(cuda.out, 100, 0));
    String name = cuda.out.getString(0);
    MemorySegment small = cuda.arena.allocate(8).fill((byte) 'x');
    cuda.ok(cuDeviceGetName(small, 7, 0));
    assertEquals(name.substring(0, 6), small.getString(0));
    assertEquals('x', small.get(ValueLayout.JAVA_BYTE, 7));
  }

  @Test
  void a_device_is_found_again_by_its_bus_id_and_has_one_uuid(Cuda cuda) {
    MemorySegment id = cuda.arena.allocate(32);
    cuda.ok(cuDeviceGetPCIBusId(id, 32, 0));
    cuda.out.set(ValueLayout.JAVA_INT, 0, -1);
    cuda.ok(cuDeviceGetByPCIBusId(cuda.out, id));
    assertEquals(0, cuda.integer());
    MemorySegment one = cuda.arena.allocate(16);
    MemorySegment two = cuda.arena.allocate(16);
    cuda.ok(cuDeviceGetUuid_v2(one, 0));
    cuda.ok(cuDeviceGetUuid_v2(two, 0));
    assertEquals(-1, one.mismatch(two));
    assertFalse(Arrays.equals(new byte[16], one.toArray(ValueLayout.JAVA_BYTE)));
  }

  @Test
  void every_status_has_a_name_and_a_text(Cuda cuda) {
    cuda.ok(cuGetErrorName(CUDA_ERROR_ILLEGAL_ADDRESS(), cuda.out));
    assertEquals("CUDA_ERROR_ILLEGAL_ADDRESS", cuda.string());
    cuda.ok(cuGetErrorString(CUDA_ERROR_OUT_OF_MEMORY(), cuda.out));
    assertEquals("out of memory", cuda.string());
    cuda.ok(cuGetErrorString(0, cuda.out));
    assertEquals("no error", cuda.string());
    cuda.is("INVALID_VALUE", cuGetErrorName(12345, cuda.out));
    assertEquals(0, cuda.number());
    cuda.is("INVALID_VALUE", cuGetErrorString(12345, cuda.out));
  }

  @Test
  void functions_are_found_by_name_and_can_be_called(Cuda cuda) {
    MemorySegment status = cuda.arena.allocate(ValueLayout.JAVA_INT);
    cuda.ok(cuGetProcAddress_v2(cuda.text("cuMemAlloc"), cuda.out, 13000, 0, status));
    assertTrue(cuda.number() != 0);
    assertEquals(0, status.get(ValueLayout.JAVA_INT, 0));
    long newest = cuda.number();
    cuda.ok(cuGetProcAddress_v2(cuda.text("cuMemAlloc"), cuda.out, 3010, 0, status));
    assertTrue(cuda.number() != 0 && cuda.number() != newest);
    cuda.ok(cuGetProcAddress_v2(cuda.text("cuLaunchKernel"), cuda.out, 12000, 2, status));
    assertTrue(cuda.number() != 0);
    for (String excludedFromBindings : new String[] {"cuTexObjectCreate", "cuArrayCreate"}) {
      cuda.ok(cuGetProcAddress_v2(cuda.text(excludedFromBindings), cuda.out, 13000, 0, status));
      assertTrue(cuda.number() != 0);
      assertEquals(0, status.get(ValueLayout.JAVA_INT, 0));
    }
    cuda.ok(cuGetProcAddress_v2(cuda.text("cuGraphCreate"), cuda.out, 9000, 0, status));
    assertEquals(0, cuda.number());
    assertEquals(2, status.get(ValueLayout.JAVA_INT, 0));
    cuda.ok(cuGetProcAddress_v2(cuda.text("cuNoSuchThing"), cuda.out, 13000, 0, status));
    assertEquals(0, cuda.number());
    assertEquals(1, status.get(ValueLayout.JAVA_INT, 0));
    cuda.ok(cuGetProcAddress_v2(cuda.text("cuNoSuchThing"), cuda.out, 13000, 0, handle(0)));
    assertEquals(0, cuda.number());
    cuda.is("INVALID_VALUE", cuGetProcAddress_v2(cuda.text("cuInit"), cuda.out, 99000, 0, status));
    cuda.is("INVALID_VALUE", cuGetProcAddress_v2(handle(0), cuda.out, 13000, 0, status));
    cuda.is("INVALID_VALUE", cuGetProcAddress_v2(cuda.text("cuInit"), handle(0), 13000, 0, status));
  }
}
