package dev.culebra.emulator.cuda;

import static dev.culebra.bindings.cuda.cuda_h.CU_GRAPH_NODE_TYPE_MEMSET;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEMPOOL_ATTR_RELEASE_THRESHOLD;
import static dev.culebra.bindings.cuda.cuda_h.CU_STREAM_CAPTURE_STATUS_ACTIVE;
import static dev.culebra.bindings.cuda.cuda_h.CU_STREAM_CAPTURE_STATUS_INVALIDATED;
import static dev.culebra.bindings.cuda.cuda_h.CU_STREAM_CAPTURE_STATUS_NONE;
import static dev.culebra.bindings.cuda.cuda_h.CU_STREAM_LEGACY;
import static dev.culebra.bindings.cuda.cuda_h.CU_STREAM_SET_CAPTURE_DEPENDENCIES;
import static dev.culebra.bindings.cuda.cuda_h.cuCtxGetCurrent;
import static dev.culebra.bindings.cuda.cuda_h.cuCtxSetCurrent;
import static dev.culebra.bindings.cuda.cuda_h.cuCtxSynchronize;
import static dev.culebra.bindings.cuda.cuda_h.cuDeviceGetDefaultMemPool;
import static dev.culebra.bindings.cuda.cuda_h.cuEventQuery;
import static dev.culebra.bindings.cuda.cuda_h.cuEventRecord;
import static dev.culebra.bindings.cuda.cuda_h.cuEventSynchronize;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphDestroy;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphExecDestroy;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphGetEdges_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphGetNodes;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphGetRootNodes;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphInstantiateWithFlags;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphLaunch;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphNodeGetType;
import static dev.culebra.bindings.cuda.cuda_h.cuMemAllocAsync;
import static dev.culebra.bindings.cuda.cuda_h.cuMemAlloc_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuMemFreeAsync;
import static dev.culebra.bindings.cuda.cuda_h.cuMemFree_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuMemPoolGetAttribute;
import static dev.culebra.bindings.cuda.cuda_h.cuMemcpyDtoDAsync_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuMemcpyDtoHAsync_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuMemcpyHtoD_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuMemsetD32Async;
import static dev.culebra.bindings.cuda.cuda_h.cuStreamBeginCapture_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuStreamEndCapture;
import static dev.culebra.bindings.cuda.cuda_h.cuStreamGetCaptureInfo_v3;
import static dev.culebra.bindings.cuda.cuda_h.cuStreamIsCapturing;
import static dev.culebra.bindings.cuda.cuda_h.cuStreamQuery;
import static dev.culebra.bindings.cuda.cuda_h.cuStreamSynchronize;
import static dev.culebra.bindings.cuda.cuda_h.cuStreamUpdateCaptureDependencies_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuStreamWaitEvent;
import static dev.culebra.bindings.cuda.cuda_h.cuThreadExchangeStreamCaptureMode;
import static dev.culebra.emulator.cuda.Cuda.handle;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(CudaExtension.class)
class CaptureTest {
  private static final int GLOBAL = 0;
  private static final int THREAD_LOCAL = 1;
  private static final int RELAXED = 2;

  private static int nodes(Cuda cuda, MemorySegment graph) {
    MemorySegment count = cuda.arena.allocate(8);
    cuda.ok(cuGraphGetNodes(graph, handle(0), count));
    return (int) count.get(ValueLayout.JAVA_LONG, 0);
  }

  private static MemorySegment end(Cuda cuda, MemorySegment stream) {
    cuda.ok(cuStreamEndCapture(stream, cuda.out));
    MemorySegment graph = cuda.handle();
    cuda.atEnd(() -> cuGraphDestroy(graph));
    return graph;
  }

  private static MemorySegment instantiate(Cuda cuda, MemorySegment graph) {
    cuda.ok(cuGraphInstantiateWithFlags(cuda.out, graph, 0));
    MemorySegment executable = cuda.handle();
    cuda.atEnd(() -> cuGraphExecDestroy(executable));
    return executable;
  }

  private static int status(Cuda cuda, MemorySegment stream) {
    cuda.ok(cuStreamIsCapturing(stream, cuda.out));
    return cuda.integer();
  }

  @Test
  void what_is_captured_runs_at_each_launch_and_not_before(Cuda cuda) {
    MemorySegment stream = cuda.stream(1);
    long device = cuda.allocate(64);
    MemorySegment pinned = cuda.pinned(4);
    cuda.upload(device, 10, 20);
    assertEquals(CU_STREAM_CAPTURE_STATUS_NONE(), status(cuda, stream));
    cuda.ok(cuStreamBeginCapture_v2(stream, GLOBAL));
    assertEquals(CU_STREAM_CAPTURE_STATUS_ACTIVE(), status(cuda, stream));
    cuda.ok(cuMemcpyDtoDAsync_v2(device, device + 4, 4, stream));
    cuda.ok(cuMemcpyDtoHAsync_v2(pinned, device, 4, stream));
    MemorySegment graph = end(cuda, stream);
    assertEquals(2, nodes(cuda, graph));
    assertEquals(10, cuda.download(device, 1)[0]);
    MemorySegment executable = instantiate(cuda, graph);
    cuda.ok(cuGraphLaunch(executable, stream));
    cuda.ok(cuStreamSynchronize(stream));
    assertEquals(20, pinned.get(ValueLayout.JAVA_INT, 0));
    cuda.upload(device + 4, 30);
    cuda.ok(cuGraphLaunch(executable, stream));
    cuda.ok(cuStreamSynchronize(stream));
    assertEquals(30, pinned.get(ValueLayout.JAVA_INT, 0));
  }

  @Test
  void streams_join_and_leave_a_capture_by_events(Cuda cuda) {
    MemorySegment one = cuda.stream(1);
    MemorySegment two = cuda.stream(1);
    MemorySegment fork = cuda.event();
    MemorySegment join = cuda.event();
    long device = cuda.allocate(64);
    cuda.ok(cuStreamBeginCapture_v2(one, GLOBAL));
    cuda.ok(cuMemsetD32Async(device, 1, 1, one));
    cuda.ok(cuEventRecord(fork, one));
    cuda.ok(cuStreamWaitEvent(two, fork, 0));
    assertEquals(CU_STREAM_CAPTURE_STATUS_ACTIVE(), status(cuda, two));
    cuda.ok(cuMemcpyDtoDAsync_v2(device + 8, device, 4, two));
    cuda.ok(cuMemcpyDtoDAsync_v2(device + 16, device, 4, one));
    cuda.ok(cuEventRecord(join, two));
    cuda.ok(cuStreamWaitEvent(one, join, 0));
    cuda.ok(cuMemcpyDtoDAsync_v2(device + 24, device + 8, 4, one));
    MemorySegment graph = end(cuda, one);
    assertEquals(CU_STREAM_CAPTURE_STATUS_NONE(), status(cuda, two));
    assertEquals(4, nodes(cuda, graph));
    MemorySegment count = cuda.arena.allocate(8);
    cuda.ok(cuGraphGetEdges_v2(graph, handle(0), handle(0), handle(0), count));
    assertEquals(4, count.get(ValueLayout.JAVA_LONG, 0));
    cuda.ok(cuGraphLaunch(instantiate(cuda, graph), two));
    cuda.ok(cuStreamSynchronize(two));
    assertEquals(1, cuda.download(device + 24, 1)[0]);
  }

  @Test
  void a_capture_whose_other_streams_are_not_joined_fails(Cuda cuda) {
    cuda.misuses();
    MemorySegment one = cuda.stream(1);
    MemorySegment two = cuda.stream(1);
    MemorySegment fork = cuda.event();
    long device = cuda.allocate(64);
    cuda.ok(cuStreamBeginCapture_v2(one, RELAXED));
    cuda.ok(cuEventRecord(fork, one));
    cuda.ok(cuStreamWaitEvent(two, fork, 0));
    cuda.ok(cuMemsetD32Async(device, 1, 1, two));
    cuda.is("STREAM_CAPTURE_UNJOINED", cuStreamEndCapture(one, cuda.out));
    assertEquals(0, cuda.number());
    assertEquals(CU_STREAM_CAPTURE_STATUS_NONE(), status(cuda, one));
    assertEquals(CU_STREAM_CAPTURE_STATUS_NONE(), status(cuda, two));
  }

  /** Begins a capture, makes an illegal call, and ends the capture, which has to fail. */
  private static void invalidates(
      Cuda cuda, MemorySegment stream, String expected, IntSupplier call) {
    cuda.misuses();
    cuda.ok(cuStreamBeginCapture_v2(stream, GLOBAL));
    cuda.is(expected, call.getAsInt());
    assertEquals(CU_STREAM_CAPTURE_STATUS_INVALIDATED(), status(cuda, stream));
    cuda.is("STREAM_CAPTURE_INVALIDATED", cuStreamEndCapture(stream, cuda.out));
    assertEquals(0, cuda.number());
    assertEquals(CU_STREAM_CAPTURE_STATUS_NONE(), status(cuda, stream));
  }

  @Test
  void waiting_for_or_asking_about_a_captured_stream_invalidates_the_capture(Cuda cuda) {
    MemorySegment stream = cuda.stream(1);
    invalidates(cuda, stream, "STREAM_CAPTURE_UNSUPPORTED", () -> cuStreamSynchronize(stream));
    invalidates(cuda, stream, "STREAM_CAPTURE_UNSUPPORTED", () -> cuStreamQuery(stream));
    invalidates(cuda, stream, "STREAM_CAPTURE_UNSUPPORTED", () -> cuCtxSynchronize());
  }

  @Test
  void unsafe_calls_invalidate_a_global_capture(Cuda cuda) {
    MemorySegment stream = cuda.stream(1);
    MemorySegment other = cuda.stream(1);
    MemorySegment event = cuda.event();
    invalidates(cuda, stream, "STREAM_CAPTURE_UNSUPPORTED", () -> cuMemAlloc_v2(cuda.out, 16));
    cuda.ok(cuDeviceGetDefaultMemPool(cuda.out, 0));
    MemorySegment pool = cuda.handle();
    invalidates(
        cuda,
        stream,
        "STREAM_CAPTURE_UNSUPPORTED",
        () -> cuMemPoolGetAttribute(pool, CU_MEMPOOL_ATTR_RELEASE_THRESHOLD(), cuda.out));
    invalidates(cuda, stream, "STREAM_CAPTURE_UNSUPPORTED", () -> cuStreamSynchronize(other));
    invalidates(cuda, stream, "STREAM_CAPTURE_UNSUPPORTED", () -> cuEventQuery(event));
  }

  @Test
  void synchronous_copies_are_refused_beside_captures_of_blocking_streams_alone(Cuda cuda) {
    MemorySegment stream = cuda.stream(1);
    MemorySegment blocking = cuda.stream(0);
    long device = cuda.allocate(16);
    MemorySegment host = cuda.arena.allocate(16);
    invalidates(cuda, blocking, "STREAM_CAPTURE_IMPLICIT", () -> cuMemcpyHtoD_v2(device, host, 16));
    cuda.ok(cuStreamBeginCapture_v2(stream, GLOBAL));
    cuda.ok(cuMemcpyHtoD_v2(device, host, 16));
    assertEquals(0, nodes(cuda, end(cuda, stream)));
  }

  @Test
  void after_an_illegal_call_nothing_can_be_captured_any_more(Cuda cuda) {
    cuda.misuses();
    MemorySegment stream = cuda.stream(1);
    long device = cuda.allocate(16);
    cuda.ok(cuStreamBeginCapture_v2(stream, GLOBAL));
    cuda.is("STREAM_CAPTURE_UNSUPPORTED", cuStreamSynchronize(stream));
    cuda.is("STREAM_CAPTURE_INVALIDATED", cuMemsetD32Async(device, 1, 1, stream));
    cuda.is("STREAM_CAPTURE_INVALIDATED", cuStreamEndCapture(stream, cuda.out));
  }

  @Test
  void the_legacy_stream_can_neither_be_captured_nor_used_beside_a_captured_blocking_one(
      Cuda cuda) {
    MemorySegment stream = cuda.stream(0);
    long device = cuda.allocate(16);
    cuda.misuses();
    cuda.is("STREAM_CAPTURE_UNSUPPORTED", cuStreamBeginCapture_v2(handle(0), GLOBAL));
    invalidates(
        cuda,
        stream,
        "STREAM_CAPTURE_IMPLICIT",
        () -> cuMemsetD32Async(device, 1, 1, CU_STREAM_LEGACY()));
    cuda.ok(cuStreamBeginCapture_v2(stream, RELAXED));
    cuda.is("STREAM_CAPTURE_IMPLICIT", cuStreamIsCapturing(CU_STREAM_LEGACY(), cuda.out));
    assertEquals(CU_STREAM_CAPTURE_STATUS_ACTIVE(), status(cuda, stream));
    end(cuda, stream);
  }

  @Test
  void relaxed_captures_let_unsafe_calls_pass(Cuda cuda) {
    MemorySegment stream = cuda.stream(1);
    cuda.ok(cuStreamBeginCapture_v2(stream, RELAXED));
    long device = cuda.allocate(16);
    cuda.ok(cuMemsetD32Async(device, 1, 1, stream));
    assertEquals(1, nodes(cuda, end(cuda, stream)));
  }

  @Test
  void other_threads_may_make_unsafe_calls_beside_a_thread_local_capture(Cuda cuda)
      throws InterruptedException {
    MemorySegment stream = cuda.stream(1);
    cuda.ok(cuCtxGetCurrent(cuda.out));
    MemorySegment context = cuda.handle();
    for (int mode : new int[] {THREAD_LOCAL, GLOBAL}) {
      cuda.misuses();
      cuda.ok(cuStreamBeginCapture_v2(stream, mode));
      String[] seen = new String[2];
      Thread thread =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try (Arena arena = Arena.ofConfined()) {
                      MemorySegment out = arena.allocate(8);
                      cuCtxSetCurrent(context);
                      int status = cuMemAlloc_v2(out, 16);
                      seen[0] = Cuda.name(status);
                      if (status == 0) {
                        cuMemFree_v2(out.get(ValueLayout.JAVA_LONG, 0));
                      }
                      seen[1] = Cuda.name(cuStreamEndCapture(stream, out));
                    }
                  });
      thread.join();
      if (mode == THREAD_LOCAL) {
        assertEquals("SUCCESS", seen[0]);
        assertEquals("STREAM_CAPTURE_WRONG_THREAD", seen[1]);
        end(cuda, stream);
      } else {
        assertEquals("STREAM_CAPTURE_UNSUPPORTED", seen[0]);
        cuStreamEndCapture(stream, cuda.out);
      }
    }
  }

  @Test
  void a_threads_mode_decides_what_it_may_do_beside_captures(Cuda cuda) {
    MemorySegment stream = cuda.stream(1);
    MemorySegment mode = cuda.arena.allocateFrom(ValueLayout.JAVA_INT, RELAXED);
    cuda.ok(cuThreadExchangeStreamCaptureMode(mode));
    assertEquals(GLOBAL, mode.get(ValueLayout.JAVA_INT, 0));
    cuda.ok(cuStreamBeginCapture_v2(stream, GLOBAL));
    cuda.allocate(16);
    end(cuda, stream);
    cuda.ok(cuThreadExchangeStreamCaptureMode(mode));
    assertEquals(RELAXED, mode.get(ValueLayout.JAVA_INT, 0));
  }

  @Test
  void events_recorded_in_a_capture_cannot_be_waited_for_outside(Cuda cuda) {
    MemorySegment stream = cuda.stream(1);
    MemorySegment event = cuda.event();
    invalidates(
        cuda,
        stream,
        "CAPTURED_EVENT",
        () -> {
          cuda.ok(cuEventRecord(event, stream));
          return cuEventSynchronize(event);
        });
  }

  @Test
  void a_captured_stream_cannot_wait_for_what_happens_outside(Cuda cuda) {
    MemorySegment stream = cuda.stream(1);
    MemorySegment other = cuda.stream(1);
    MemorySegment event = cuda.event();
    cuda.ok(cuEventRecord(event, other));
    invalidates(
        cuda, stream, "STREAM_CAPTURE_ISOLATION", () -> cuStreamWaitEvent(stream, event, 0));
  }

  @Test
  void two_captures_cannot_be_merged(Cuda cuda) {
    cuda.misuses();
    MemorySegment one = cuda.stream(1);
    MemorySegment two = cuda.stream(1);
    MemorySegment event = cuda.event();
    cuda.ok(cuStreamBeginCapture_v2(one, RELAXED));
    cuda.ok(cuStreamBeginCapture_v2(two, RELAXED));
    cuda.ok(cuEventRecord(event, one));
    cuda.is("STREAM_CAPTURE_MERGE", cuStreamWaitEvent(two, event, 0));
    cuda.is("STREAM_CAPTURE_INVALIDATED", cuStreamEndCapture(one, cuda.out));
    cuda.is("STREAM_CAPTURE_INVALIDATED", cuStreamEndCapture(two, cuda.out));
  }

  @Test
  void captures_begin_once_and_end_where_they_began(Cuda cuda) {
    cuda.misuses();
    MemorySegment one = cuda.stream(1);
    MemorySegment two = cuda.stream(1);
    MemorySegment event = cuda.event();
    cuda.is("ILLEGAL_STATE", cuStreamEndCapture(one, cuda.out));
    cuda.ok(cuStreamBeginCapture_v2(one, GLOBAL));
    cuda.is("ILLEGAL_STATE", cuStreamBeginCapture_v2(one, GLOBAL));
    cuda.ok(cuEventRecord(event, one));
    cuda.ok(cuStreamWaitEvent(two, event, 0));
    cuda.is("STREAM_CAPTURE_UNMATCHED", cuStreamEndCapture(two, cuda.out));
    cuStreamEndCapture(one, cuda.out);
    cuda.is("INVALID_VALUE", cuStreamBeginCapture_v2(one, 9));
  }

  @Test
  void memory_can_be_allocated_and_freed_inside_a_graph(Cuda cuda) {
    MemorySegment stream = cuda.stream(1);
    MemorySegment pinned = cuda.pinned(4);
    cuda.ok(cuStreamBeginCapture_v2(stream, GLOBAL));
    cuda.ok(cuMemAllocAsync(cuda.out, 4096, stream));
    long address = cuda.number();
    cuda.ok(cuMemsetD32Async(address, 6, 1024, stream));
    cuda.ok(cuMemcpyDtoHAsync_v2(pinned, address, 4, stream));
    cuda.ok(cuMemFreeAsync(address, stream));
    MemorySegment graph = end(cuda, stream);
    assertEquals(4, nodes(cuda, graph));
    MemorySegment executable = instantiate(cuda, graph);
    for (int i = 0; i < 2; i++) {
      pinned.set(ValueLayout.JAVA_INT, 0, 0);
      cuda.ok(cuGraphLaunch(executable, stream));
      cuda.ok(cuStreamSynchronize(stream));
      assertEquals(6, pinned.get(ValueLayout.JAVA_INT, 0));
    }
  }

  @Test
  void a_capture_tells_how_far_it_is_and_can_be_led_elsewhere(Cuda cuda) {
    MemorySegment stream = cuda.stream(1);
    long device = cuda.allocate(16);
    MemorySegment id = cuda.arena.allocate(8);
    MemorySegment graph = cuda.arena.allocate(8);
    MemorySegment nodes = cuda.arena.allocate(8);
    MemorySegment count = cuda.arena.allocate(8);
    cuda.ok(cuStreamBeginCapture_v2(stream, GLOBAL));
    cuda.ok(cuMemsetD32Async(device, 1, 1, stream));
    cuda.ok(cuStreamGetCaptureInfo_v3(stream, cuda.out, id, graph, nodes, handle(0), count));
    assertEquals(CU_STREAM_CAPTURE_STATUS_ACTIVE(), cuda.integer());
    assertNotEquals(0, id.get(ValueLayout.JAVA_LONG, 0));
    assertEquals(1, count.get(ValueLayout.JAVA_LONG, 0));
    MemorySegment first =
        Cuda.memory(nodes.get(ValueLayout.ADDRESS, 0), 8).get(ValueLayout.ADDRESS, 0);
    cuda.ok(cuGraphNodeGetType(first, cuda.out));
    assertEquals(CU_GRAPH_NODE_TYPE_MEMSET(), cuda.integer());
    cuda.ok(
        cuStreamUpdateCaptureDependencies_v2(
            stream, handle(0), handle(0), 0, CU_STREAM_SET_CAPTURE_DEPENDENCIES()));
    cuda.ok(cuMemsetD32Async(device + 8, 1, 1, stream));
    MemorySegment captured = graph.get(ValueLayout.ADDRESS, 0);
    cuda.ok(cuGraphGetRootNodes(captured, handle(0), count));
    assertEquals(2, count.get(ValueLayout.JAVA_LONG, 0));
    assertEquals(2, nodes(cuda, end(cuda, stream)));
  }
}
