package dev.culebra.emulator.cuda;

import static dev.culebra.bindings.cuda.cuda_h.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
import static dev.culebra.bindings.cuda.cuda_h.CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK;
import static dev.culebra.bindings.cuda.cuda_h.CU_FUNC_ATTRIBUTE_NUM_REGS;
import static dev.culebra.bindings.cuda.cuda_h.CU_FUNC_ATTRIBUTE_PTX_VERSION;
import static dev.culebra.bindings.cuda.cuda_h.CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES;
import static dev.culebra.bindings.cuda.cuda_h.CU_JIT_ERROR_LOG_BUFFER;
import static dev.culebra.bindings.cuda.cuda_h.CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES;
import static dev.culebra.bindings.cuda.cuda_h.CU_JIT_WALL_TIME;
import static dev.culebra.bindings.cuda.cuda_h.cuFuncGetAttribute;
import static dev.culebra.bindings.cuda.cuda_h.cuFuncGetModule;
import static dev.culebra.bindings.cuda.cuda_h.cuFuncGetName;
import static dev.culebra.bindings.cuda.cuda_h.cuFuncGetParamInfo;
import static dev.culebra.bindings.cuda.cuda_h.cuFuncSetAttribute;
import static dev.culebra.bindings.cuda.cuda_h.cuKernelGetAttribute;
import static dev.culebra.bindings.cuda.cuda_h.cuKernelGetFunction;
import static dev.culebra.bindings.cuda.cuda_h.cuKernelGetName;
import static dev.culebra.bindings.cuda.cuda_h.cuKernelGetParamInfo;
import static dev.culebra.bindings.cuda.cuda_h.cuKernelSetAttribute;
import static dev.culebra.bindings.cuda.cuda_h.cuLibraryGetGlobal;
import static dev.culebra.bindings.cuda.cuda_h.cuLibraryGetKernel;
import static dev.culebra.bindings.cuda.cuda_h.cuLibraryGetKernelCount;
import static dev.culebra.bindings.cuda.cuda_h.cuLibraryLoadData;
import static dev.culebra.bindings.cuda.cuda_h.cuLibraryUnload;
import static dev.culebra.bindings.cuda.cuda_h.cuMemcpyDtoH_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuModuleGetFunction;
import static dev.culebra.bindings.cuda.cuda_h.cuModuleGetFunctionCount;
import static dev.culebra.bindings.cuda.cuda_h.cuModuleGetGlobal_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuModuleLoad;
import static dev.culebra.bindings.cuda.cuda_h.cuModuleLoadData;
import static dev.culebra.bindings.cuda.cuda_h.cuModuleLoadDataEx;
import static dev.culebra.bindings.cuda.cuda_h.cuModuleUnload;
import static dev.culebra.emulator.cuda.Cuda.handle;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(CudaExtension.class)
class ModuleTest {
  /** Options of a load with a place for errors. */
  private record Logged(MemorySegment options, MemorySegment values, MemorySegment buffer) {
    static Logged of(Cuda cuda, int capacity) {
      MemorySegment buffer = cuda.arena.allocate(Math.max(1, capacity));
      MemorySegment values = cuda.arena.allocate(24);
      values.set(ValueLayout.ADDRESS, 0, buffer);
      values.set(ValueLayout.JAVA_LONG, 8, capacity);
      MemorySegment options =
          cuda.arena.allocateFrom(
              ValueLayout.JAVA_INT,
              CU_JIT_ERROR_LOG_BUFFER(),
              CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES(),
              CU_JIT_WALL_TIME());
      return new Logged(options, values, buffer);
    }
  }

  @Test
  void functions_and_variables_are_found_by_name(Cuda cuda) {
    MemorySegment module = cuda.kernelModule();
    cuda.ok(cuModuleGetFunction(cuda.out, module, cuda.text("fill")));
    MemorySegment function = cuda.handle();
    cuda.is("NOT_FOUND", cuModuleGetFunction(cuda.out, module, cuda.text("nothing")));
    cuda.ok(cuModuleGetGlobal_v2(cuda.out, cuda.out.asSlice(8), module, cuda.text("counter")));
    assertEquals(4, cuda.out.get(ValueLayout.JAVA_LONG, 8));
    assertEquals(5, cuda.download(cuda.number(), 1)[0]);
    cuda.ok(cuModuleGetGlobal_v2(cuda.out, cuda.out.asSlice(8), module, cuda.text("table")));
    assertEquals(16, cuda.out.get(ValueLayout.JAVA_LONG, 8));
    assertEquals(3, cuda.download(cuda.number(), 4)[2]);
    cuda.is("NOT_FOUND", cuModuleGetGlobal_v2(cuda.out, handle(0), module, cuda.text("nothing")));
    cuda.ok(cuFuncGetModule(cuda.out, function));
    assertEquals(module, cuda.handle());
    cuda.ok(cuFuncGetName(cuda.out, function));
    assertEquals("fill", cuda.string());
    cuda.ok(cuModuleGetFunctionCount(cuda.out, module));
    assertEquals(15, cuda.integer());
  }

  @Test
  void parameters_lie_where_the_abi_says(Cuda cuda) {
    MemorySegment function = cuda.kernel("mixed");
    long[][] expected = {{0, 1}, {8, 8}, {16, 2}, {20, 12}, {32, 8}};
    for (int i = 0; i < expected.length; i++) {
      cuda.ok(cuFuncGetParamInfo(function, i, cuda.out, cuda.out.asSlice(8)));
      assertEquals(expected[i][0], cuda.number());
      assertEquals(expected[i][1], cuda.out.get(ValueLayout.JAVA_LONG, 8));
    }
    cuda.is("INVALID_VALUE", cuFuncGetParamInfo(function, 5, cuda.out, handle(0)));
  }

  @Test
  void broken_ptx_is_refused_with_its_line_in_the_log(Cuda cuda) {
    String broken = Kernels.PTX.replace("mov.u32 %r1, 42;", "mov.u32 %r1, ;");
    int line = 1 + (int) Kernels.PTX.lines().takeWhile(text -> !text.contains(", 42;")).count();
    Logged log = Logged.of(cuda, 1000);
    cuda.is(
        "INVALID_PTX",
        cuModuleLoadDataEx(cuda.out, cuda.text(broken), 3, log.options(), log.values()));
    String message = log.buffer().getString(0);
    assertTrue(message.contains(Integer.toString(line)), line + " in: " + message);
    assertTrue(log.values().get(ValueLayout.JAVA_LONG, 8) > 0);
    Logged small = Logged.of(cuda, 8);
    cuda.is(
        "INVALID_PTX",
        cuModuleLoadDataEx(cuda.out, cuda.text(broken), 2, small.options(), small.values()));
    assertTrue(small.buffer().getString(0).length() <= 7);
    cuda.is("INVALID_PTX", cuModuleLoadData(cuda.out, cuda.text(broken)));
    for (String noImage : new String[] {"hello, device", ".target sm_80\n.version 7.0\n", ""}) {
      cuda.is("INVALID_IMAGE", cuModuleLoadData(cuda.out, cuda.text(noImage)));
    }
    cuda.ok(cuModuleLoadData(cuda.out, cuda.text("\n// a\n/* b\n */ " + Kernels.PTX)));
    cuda.is("INVALID_VALUE", cuModuleLoadData(cuda.out, handle(0)));
  }

  @Test
  void a_good_load_leaves_the_log_of_errors_empty(Cuda cuda) {
    Logged log = Logged.of(cuda, 1000);
    cuda.ok(cuModuleLoadDataEx(cuda.out, cuda.text(Kernels.PTX), 3, log.options(), log.values()));
    assertEquals(0, log.values().get(ValueLayout.JAVA_LONG, 8));
    assertTrue(log.values().get(ValueLayout.JAVA_FLOAT, 16) >= 0);
    cuda.ok(cuModuleUnload(cuda.handle()));
  }

  @Test
  void ptx_for_a_newer_device_does_not_run(Cuda cuda) {
    String newer = Kernels.PTX.replace("version 7.0", "version 8.8").replace("sm_80", "sm_120");
    cuda.is("INVALID_PTX", cuModuleLoadData(cuda.out, cuda.text(newer)));
    String later = Kernels.PTX.replace("version 7.0", "version 9.9");
    cuda.is("UNSUPPORTED_PTX_VERSION", cuModuleLoadData(cuda.out, cuda.text(later)));
  }

  @Test
  void modules_are_read_from_files(Cuda cuda, @TempDir Path folder) throws IOException {
    Path file = folder.resolve("kernels.ptx");
    Files.writeString(file, Kernels.PTX);
    cuda.ok(cuModuleLoad(cuda.out, cuda.text(file.toString())));
    cuda.ok(cuModuleUnload(cuda.handle()));
    cuda.is("FILE_NOT_FOUND", cuModuleLoad(cuda.out, cuda.text(folder + "/none.ptx")));
  }

  @Test
  void machine_code_of_nobodys_device_is_refused(Cuda cuda) {
    MemorySegment elf = cuda.arena.allocate(4096);
    elf.set(ValueLayout.JAVA_INT, 0, 0x464c457f);
    int status = cuModuleLoadData(cuda.out, elf);
    assertTrue(status != 0);
    if (!Cuda.REAL) {
      cuda.is("NO_BINARY_FOR_GPU", status);
    }
  }

  @Test
  void variables_go_with_their_module(Cuda cuda) {
    cuda.misuses();
    cuda.ok(cuModuleLoadData(cuda.out, cuda.text(Kernels.PTX)));
    MemorySegment module = cuda.handle();
    cuda.ok(cuModuleGetGlobal_v2(cuda.out, handle(0), module, cuda.text("counter")));
    long counter = cuda.number();
    cuda.ok(cuModuleUnload(module));
    if (!Cuda.REAL) {
      cuda.is("INVALID_VALUE", cuMemcpyDtoH_v2(cuda.out, counter, 4));
      cuda.is("INVALID_HANDLE", cuModuleUnload(module));
      cuda.is("INVALID_HANDLE", cuModuleGetFunction(cuda.out, module, cuda.text("fill")));
    }
  }

  @Test
  void attributes_of_a_function_are_those_of_its_code(Cuda cuda) {
    MemorySegment function = cuda.kernel("static");
    cuda.ok(cuFuncGetAttribute(cuda.out, CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES(), function));
    assertEquals(1024, cuda.integer());
    cuda.ok(
        cuFuncGetAttribute(cuda.out, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES(), function));
    assertEquals(49152 - 1024, cuda.integer());
    cuda.ok(cuFuncGetAttribute(cuda.out, CU_FUNC_ATTRIBUTE_PTX_VERSION(), function));
    assertEquals(80, cuda.integer());
    cuda.ok(cuFuncGetAttribute(cuda.out, CU_FUNC_ATTRIBUTE_NUM_REGS(), function));
    assertTrue(cuda.integer() > 0 && cuda.integer() <= 255);
    cuda.ok(
        cuFuncGetAttribute(
            cuda.out, CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK(), cuda.kernel("fill")));
    assertEquals(1024, cuda.integer());
    cuda.ok(
        cuFuncGetAttribute(
            cuda.out, CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK(), cuda.kernel("bounded")));
    assertEquals(64, cuda.integer());
    cuda.ok(
        cuFuncGetAttribute(
            cuda.out, CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK(), cuda.kernel("exact")));
    assertEquals(1024, cuda.integer());
    cuda.is("INVALID_VALUE", cuFuncGetAttribute(cuda.out, 99, function));
    cuda.is(
        "INVALID_VALUE", cuFuncSetAttribute(function, CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES(), 16));
  }

  @Test
  void libraries_give_kernels_that_launch_in_any_context(Cuda cuda) {
    cuda.ok(
        cuLibraryLoadData(
            cuda.out, cuda.text(Kernels.PTX), handle(0), handle(0), 0, handle(0), handle(0), 0));
    MemorySegment library = cuda.handle();
    cuda.ok(cuLibraryGetKernel(cuda.out, library, cuda.text("fill")));
    MemorySegment kernel = cuda.handle();
    cuda.is("NOT_FOUND", cuLibraryGetKernel(cuda.out, library, cuda.text("nothing")));
    cuda.ok(cuLibraryGetKernelCount(cuda.out, library));
    assertEquals(15, cuda.integer());
    cuda.ok(cuKernelGetName(cuda.out, kernel));
    assertEquals("fill", cuda.string());
    cuda.ok(cuKernelGetParamInfo(kernel, 1, cuda.out, cuda.out.asSlice(8)));
    assertEquals(8, cuda.number());
    cuda.ok(cuKernelGetFunction(cuda.out, kernel));
    cuda.ok(cuLibraryGetGlobal(cuda.out, cuda.out.asSlice(8), library, cuda.text("counter")));
    assertEquals(5, cuda.download(cuda.number(), 1)[0]);
    cuda.ok(
        cuKernelSetAttribute(CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES(), 65536, kernel, 0));
    cuda.ok(
        cuKernelGetAttribute(
            cuda.out, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES(), kernel, 0));
    assertEquals(65536, cuda.integer());
    long device = cuda.allocate(40);
    cuda.ok(cuda.launch(kernel, 1, 32, 0, handle(0), device, 10, 3));
    assertEquals(3, cuda.download(device, 10)[9]);
    cuda.ok(cuLibraryUnload(library));
  }
}
