package dev.culebra.emulator.driver;

import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_ASYNC_ENGINE_COUNT;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_CAN_MAP_HOST_MEMORY;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_CAN_USE_64_BIT_STREAM_MEM_OPS;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_CAN_USE_HOST_POINTER_FOR_REGISTERED_MEM;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_CAN_USE_STREAM_WAIT_VALUE_NOR;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_CLOCK_RATE;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_CLUSTER_LAUNCH;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_COMPUTE_PREEMPTION_SUPPORTED;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_CONCURRENT_KERNELS;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_CONCURRENT_MANAGED_ACCESS;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_COOPERATIVE_LAUNCH;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_GLOBAL_L1_CACHE_SUPPORTED;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_GPU_OVERLAP;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_HOST_NUMA_ID;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_HOST_REGISTER_SUPPORTED;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_LOCAL_L1_CACHE_SUPPORTED;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MANAGED_MEMORY;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAX;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE1D_LAYERED_LAYERS;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE1D_LAYERED_WIDTH;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE1D_WIDTH;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE2D_HEIGHT;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE2D_LAYERED_HEIGHT;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE2D_LAYERED_LAYERS;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE2D_LAYERED_WIDTH;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE2D_WIDTH;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE3D_DEPTH;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE3D_HEIGHT;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE3D_WIDTH;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACECUBEMAP_LAYERED_LAYERS;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACECUBEMAP_LAYERED_WIDTH;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACECUBEMAP_WIDTH;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE1D_LAYERED_LAYERS;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE1D_LAYERED_WIDTH;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE1D_LINEAR_WIDTH;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE1D_MIPMAPPED_WIDTH;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE1D_WIDTH;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_GATHER_HEIGHT;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_GATHER_WIDTH;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_HEIGHT;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_LAYERED_HEIGHT;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_LAYERED_LAYERS;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_LAYERED_WIDTH;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_LINEAR_HEIGHT;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_LINEAR_PITCH;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_LINEAR_WIDTH;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_MIPMAPPED_HEIGHT;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_MIPMAPPED_WIDTH;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_WIDTH;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE3D_DEPTH;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE3D_DEPTH_ALTERNATE;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE3D_HEIGHT;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE3D_HEIGHT_ALTERNATE;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE3D_WIDTH;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE3D_WIDTH_ALTERNATE;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURECUBEMAP_LAYERED_LAYERS;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURECUBEMAP_LAYERED_WIDTH;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURECUBEMAP_WIDTH;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAX_ACCESS_POLICY_WINDOW_SIZE;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAX_BLOCKS_PER_MULTIPROCESSOR;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_X;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Y;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Z;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_X;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Y;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Z;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAX_PERSISTING_L2_CACHE_SIZE;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAX_PITCH;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_BLOCK;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_MULTIPROCESSOR;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MEMORY_POOLS_SUPPORTED;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MEM_SYNC_DOMAIN_COUNT;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_NUMA_ID;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_PCI_BUS_ID;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_READ_ONLY_HOST_REGISTER_SUPPORTED;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_RESERVED_SHARED_MEMORY_PER_BLOCK;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_SINGLE_TO_DOUBLE_PRECISION_PERF_RATIO;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_STREAM_PRIORITIES_SUPPORTED;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_SURFACE_ALIGNMENT;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_TENSOR_MAP_ACCESS_SUPPORTED;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_TEXTURE_ALIGNMENT;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_TEXTURE_PITCH_ALIGNMENT;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_TOTAL_CONSTANT_MEMORY;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_UNIFIED_ADDRESSING;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_VIRTUAL_MEMORY_MANAGEMENT_SUPPORTED;
import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_WARP_SIZE;

import dev.culebra.emulator.profile.DeviceProfile;
import dev.culebra.emulator.profile.MultiprocessorLimits;
import java.util.HashMap;
import java.util.Map;

/**
 * What {@code CU_DEVICE_ATTRIBUTE_*} say: out of the profile; limits of textures and surfaces as
 * every device since compute capability 8.0 has them; 0 for what is not emulated.
 */
final class DeviceAttributes {
  private static final int LARGEST_ATTRIBUTE = CU_DEVICE_ATTRIBUTE_MAX() - 1;

  private final Map<Integer, Integer> values = new HashMap<>();

  DeviceAttributes(DeviceProfile profile) {
    addLimits(profile);
    addHardware(profile);
    addAbilities(profile);
    addTextures();
  }

  /** The value; null where no attribute has that number. */
  Integer get(int attribute) {
    return attribute < 1 || attribute > LARGEST_ATTRIBUTE
        ? null
        : values.getOrDefault(attribute, 0);
  }

  private void addLimits(DeviceProfile profile) {
    MultiprocessorLimits limits = profile.multiprocessor();
    values.put(CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK(), DeviceProfile.MAX_THREADS_PER_BLOCK);
    values.put(CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_X(), DeviceProfile.MAX_BLOCK_XY);
    values.put(CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Y(), DeviceProfile.MAX_BLOCK_XY);
    values.put(CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Z(), DeviceProfile.MAX_BLOCK_Z);
    values.put(CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_X(), DeviceProfile.MAX_GRID_X);
    values.put(CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Y(), DeviceProfile.MAX_GRID_YZ);
    values.put(CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Z(), DeviceProfile.MAX_GRID_YZ);
    values.put(CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK(), limits.sharedBytesPerBlock());
    values.put(
        CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN(), limits.sharedBytesPerBlockOptIn());
    values.put(
        CU_DEVICE_ATTRIBUTE_RESERVED_SHARED_MEMORY_PER_BLOCK(),
        limits.reservedSharedBytesPerBlock());
    values.put(CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR(), limits.sharedBytes());
    values.put(CU_DEVICE_ATTRIBUTE_TOTAL_CONSTANT_MEMORY(), DeviceProfile.CONSTANT_BYTES);
    values.put(CU_DEVICE_ATTRIBUTE_WARP_SIZE(), DeviceProfile.WARP_SIZE);
    values.put(CU_DEVICE_ATTRIBUTE_MAX_PITCH(), Integer.MAX_VALUE);
    values.put(CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_BLOCK(), limits.registers());
    values.put(CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_MULTIPROCESSOR(), limits.registers());
    values.put(CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR(), limits.threads());
    values.put(CU_DEVICE_ATTRIBUTE_MAX_BLOCKS_PER_MULTIPROCESSOR(), limits.blocks());
    values.put(CU_DEVICE_ATTRIBUTE_MAX_PERSISTING_L2_CACHE_SIZE(), profile.persistingL2Bytes());
    values.put(CU_DEVICE_ATTRIBUTE_MAX_ACCESS_POLICY_WINDOW_SIZE(), 128 << 20);
  }

  private void addHardware(DeviceProfile profile) {
    values.put(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR(), profile.major());
    values.put(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR(), profile.minor());
    values.put(CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT(), profile.multiprocessors());
    values.put(CU_DEVICE_ATTRIBUTE_CLOCK_RATE(), profile.clockKilohertz());
    values.put(CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE(), profile.memoryClockKilohertz());
    values.put(CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH(), profile.memoryBusBits());
    values.put(CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE(), profile.l2Bytes());
    values.put(CU_DEVICE_ATTRIBUTE_ASYNC_ENGINE_COUNT(), profile.copyEngines());
    values.put(
        CU_DEVICE_ATTRIBUTE_SINGLE_TO_DOUBLE_PRECISION_PERF_RATIO(),
        profile.rates().fp32() / profile.rates().fp64());
    values.put(CU_DEVICE_ATTRIBUTE_PCI_BUS_ID(), 1);
    values.put(CU_DEVICE_ATTRIBUTE_HOST_NUMA_ID(), -1);
    values.put(CU_DEVICE_ATTRIBUTE_NUMA_ID(), -1);
    values.put(CU_DEVICE_ATTRIBUTE_MEM_SYNC_DOMAIN_COUNT(), profile.major() >= 9 ? 4 : 1);
  }

  /** 1 for what is there. */
  private void addAbilities(DeviceProfile profile) {
    int[] abilities = {
      CU_DEVICE_ATTRIBUTE_GPU_OVERLAP(),
      CU_DEVICE_ATTRIBUTE_CAN_MAP_HOST_MEMORY(),
      CU_DEVICE_ATTRIBUTE_CONCURRENT_KERNELS(),
      CU_DEVICE_ATTRIBUTE_UNIFIED_ADDRESSING(),
      CU_DEVICE_ATTRIBUTE_STREAM_PRIORITIES_SUPPORTED(),
      CU_DEVICE_ATTRIBUTE_GLOBAL_L1_CACHE_SUPPORTED(),
      CU_DEVICE_ATTRIBUTE_LOCAL_L1_CACHE_SUPPORTED(),
      CU_DEVICE_ATTRIBUTE_MANAGED_MEMORY(),
      CU_DEVICE_ATTRIBUTE_CONCURRENT_MANAGED_ACCESS(),
      CU_DEVICE_ATTRIBUTE_COMPUTE_PREEMPTION_SUPPORTED(),
      CU_DEVICE_ATTRIBUTE_CAN_USE_HOST_POINTER_FOR_REGISTERED_MEM(),
      CU_DEVICE_ATTRIBUTE_CAN_USE_64_BIT_STREAM_MEM_OPS(),
      CU_DEVICE_ATTRIBUTE_CAN_USE_STREAM_WAIT_VALUE_NOR(),
      CU_DEVICE_ATTRIBUTE_COOPERATIVE_LAUNCH(),
      CU_DEVICE_ATTRIBUTE_HOST_REGISTER_SUPPORTED(),
      CU_DEVICE_ATTRIBUTE_READ_ONLY_HOST_REGISTER_SUPPORTED(),
      CU_DEVICE_ATTRIBUTE_VIRTUAL_MEMORY_MANAGEMENT_SUPPORTED(),
      CU_DEVICE_ATTRIBUTE_MEMORY_POOLS_SUPPORTED()
    };
    for (int ability : abilities) {
      values.put(ability, 1);
    }
    if (profile.major() >= 9) {
      values.put(CU_DEVICE_ATTRIBUTE_CLUSTER_LAUNCH(), 1);
      values.put(CU_DEVICE_ATTRIBUTE_TENSOR_MAP_ACCESS_SUPPORTED(), 1);
    }
  }

  private void addTextures() {
    values.put(CU_DEVICE_ATTRIBUTE_TEXTURE_ALIGNMENT(), 512);
    values.put(CU_DEVICE_ATTRIBUTE_TEXTURE_PITCH_ALIGNMENT(), 32);
    values.put(CU_DEVICE_ATTRIBUTE_SURFACE_ALIGNMENT(), 512);
    put(
        131072,
        CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE1D_WIDTH(),
        CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_WIDTH(),
        CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_LINEAR_WIDTH(),
        CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE2D_WIDTH());
    put(
        65536,
        CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_HEIGHT(),
        CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE2D_HEIGHT());
    put(65000, CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_LINEAR_HEIGHT());
    put(
        16384,
        CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE3D_WIDTH(),
        CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE3D_HEIGHT(),
        CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE3D_DEPTH(),
        CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE3D_WIDTH(),
        CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE3D_HEIGHT(),
        CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE3D_DEPTH());
    put(
        8192,
        CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE3D_WIDTH_ALTERNATE(),
        CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE3D_HEIGHT_ALTERNATE());
    put(
        32768,
        CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_LAYERED_WIDTH(),
        CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_LAYERED_HEIGHT(),
        CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE1D_LAYERED_WIDTH(),
        CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_GATHER_WIDTH(),
        CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_GATHER_HEIGHT(),
        CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE3D_DEPTH_ALTERNATE(),
        CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURECUBEMAP_WIDTH(),
        CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURECUBEMAP_LAYERED_WIDTH(),
        CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE1D_WIDTH(),
        CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE1D_LAYERED_WIDTH(),
        CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE2D_LAYERED_WIDTH(),
        CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE2D_LAYERED_HEIGHT(),
        CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACECUBEMAP_WIDTH(),
        CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACECUBEMAP_LAYERED_WIDTH(),
        CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_MIPMAPPED_WIDTH(),
        CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_MIPMAPPED_HEIGHT(),
        CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE1D_MIPMAPPED_WIDTH());
    put(
        2048,
        CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_LAYERED_LAYERS(),
        CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE1D_LAYERED_LAYERS(),
        CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE1D_LAYERED_LAYERS(),
        CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE2D_LAYERED_LAYERS());
    put(
        2046,
        CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURECUBEMAP_LAYERED_LAYERS(),
        CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACECUBEMAP_LAYERED_LAYERS());
    values.put(CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE1D_LINEAR_WIDTH(), 1 << 28);
    values.put(CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_LINEAR_PITCH(), (1 << 21) - 32);
  }

  private void put(int value, int... attributes) {
    for (int attribute : attributes) {
      values.put(attribute, value);
    }
  }
}
