package dev.culebra.emulator.cuda;

import static dev.culebra.bindings.cuda.cuda_h.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEM_ALLOCATION_TYPE_PINNED;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEM_LOCATION_TYPE_DEVICE;
import static dev.culebra.bindings.cuda.cuda_h.cuCtxSynchronize;
import static dev.culebra.bindings.cuda.cuda_h.cuEventCreate;
import static dev.culebra.bindings.cuda.cuda_h.cuEventRecord;
import static dev.culebra.bindings.cuda.cuda_h.cuEventSynchronize;
import static dev.culebra.bindings.cuda.cuda_h.cuFuncSetAttribute;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphCreate;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphDestroy;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphExecDestroy;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphInstantiateWithFlags;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphLaunch;
import static dev.culebra.bindings.cuda.cuda_h.cuMemAllocAsync;
import static dev.culebra.bindings.cuda.cuda_h.cuMemAllocHost_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuMemAlloc_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuMemCreate;
import static dev.culebra.bindings.cuda.cuda_h.cuMemFreeAsync;
import static dev.culebra.bindings.cuda.cuda_h.cuMemFree_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuMemcpyDtoDAsync_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuMemcpyDtoHAsync_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuMemcpyHtoDAsync_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuMemcpyHtoD_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuMemsetD32Async;
import static dev.culebra.bindings.cuda.cuda_h.cuMemsetD32_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuMemsetD8Async;
import static dev.culebra.bindings.cuda.cuda_h.cuMemsetD8_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuStreamBeginCapture_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuStreamCreate;
import static dev.culebra.bindings.cuda.cuda_h.cuStreamDestroy_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuStreamEndCapture;
import static dev.culebra.bindings.cuda.cuda_h.cuStreamSynchronize;
import static dev.culebra.bindings.cuda.cuda_h.cuStreamWaitEvent;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.culebra.bindings.cuda.CUmemAllocationProp;
import dev.culebra.bindings.cuda.CUmemLocation;
import dev.culebra.emulator.check.Checker;
import dev.culebra.emulator.check.Finding;
import dev.culebra.emulator.driver.EmulatedDriver;
import dev.culebra.emulator.exec.ExecutionOptions;
import dev.culebra.emulator.exec.Schedule;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each misuse of the driver is found, where it was made; its clean twin passes in silence. */
class HostApiCheckerTest {
  @BeforeEach
  void only_the_emulator_checks() {
    assumeFalse(Cuda.REAL, "a real driver checks nothing of this");
  }

  /** The fixed, the late and some random schedules. */
  private static List<Schedule> schedules() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    List<Schedule> schedules = new ArrayList<>(List.of(new Schedule.Fixed(), new Schedule.Late()));
    int count = Boolean.getBoolean("culebra.exhaustive") ? 100 : 20;
    for (int i = 0; i < count; i++) {
      schedules.add(new Schedule.Random(random.nextLong()));
    }
    return schedules;
  }

  private static List<Finding> run(Schedule schedule, Consumer<Cuda> program) {
    Cuda cuda = Cuda.start(Cuda.options().with(schedule));
    cuda.misuses();
    program.accept(cuda);
    List<Finding> before = EmulatedDriver.findings();
    cuda.close();
    return before;
  }

  /** Every schedule finds exactly one thing in the one program, and nothing in the other. */
  private static void finds(String words, Consumer<Cuda> defective, Consumer<Cuda> clean) {
    for (Schedule schedule : schedules()) {
      List<Finding> findings = run(schedule, defective);
      assertEquals(1, findings.size(), schedule + ": " + findings);
      Finding finding = findings.getFirst();
      assertEquals(Checker.HOST_API, finding.checker());
      assertTrue(finding.toString().contains(words), finding.toString());
      assertTrue(finding.toString().contains("HostApiCheckerTest"), finding.toString());
      assertEquals(List.of(), run(schedule, clean), schedule.toString());
    }
  }

  @Test
  void work_on_two_streams_that_touches_the_same_memory_has_to_be_ordered() {
    finds("no event orders", cuda -> twoStreams(cuda, false), cuda -> twoStreams(cuda, true));
  }

  private static void twoStreams(Cuda cuda, boolean ordered) {
    MemorySegment one = cuda.stream(1);
    MemorySegment two = cuda.stream(1);
    MemorySegment event = cuda.event();
    long device = cuda.allocate(4096);
    long other = cuda.allocate(4096);
    cuda.ok(cuMemsetD8Async(device, (byte) 1, 4096, one));
    cuda.ok(cuEventRecord(event, one));
    if (ordered) {
      cuda.ok(cuStreamWaitEvent(two, event, 0));
    }
    cuda.ok(cuMemcpyDtoDAsync_v2(other, device + 100, 1000, two));
    cuda.ok(cuCtxSynchronize());
  }

  @Test
  void kernels_and_copies_of_two_streams_may_share_a_pinned_buffer_but_no_byte_of_it() {
    finds(
        "no event orders", cuda -> pinnedBuffer(cuda, 4 * 99), cuda -> pinnedBuffer(cuda, 4 * 100));
  }

  /** A kernel writes 100 words while a copy reads what begins at an offset. */
  private static void pinnedBuffer(Cuda cuda, long offset) {
    MemorySegment buffer = cuda.pinned(4096).fill((byte) 0);
    long device = cuda.allocate(4096);
    MemorySegment fill = cuda.kernel("fill");
    cuda.ok(cuda.launch(fill, 1, 128, 0, cuda.stream(1), buffer.address(), 100, 5));
    cuda.ok(cuMemcpyHtoDAsync_v2(device, buffer.asSlice(offset), 1000, cuda.stream(1)));
    cuda.ok(cuCtxSynchronize());
  }

  @Test
  void what_a_kernel_writes_to_a_buffer_that_is_copied_later_is_no_change_by_the_program() {
    for (Schedule schedule : schedules()) {
      assertEquals(List.of(), run(schedule, HostApiCheckerTest::writtenThroughAPointer));
    }
  }

  private static void writtenThroughAPointer(Cuda cuda) {
    MemorySegment buffer = cuda.pinned(64).fill((byte) 0);
    long device = cuda.allocate(64);
    MemorySegment pointer = cuda.arena.allocateFrom(ValueLayout.JAVA_LONG, buffer.address());
    cuda.ok(cuMemcpyHtoD_v2(device, pointer, 8));
    cuda.ok(cuda.launch(cuda.kernel("through"), 1, 1, 0, Cuda.handle(0), device));
    cuda.ok(cuMemcpyHtoDAsync_v2(device + 8, buffer, 4, Cuda.handle(0)));
    cuda.ok(cuCtxSynchronize());
    assertEquals(42, cuda.download(device + 8, 1)[0]);
  }

  @Test
  void products_of_two_streams_may_write_alternate_columns_of_one_matrix() {
    finds(
        "no event orders",
        cuda -> twoProducts(cuda, 31 * Float.BYTES),
        cuda -> twoProducts(cuda, 32 * Float.BYTES));
  }

  /** Two products of 32 x 16, into one matrix with 64 rows, one so many bytes below the other. */
  private static void twoProducts(Cuda cuda, long below) {
    long memory = cuda.allocate(3 * 64 * 32 * Float.BYTES);
    cuda.ok(cuMemsetD32_v2(memory, 0, 3 * 64 * 32));
    cuda.ok(cuCtxSynchronize());
    try (Matmuls matmuls = new Matmuls(cuda, Matmuls.COMPUTE_32F, Matmuls.F32)) {
      matmuls.a = matmuls.layout(Matmuls.F32, 32, 8, 64);
      matmuls.b = matmuls.layout(Matmuls.F32, 8, 16, 8);
      matmuls.c = matmuls.layout(Matmuls.F32, 32, 16, 64);
      matmuls.d = matmuls.c;
      long a = memory;
      long b = memory + 64 * 32 * Float.BYTES;
      long d = b + 64 * 32 * Float.BYTES;
      assertEquals(0, matmuls.run(cuda.stream(1), a, b, d, d));
      assertEquals(0, matmuls.run(cuda.stream(1), a, b, d + below, d + below));
      cuda.ok(cuCtxSynchronize());
    }
  }

  @Test
  void streams_may_use_different_parts_of_one_allocation_at_once() {
    for (Schedule schedule : schedules()) {
      assertEquals(
          List.of(),
          run(
              schedule,
              cuda -> {
                MemorySegment one = cuda.stream(1);
                MemorySegment two = cuda.stream(1);
                long device = cuda.allocate(4096);
                long source = cuda.allocate(4096);
                cuda.ok(cuMemsetD8_v2(source, (byte) 1, 4096));
                cuda.ok(cuCtxSynchronize());
                cuda.ok(cuMemsetD8Async(device, (byte) 1, 2048, one));
                cuda.ok(cuMemcpyDtoDAsync_v2(device + 2048, source, 1024, two));
                cuda.ok(cuMemcpyDtoDAsync_v2(device + 512, source, 512, one));
                cuda.ok(cuCtxSynchronize());
              }));
    }
  }

  @Test
  void waiting_for_a_stream_on_the_host_orders_what_comes_after() {
    finds("no event orders", cuda -> hostWaits(cuda, false), cuda -> hostWaits(cuda, true));
  }

  private static void hostWaits(Cuda cuda, boolean waits) {
    MemorySegment one = cuda.stream(1);
    MemorySegment two = cuda.stream(1);
    long device = cuda.allocate(64);
    cuda.ok(cuMemsetD32Async(device, 1, 16, one));
    if (waits) {
      cuda.ok(cuStreamSynchronize(one));
    }
    cuda.ok(cuMemsetD32Async(device, 2, 16, two));
    cuda.ok(cuCtxSynchronize());
  }

  @Test
  void memory_may_be_freed_in_a_stream_only_after_other_streams_are_done_with_it() {
    finds("a free that writes", cuda -> freedEarly(cuda, false), cuda -> freedEarly(cuda, true));
  }

  private static void freedEarly(Cuda cuda, boolean ordered) {
    MemorySegment one = cuda.stream(1);
    MemorySegment two = cuda.stream(1);
    MemorySegment event = cuda.event();
    MemorySegment ready = cuda.event();
    cuda.ok(cuMemAllocAsync(cuda.out, 4096, one));
    long device = cuda.number();
    cuda.ok(cuEventRecord(ready, one));
    cuda.ok(cuStreamWaitEvent(two, ready, 0));
    cuda.ok(cuMemsetD8Async(device, (byte) 1, 4096, two));
    cuda.ok(cuEventRecord(event, two));
    if (ordered) {
      cuda.ok(cuStreamWaitEvent(one, event, 0));
    }
    cuda.ok(cuMemFreeAsync(device, one));
    // Where the free comes first, the memset finds its memory gone.
    int status = cuCtxSynchronize();
    if (ordered) {
      cuda.ok(status);
    }
  }

  @Test
  void a_pinned_buffer_stays_as_it_is_until_the_copy_from_it_was_waited_for() {
    finds(
        "changed while a copy from it was in flight",
        cuda -> reusedBuffer(cuda, false),
        cuda -> reusedBuffer(cuda, true));
  }

  private static void reusedBuffer(Cuda cuda, boolean waits) {
    MemorySegment stream = cuda.stream(1);
    MemorySegment pinned = cuda.pinned(4096);
    long device = cuda.allocate(8192);
    pinned.fill((byte) 1);
    cuda.ok(cuMemcpyHtoDAsync_v2(device, pinned, 4096, stream));
    if (waits) {
      cuda.ok(cuStreamSynchronize(stream));
    }
    pinned.fill((byte) 2);
    cuda.ok(cuMemcpyHtoDAsync_v2(device + 4096, pinned, 4096, stream));
    cuda.ok(cuStreamSynchronize(stream));
  }

  @Test
  void a_pinned_buffer_that_the_device_itself_fills_is_no_misuse() {
    for (Schedule schedule : schedules()) {
      assertEquals(
          List.of(),
          run(
              schedule,
              cuda -> {
                MemorySegment stream = cuda.stream(1);
                MemorySegment pinned = cuda.pinned(4096);
                long device = cuda.allocate(4096);
                cuda.ok(cuMemsetD8Async(device, (byte) 1, 4096, stream));
                cuda.ok(cuMemcpyDtoHAsync_v2(pinned, device, 4096, stream));
                cuda.ok(cuMemcpyHtoDAsync_v2(device, pinned, 4096, stream));
                cuda.ok(cuStreamSynchronize(stream));
              }));
    }
  }

  @Test
  void kernels_on_two_streams_have_to_be_ordered_where_they_touch_the_same_memory() {
    finds("a kernel that", cuda -> twoKernels(cuda, false, 0), cuda -> twoKernels(cuda, true, 0));
  }

  @Test
  void kernels_on_two_streams_may_use_different_parts_of_one_allocation() {
    for (Schedule schedule : schedules()) {
      assertEquals(List.of(), run(schedule, cuda -> twoKernels(cuda, false, 400)));
    }
  }

  /** One kernel fills 100 words, another doubles as many, {@code offset} bytes further on. */
  private static void twoKernels(Cuda cuda, boolean ordered, long offset) {
    MemorySegment one = cuda.stream(1);
    MemorySegment two = cuda.stream(1);
    MemorySegment event = cuda.event();
    long device = cuda.allocate(4096);
    cuda.ok(cuMemsetD32_v2(device, 3, 1024));
    cuda.ok(cuCtxSynchronize());
    cuda.ok(cuda.launch(cuda.kernel("fill"), 1, 128, 0, one, device, 100, 5));
    cuda.ok(cuEventRecord(event, one));
    if (ordered) {
      cuda.ok(cuStreamWaitEvent(two, event, 0));
    }
    cuda.ok(cuda.launch(cuda.kernel("twice"), 1, 128, 0, two, device + offset, 100));
    cuda.ok(cuCtxSynchronize());
  }

  @Test
  void a_copy_has_to_be_ordered_with_the_kernel_that_makes_what_it_reads() {
    finds(
        "a kernel that writes",
        cuda -> kernelAndCopy(cuda, false),
        cuda -> kernelAndCopy(cuda, true));
  }

  private static void kernelAndCopy(Cuda cuda, boolean ordered) {
    MemorySegment one = cuda.stream(1);
    MemorySegment two = cuda.stream(1);
    MemorySegment event = cuda.event();
    MemorySegment pinned = cuda.pinned(400);
    long device = cuda.allocate(400);
    cuda.ok(cuda.launch(cuda.kernel("fill"), 1, 128, 0, one, device, 100, 5));
    cuda.ok(cuEventRecord(event, one));
    if (ordered) {
      cuda.ok(cuStreamWaitEvent(two, event, 0));
    }
    cuda.ok(cuMemcpyDtoHAsync_v2(pinned, device, 400, two));
    cuda.ok(cuCtxSynchronize());
  }

  @Test
  void kernels_that_count_atomically_need_no_order() {
    for (Schedule schedule : schedules()) {
      assertEquals(
          List.of(),
          run(
              schedule,
              cuda -> {
                MemorySegment one = cuda.stream(1);
                MemorySegment two = cuda.stream(1);
                long device = cuda.allocate(4);
                cuda.upload(device, 0);
                cuda.ok(cuda.launch(cuda.kernel("tally"), 2, 64, 0, one, device));
                cuda.ok(cuda.launch(cuda.kernel("tally"), 2, 64, 0, two, device));
                cuda.ok(cuCtxSynchronize());
                assertEquals(256, cuda.download(device, 1)[0]);
              }));
    }
  }

  @Test
  void nodes_of_a_graph_that_touch_the_same_memory_have_to_be_ordered() {
    finds(
        "nodes of a graph that no event orders",
        cuda -> forked(cuda, false),
        cuda -> forked(cuda, true));
  }

  /** Two captured streams, of which the first should wait for the second before it copies. */
  private static void forked(Cuda cuda, boolean ordered) {
    MemorySegment one = cuda.stream(1);
    MemorySegment two = cuda.stream(1);
    MemorySegment fork = cuda.event();
    MemorySegment join = cuda.event();
    long device = cuda.allocate(64);
    cuda.ok(cuStreamBeginCapture_v2(one, 0));
    cuda.ok(cuEventRecord(fork, one));
    cuda.ok(cuStreamWaitEvent(two, fork, 0));
    cuda.ok(cuMemsetD32Async(device, 1, 8, two));
    cuda.ok(cuEventRecord(join, two));
    if (ordered) {
      cuda.ok(cuStreamWaitEvent(one, join, 0));
    }
    cuda.ok(cuMemcpyDtoDAsync_v2(device + 32, device, 16, one));
    cuda.ok(cuStreamWaitEvent(one, join, 0));
    cuda.ok(cuStreamEndCapture(one, cuda.out));
    MemorySegment graph = cuda.handle();
    cuda.ok(cuGraphInstantiateWithFlags(cuda.out, graph, 0));
    MemorySegment executable = cuda.handle();
    for (int i = 0; i < 3; i++) {
      cuda.ok(cuGraphLaunch(executable, one));
    }
    cuda.ok(cuCtxSynchronize());
    cuda.ok(cuGraphExecDestroy(executable));
    cuda.ok(cuGraphDestroy(graph));
  }

  @Test
  void handles_are_used_while_they_live() {
    finds(
        "a stream that was destroyed",
        cuda -> {
          cuda.ok(cuStreamCreate(cuda.out, 1));
          MemorySegment stream = cuda.handle();
          cuda.ok(cuStreamDestroy_v2(stream));
          cuda.is("INVALID_HANDLE", cuStreamSynchronize(stream));
        },
        cuda -> cuda.ok(cuStreamSynchronize(cuda.stream(1))));
    finds(
        "expected a stream, got 0x",
        cuda -> cuda.is("INVALID_HANDLE", cuStreamSynchronize(cuda.event())),
        cuda -> cuda.ok(cuEventSynchronize(cuda.event())));
  }

  @Test
  void captures_are_not_disturbed() {
    finds(
        "while a stream is being captured",
        cuda -> captured(cuda, true),
        cuda -> captured(cuda, false));
  }

  private static void captured(Cuda cuda, boolean disturbed) {
    MemorySegment stream = cuda.stream(1);
    cuda.ok(cuStreamBeginCapture_v2(stream, 0));
    if (disturbed) {
      cuda.is("STREAM_CAPTURE_UNSUPPORTED", cuMemAlloc_v2(cuda.out, 16));
      cuda.is("STREAM_CAPTURE_INVALIDATED", cuStreamEndCapture(stream, cuda.out));
    } else {
      cuda.ok(cuStreamEndCapture(stream, cuda.out));
      cuda.ok(cuGraphDestroy(cuda.handle()));
    }
  }

  @Test
  void what_was_made_is_given_back() {
    Cuda clean = Cuda.start(Cuda.options());
    clean.allocate(16);
    clean.pinned(16);
    clean.stream(0);
    clean.event();
    clean.close();

    Cuda cuda = Cuda.start(Cuda.options());
    cuda.misuses();
    cuda.ok(cuMemAlloc_v2(cuda.out, 1234));
    cuda.ok(cuMemAllocHost_v2(cuda.out, 4321));
    cuda.ok(cuStreamCreate(cuda.out, 0));
    cuda.ok(cuEventCreate(cuda.out, 0));
    cuda.ok(cuGraphCreate(cuda.out, 0));
    createMappable(cuda);
    assertEquals(List.of(), EmulatedDriver.findings());
    List<String> leaks = EmulatedDriver.close().stream().map(Finding::toString).toList();
    String here = "HostApiCheckerTest.what_was_made_is_given_back (HostApiCheckerTest.java:";
    assertEquals(6, leaks.size(), leaks.toString());
    for (String leak : leaks) {
      assertTrue(leak.startsWith("host-api: leak: ") && leak.contains(here), leak);
    }
    assertTrue(leaks.get(0).contains("1234 bytes of device memory"), leaks.toString());
    assertTrue(leaks.get(1).contains("4321 bytes of pinned host memory"), leaks.toString());
    assertTrue(leaks.get(5).contains("2097152 bytes of mappable memory"), leaks.toString());
    cuda.arena.close();
  }

  private static void createMappable(Cuda cuda) {
    MemorySegment properties = cuda.arena.allocate(CUmemAllocationProp.layout());
    CUmemAllocationProp.type(properties, CU_MEM_ALLOCATION_TYPE_PINNED());
    CUmemLocation.type(CUmemAllocationProp.location(properties), CU_MEM_LOCATION_TYPE_DEVICE());
    cuda.ok(cuMemCreate(cuda.out, 2 << 20, properties, 0));
  }

  @Test
  void a_second_free_is_found_and_so_is_an_address_that_was_never_allocated() {
    finds(
        "which was freed",
        cuda -> {
          cuda.ok(cuMemAlloc_v2(cuda.out, 4096));
          long device = cuda.number();
          cuda.ok(cuMemFree_v2(device));
          cuda.is("INVALID_VALUE", cuMemFree_v2(device));
        },
        cuda -> {
          cuda.ok(cuMemAlloc_v2(cuda.out, 4096));
          cuda.ok(cuMemFree_v2(cuda.number()));
        });
    finds(
        "0 bytes after the end of device memory",
        cuda -> cuda.is("INVALID_VALUE", cuMemsetD8_v2(cuda.allocate(100), (byte) 0, 101)),
        cuda -> cuda.ok(cuMemsetD8_v2(cuda.allocate(100), (byte) 0, 100)));
  }

  @Test
  void launches_ask_for_no_more_than_their_kernel_may_have() {
    finds(
        "49156 bytes of dynamic shared memory",
        cuda ->
            cuda.is("INVALID_VALUE", dynamicShared(cuda, cuda.kernel("dynamic"), 48 * 1024 + 4)),
        cuda -> {
          MemorySegment dynamic = cuda.kernel("dynamic");
          int attribute = CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES();
          cuda.ok(cuFuncSetAttribute(dynamic, attribute, 48 * 1024 + 4));
          cuda.ok(dynamicShared(cuda, dynamic, 48 * 1024 + 4));
        });
    finds(
        "threads a block at most, not for 65",
        cuda -> cuda.is("INVALID_VALUE", bounded(cuda, 65)),
        cuda -> cuda.ok(bounded(cuda, 64)));
  }

  private static int dynamicShared(Cuda cuda, MemorySegment kernel, int bytes) {
    int status = cuda.launch(kernel, 1, 1, bytes, Cuda.handle(0), cuda.allocate(4));
    cuda.ok(cuCtxSynchronize());
    return status;
  }

  private static int bounded(Cuda cuda, int threads) {
    int status = cuda.launch(cuda.kernel("bounded"), 1, threads, 0, Cuda.handle(0));
    cuda.ok(cuCtxSynchronize());
    return status;
  }

  @Test
  void without_the_checker_nothing_is_reported() {
    Cuda cuda = Cuda.start(Cuda.options().with(ExecutionOptions.fast()));
    twoStreams(cuda, false);
    reusedBuffer(cuda, false);
    cuda.is("INVALID_HANDLE", cuStreamSynchronize(Cuda.handle(77)));
    cuda.ok(cuMemAlloc_v2(cuda.out, 16));
    cuda.close();
  }
}
