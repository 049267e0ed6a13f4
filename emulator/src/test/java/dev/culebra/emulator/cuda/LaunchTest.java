package dev.culebra.emulator.cuda;

import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT;
import static dev.culebra.bindings.cuda.cuda_h.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
import static dev.culebra.bindings.cuda.cuda_h.CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION;
import static dev.culebra.bindings.cuda.cuda_h.CU_LAUNCH_ATTRIBUTE_COOPERATIVE;
import static dev.culebra.bindings.cuda.cuda_h.CU_LAUNCH_ATTRIBUTE_PRIORITY;
import static dev.culebra.bindings.cuda.cuda_h.cuCtxSynchronize;
import static dev.culebra.bindings.cuda.cuda_h.cuDeviceGetAttribute;
import static dev.culebra.bindings.cuda.cuda_h.cuFuncSetAttribute;
import static dev.culebra.bindings.cuda.cuda_h.cuLaunchCooperativeKernel;
import static dev.culebra.bindings.cuda.cuda_h.cuLaunchKernel;
import static dev.culebra.bindings.cuda.cuda_h.cuLaunchKernelEx;
import static dev.culebra.bindings.cuda.cuda_h.cuModuleGetGlobal_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuOccupancyAvailableDynamicSMemPerBlock;
import static dev.culebra.bindings.cuda.cuda_h.cuOccupancyMaxActiveBlocksPerMultiprocessor;
import static dev.culebra.bindings.cuda.cuda_h.cuOccupancyMaxPotentialBlockSize;
import static dev.culebra.bindings.cuda.cuda_h.cuStreamSynchronize;
import static dev.culebra.emulator.cuda.Cuda.handle;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.culebra.bindings.cuda.CUlaunchAttribute;
import dev.culebra.bindings.cuda.CUlaunchAttributeValue;
import dev.culebra.bindings.cuda.CUlaunchConfig;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(CudaExtension.class)
class LaunchTest {
  @Test
  void kernels_run_in_the_order_of_their_stream(Cuda cuda) {
    MemorySegment stream = cuda.stream(1);
    long device = cuda.allocate(4000);
    cuda.ok(cuda.launch(cuda.kernel("fill"), 8, 128, 0, stream, device, 1000, 5));
    cuda.ok(cuda.launch(cuda.kernel("add"), 8, 128, 0, stream, device, 1000, 2));
    cuda.ok(cuda.launch(cuda.kernel("twice"), 8, 128, 0, stream, device, 999));
    cuda.ok(cuStreamSynchronize(stream));
    int[] expected = new int[1000];
    Arrays.fill(expected, 14);
    expected[999] = 7;
    assertArrayEquals(expected, cuda.download(device, 1000));
  }

  @Test
  void kernels_see_the_variables_of_their_module(Cuda cuda) {
    long device = cuda.allocate(4);
    cuda.ok(cuda.launch(cuda.kernel("count"), 1, 1, 0, handle(0), device));
    assertEquals(8, cuda.download(device, 1)[0]);
    cuda.ok(cuModuleGetGlobal_v2(cuda.out, handle(0), cuda.kernelModule(), cuda.text("counter")));
    cuda.upload(cuda.number(), 100);
    cuda.ok(cuda.launch(cuda.kernel("count"), 1, 1, 0, handle(0), device));
    assertEquals(103, cuda.download(device, 1)[0]);
  }

  @Test
  void arguments_can_come_in_one_buffer(Cuda cuda) {
    long device = cuda.allocate(40);
    MemorySegment buffer = cuda.arena.allocate(16);
    buffer.set(ValueLayout.JAVA_LONG, 0, device);
    buffer.set(ValueLayout.JAVA_INT, 8, 10);
    buffer.set(ValueLayout.JAVA_INT, 12, 77);
    MemorySegment size = cuda.arena.allocateFrom(ValueLayout.JAVA_LONG, 16);
    MemorySegment extra = cuda.arena.allocate(40, 8);
    extra.set(ValueLayout.JAVA_LONG, 0, 1);
    extra.set(ValueLayout.ADDRESS, 8, buffer);
    extra.set(ValueLayout.JAVA_LONG, 16, 2);
    extra.set(ValueLayout.ADDRESS, 24, size);
    extra.set(ValueLayout.JAVA_LONG, 32, 0);
    MemorySegment fill = cuda.kernel("fill");
    cuda.ok(cuLaunchKernel(fill, 1, 1, 1, 32, 1, 1, 0, handle(0), handle(0), extra));
    assertEquals(77, cuda.download(device, 10)[9]);
    cuda.misuses();
    size.set(ValueLayout.JAVA_LONG, 0, 24);
    cuda.is(
        "LAUNCH_OUT_OF_RESOURCES",
        cuLaunchKernel(fill, 1, 1, 1, 32, 1, 1, 0, handle(0), handle(0), extra));
    MemorySegment mixed = cuda.kernel("mixed");
    size.set(ValueLayout.JAVA_LONG, 0, 8);
    cuda.ok(cuLaunchKernel(mixed, 1, 1, 1, 32, 1, 1, 0, handle(0), handle(0), extra));
    cuda.is(
        "INVALID_VALUE",
        cuLaunchKernel(
            fill, 1, 1, 1, 32, 1, 1, 0, handle(0), cuda.parameters(device, 10, 1), extra));
    cuda.is(
        "INVALID_VALUE",
        cuLaunchKernel(fill, 1, 1, 1, 32, 1, 1, 0, handle(0), handle(0), handle(0)));
  }

  @Test
  void arguments_are_read_when_the_kernel_is_launched(Cuda cuda) {
    long device = cuda.allocate(40);
    MemorySegment parameters = cuda.parameters(device, 10, 1);
    MemorySegment fill = cuda.kernel("fill");
    cuda.ok(cuLaunchKernel(fill, 1, 1, 1, 32, 1, 1, 0, handle(0), parameters, handle(0)));
    Cuda.memory(parameters.getAtIndex(ValueLayout.ADDRESS, 2), 4).set(ValueLayout.JAVA_INT, 0, 2);
    assertEquals(1, cuda.download(device, 10)[9]);
  }

  @Test
  void extents_that_no_device_has_are_refused(Cuda cuda) {
    cuda.misuses();
    MemorySegment bounded = cuda.kernel("bounded");
    MemorySegment store = cuda.kernel("stop");
    int[][] extents = {
      {0, 1, 1, 1, 1, 1},
      {1, 0, 1, 1, 1, 1},
      {1, 1, 1, 0, 1, 1},
      {1, 65536, 1, 1, 1, 1},
      {1, 1, 65536, 1, 1, 1},
      {1, 1, 1, 1025, 1, 1},
      {1, 1, 1, 1, 1025, 1},
      {1, 1, 1, 1, 1, 65},
      {1, 1, 1, 32, 33, 1},
      {-1, 1, 1, 1, 1, 1}
    };
    for (int[] extent : extents) {
      cuda.is(
          "INVALID_VALUE",
          cuLaunchKernel(
              store, extent[0], extent[1], extent[2], extent[3], extent[4], extent[5], 0, handle(0),
              handle(0), handle(0)));
    }
    cuda.ok(cuda.launch(bounded, 1, 64, 0, handle(0)));
    cuda.is("INVALID_VALUE", cuda.launch(bounded, 1, 65, 0, handle(0)));
    cuda.ok(cuda.launch(cuda.kernel("exact"), 1, 64, 0, handle(0)));
    cuda.is("INVALID_VALUE", cuda.launch(cuda.kernel("exact"), 1, 32, 0, handle(0)));
    cuda.ok(cuCtxSynchronize());
  }

  @Test
  void more_dynamic_shared_memory_than_48_kib_has_to_be_asked_for(Cuda cuda) {
    cuda.misuses();
    MemorySegment dynamic = cuda.kernel("dynamic");
    long device = cuda.allocate(4);
    cuda.ok(cuda.launch(dynamic, 1, 1, 49152, handle(0), device));
    assertEquals(49152, cuda.download(device, 1)[0]);
    cuda.is("INVALID_VALUE", cuda.launch(dynamic, 1, 1, 49156, handle(0), device));
    int attribute = CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES();
    cuda.ok(cuFuncSetAttribute(dynamic, attribute, 90_000));
    cuda.ok(cuda.launch(dynamic, 1, 1, 90_000, handle(0), device));
    cuda.is("INVALID_VALUE", cuda.launch(dynamic, 1, 1, 90_004, handle(0), device));
    cuda.is("INVALID_VALUE", cuFuncSetAttribute(dynamic, attribute, 1 << 20));
    cuda.ok(cuCtxSynchronize());
  }

  @Test
  void cooperative_grids_have_to_fit_the_device(Cuda cuda) {
    cuda.misuses();
    MemorySegment bounded = cuda.kernel("bounded");
    cuda.ok(cuLaunchCooperativeKernel(bounded, 4, 1, 1, 64, 1, 1, 0, handle(0), handle(0)));
    cuda.is(
        "COOPERATIVE_LAUNCH_TOO_LARGE",
        cuLaunchCooperativeKernel(bounded, 1 << 20, 1, 1, 64, 1, 1, 0, handle(0), handle(0)));
    cuda.ok(cuCtxSynchronize());
  }

  @Test
  void launches_take_attributes(Cuda cuda) {
    long device = cuda.allocate(40);
    MemorySegment attributes = CUlaunchAttribute.allocateArray(3, cuda.arena).fill((byte) 0);
    MemorySegment cooperative = CUlaunchAttribute.asSlice(attributes, 0);
    CUlaunchAttribute.id(cooperative, CU_LAUNCH_ATTRIBUTE_COOPERATIVE());
    CUlaunchAttributeValue.cooperative(CUlaunchAttribute.value(cooperative), 1);
    MemorySegment programmatic = CUlaunchAttribute.asSlice(attributes, 1);
    CUlaunchAttribute.id(programmatic, CU_LAUNCH_ATTRIBUTE_PRIORITY());
    MemorySegment cluster = CUlaunchAttribute.asSlice(attributes, 2);
    CUlaunchAttribute.id(cluster, CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION());
    MemorySegment size = CUlaunchAttributeValue.clusterDim(CUlaunchAttribute.value(cluster));
    CUlaunchAttributeValue.clusterDim.x(size, 1);
    CUlaunchAttributeValue.clusterDim.y(size, 1);
    CUlaunchAttributeValue.clusterDim.z(size, 1);
    MemorySegment config = CUlaunchConfig.allocate(cuda.arena).fill((byte) 0);
    CUlaunchConfig.gridDimX(config, 1);
    CUlaunchConfig.gridDimY(config, 1);
    CUlaunchConfig.gridDimZ(config, 1);
    CUlaunchConfig.blockDimX(config, 32);
    CUlaunchConfig.blockDimY(config, 1);
    CUlaunchConfig.blockDimZ(config, 1);
    CUlaunchConfig.attrs(config, attributes);
    CUlaunchConfig.numAttrs(config, 3);
    MemorySegment fill = cuda.kernel("fill");
    MemorySegment parameters = cuda.parameters(device, 10, 4);
    cuda.ok(cuLaunchKernelEx(config, fill, parameters, handle(0)));
    assertEquals(4, cuda.download(device, 10)[9]);
    if (!Cuda.REAL) {
      CUlaunchAttributeValue.clusterDim.x(size, 2);
      cuda.is("NOT_SUPPORTED", cuLaunchKernelEx(config, fill, parameters, handle(0)));
    }
    cuda.is("INVALID_VALUE", cuLaunchKernelEx(handle(0), fill, parameters, handle(0)));
  }

  @Test
  void occupancy_follows_from_the_devices_limits(Cuda cuda) {
    MemorySegment bounded = cuda.kernel("bounded");
    cuda.ok(cuOccupancyMaxActiveBlocksPerMultiprocessor(cuda.out, bounded, 64, 0));
    assertEquals(32, cuda.integer());
    MemorySegment fill = cuda.kernel("fill");
    cuda.ok(cuOccupancyMaxActiveBlocksPerMultiprocessor(cuda.out, fill, 1024, 0));
    assertEquals(2, cuda.integer());
    cuda.ok(cuOccupancyMaxActiveBlocksPerMultiprocessor(cuda.out, fill, 256, 0));
    assertEquals(8, cuda.integer());
    cuda.ok(cuOccupancyMaxActiveBlocksPerMultiprocessor(cuda.out, fill, 32, 0));
    assertEquals(32, cuda.integer());
    cuda.ok(cuOccupancyMaxActiveBlocksPerMultiprocessor(cuda.out, fill, 64, 48 << 10));
    assertEquals(4, cuda.integer());
    cuda.ok(cuOccupancyMaxActiveBlocksPerMultiprocessor(cuda.out, fill, 64, (48 << 10) + 1));
    assertEquals(0, cuda.integer());
    int attribute = CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES();
    cuda.ok(cuFuncSetAttribute(fill, attribute, 64 << 10));
    cuda.ok(cuOccupancyMaxActiveBlocksPerMultiprocessor(cuda.out, fill, 64, 64 << 10));
    assertEquals(3, cuda.integer());
    cuda.ok(cuFuncSetAttribute(fill, attribute, 0));
    cuda.ok(cuOccupancyMaxActiveBlocksPerMultiprocessor(cuda.out, fill, 64, 48 << 10));
    assertEquals(4, cuda.integer());
    cuda.is("INVALID_VALUE", cuOccupancyMaxActiveBlocksPerMultiprocessor(cuda.out, fill, 0, 0));
    cuda.ok(cuOccupancyMaxPotentialBlockSize(cuda.out, cuda.out.asSlice(4), fill, handle(0), 0, 0));
    assertEquals(1024, cuda.out.get(ValueLayout.JAVA_INT, 4));
    int grid = cuda.integer();
    cuda.ok(cuDeviceGetAttribute(cuda.out, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT(), 0));
    assertEquals(2 * cuda.integer(), grid);
    cuda.ok(cuOccupancyAvailableDynamicSMemPerBlock(cuda.out, fill, 4, 64));
    assertEquals(58368, cuda.number());
  }
}
