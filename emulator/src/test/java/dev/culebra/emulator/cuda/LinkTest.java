package dev.culebra.emulator.cuda;

import static dev.culebra.bindings.cuda.cuda_h.CU_JIT_ERROR_LOG_BUFFER;
import static dev.culebra.bindings.cuda.cuda_h.CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES;
import static dev.culebra.bindings.cuda.cuda_h.CU_JIT_INPUT_PTX;
import static dev.culebra.bindings.cuda.cuda_h.cuCtxSynchronize;
import static dev.culebra.bindings.cuda.cuda_h.cuLinkAddData_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuLinkAddFile_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuLinkComplete;
import static dev.culebra.bindings.cuda.cuda_h.cuLinkCreate_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuLinkDestroy;
import static dev.culebra.bindings.cuda.cuda_h.cuModuleGetFunction;
import static dev.culebra.bindings.cuda.cuda_h.cuModuleLoadData;
import static dev.culebra.emulator.cuda.Cuda.handle;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(CudaExtension.class)
class LinkTest {
  private static final String HEADER = ".version 7.0\n.target sm_80\n.address_size 64\n";

  /** Writes what {@code other} gives for 5, its own constant and the other module's variable. */
  private static final String ONE =
      HEADER
          + """
          .extern .func (.param .b32 result) other(.param .b32 x); // defined there
          .extern .global .align 4 .u32 shared_word;
          .global .align 4 .u32 own = 100;
          .weak .func (.param .b32 result) both() {
            .reg .b32 %r<2>;
            mov.u32 %r1, 1;
            st.param.b32 [result], %r1;
            ret;
          }
          .visible .entry one(.param .u64 p) {
            .reg .b64 %rd<2>;
            .reg .b32 %r<4>;
            .param .b32 in;
            .param .b32 out;
            ld.param.u64 %rd1, [p];
            mov.u32 %r1, 5;
            st.param.b32 [in], %r1;
            call (out), other, (in);
            ld.param.b32 %r2, [out];
            st.global.u32 [%rd1], %r2;
            ld.global.u32 %r3, [own];
            st.global.u32 [%rd1+4], %r3;
            ld.global.u32 %r3, [shared_word];
            st.global.u32 [%rd1+8], %r3;
            call (out), both, ();
            ld.param.b32 %r2, [out];
            st.global.u32 [%rd1+12], %r2;
            ret;
          }
          """;

  private static final String TWO =
      HEADER
          + """
          .visible .global .align 4 .u32 shared_word = 77;
          .global .align 4 .u32 own = 1;
          .weak .func (.param .b32 result) both() {
            .reg .b32 %r<2>;
            { mov.u32 %r1, 1; }
            st.param.b32 [result], %r1;
            ret;
          }
          .visible .func (.param .b32 result) other(.param .b32 x) {
            .reg .b32 %r<4>;
            ld.param.b32 %r1, [x];
            ld.global.u32 %r2, [own]; /* not the other's */
            add.u32 %r3, %r1, %r2;
            st.param.b32 [result], %r3;
            ret;
          }
          """;

  private static MemorySegment create(Cuda cuda) {
    cuda.ok(cuLinkCreate_v2(0, handle(0), handle(0), cuda.out));
    MemorySegment link = cuda.handle();
    cuda.atEnd(() -> cuLinkDestroy(link));
    return link;
  }

  private static int add(Cuda cuda, MemorySegment link, String text) {
    MemorySegment data = cuda.text(text);
    return cuLinkAddData_v2(
        link,
        CU_JIT_INPUT_PTX(),
        data,
        data.byteSize(),
        cuda.text("input"),
        0,
        handle(0),
        handle(0));
  }

  private static void linksAndRuns(Cuda cuda, String first, String second) {
    MemorySegment link = create(cuda);
    cuda.ok(add(cuda, link, first));
    cuda.ok(add(cuda, link, second));
    MemorySegment size = cuda.arena.allocate(8);
    cuda.ok(cuLinkComplete(link, cuda.out, size));
    assertTrue(size.get(ValueLayout.JAVA_LONG, 0) > 0);
    cuda.ok(cuModuleLoadData(cuda.out, cuda.handle()));
    cuda.ok(cuModuleGetFunction(cuda.out, cuda.handle(), cuda.text("one")));
    MemorySegment kernel = cuda.handle();
    long device = cuda.allocate(16);
    cuda.ok(cuda.launch(kernel, 1, 1, 0, handle(0), device));
    cuda.ok(cuCtxSynchronize());
    assertArrayEquals(new int[] {6, 100, 77, 1}, cuda.download(device, 4));
  }

  @Test
  void modules_see_what_others_define_and_keep_what_is_their_own(Cuda cuda) {
    linksAndRuns(cuda, ONE, TWO);
    linksAndRuns(cuda, TWO, ONE);
  }

  @Test
  void one_module_can_be_linked_alone(Cuda cuda) {
    MemorySegment link = create(cuda);
    cuda.ok(add(cuda, link, Kernels.PTX));
    cuda.ok(cuLinkComplete(link, cuda.out, handle(0)));
    cuda.ok(cuModuleLoadData(cuda.out, cuda.handle()));
    cuda.ok(cuModuleGetFunction(cuda.out, cuda.handle(), cuda.text("fill")));
  }

  @Test
  void what_is_no_ptx_or_defined_twice_is_an_error_with_a_log(Cuda cuda) {
    MemorySegment log = cuda.arena.allocate(1000);
    MemorySegment options =
        cuda.arena.allocateFrom(
            ValueLayout.JAVA_INT, CU_JIT_ERROR_LOG_BUFFER(), CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES());
    MemorySegment values = cuda.arena.allocateFrom(ValueLayout.JAVA_LONG, log.address(), 1000);
    cuda.ok(cuLinkCreate_v2(2, options, values, cuda.out));
    MemorySegment link = cuda.handle();
    cuda.atEnd(() -> cuLinkDestroy(link));
    cuda.is("INVALID_PTX", add(cuda, link, HEADER + ".visible .entry x() { frob }"));
    assertTrue(log.getString(0).length() > 10, log.getString(0));
    cuda.is(
        "FILE_NOT_FOUND",
        cuLinkAddFile_v2(
            link, CU_JIT_INPUT_PTX(), cuda.text("/no/such/file"), 0, handle(0), handle(0)));
    MemorySegment twice = create(cuda);
    cuda.ok(add(cuda, twice, HEADER + ".visible .func same() { ret; }"));
    cuda.ok(add(cuda, twice, HEADER + ".visible .func same() { ret; }"));
    cuda.is("UNKNOWN", cuLinkComplete(twice, cuda.out, handle(0)));
    cuda.is("INVALID_VALUE", add(cuda, twice, TWO));
    cuda.is("UNKNOWN", cuLinkComplete(twice, cuda.out, handle(0)));
    cuda.is("INVALID_IMAGE", add(cuda, create(cuda), "no PTX"));
  }

  @Test
  void a_function_that_nothing_defines_is_an_error(Cuda cuda) {
    MemorySegment link = create(cuda);
    cuda.ok(add(cuda, link, ONE));
    cuda.is("UNKNOWN", cuLinkComplete(link, cuda.out, handle(0)));
    cuda.is("INVALID_PTX", cuModuleLoadData(cuda.out, cuda.text(ONE)));
  }

  @Test
  void modules_are_linked_once(Cuda cuda) {
    MemorySegment link = create(cuda);
    cuda.ok(add(cuda, link, TWO));
    cuda.ok(cuLinkComplete(link, cuda.out, handle(0)));
    cuda.is("INVALID_HANDLE", cuLinkComplete(link, cuda.out, handle(0)));
    cuda.is("INVALID_VALUE", add(cuda, link, ONE));
    MemorySegment empty = create(cuda);
    cuda.ok(cuLinkComplete(empty, cuda.out, handle(0)));
    cuda.ok(cuModuleLoadData(cuda.out, cuda.handle()));
  }
}
