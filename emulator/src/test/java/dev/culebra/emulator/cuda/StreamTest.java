package dev.culebra.emulator.cuda;

import static dev.culebra.bindings.cuda.cuda_h.CU_EVENT_DISABLE_TIMING;
import static dev.culebra.bindings.cuda.cuda_h.CU_STREAM_LEGACY;
import static dev.culebra.bindings.cuda.cuda_h.CU_STREAM_NON_BLOCKING;
import static dev.culebra.bindings.cuda.cuda_h.CU_STREAM_PER_THREAD;
import static dev.culebra.bindings.cuda.cuda_h.CU_STREAM_WAIT_VALUE_EQ;
import static dev.culebra.bindings.cuda.cuda_h.CU_STREAM_WAIT_VALUE_FLUSH;
import static dev.culebra.bindings.cuda.cuda_h.CU_STREAM_WAIT_VALUE_GEQ;
import static dev.culebra.bindings.cuda.cuda_h.cuCtxGetCurrent;
import static dev.culebra.bindings.cuda.cuda_h.cuCtxSynchronize;
import static dev.culebra.bindings.cuda.cuda_h.cuDeviceGet;
import static dev.culebra.bindings.cuda.cuda_h.cuEventCreate;
import static dev.culebra.bindings.cuda.cuda_h.cuEventDestroy_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuEventElapsedTime_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuEventQuery;
import static dev.culebra.bindings.cuda.cuda_h.cuEventRecord;
import static dev.culebra.bindings.cuda.cuda_h.cuEventSynchronize;
import static dev.culebra.bindings.cuda.cuda_h.cuLaunchHostFunc;
import static dev.culebra.bindings.cuda.cuda_h.cuMemcpyDtoDAsync_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuMemcpyDtoHAsync_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuMemsetD32Async;
import static dev.culebra.bindings.cuda.cuda_h.cuMemsetD8Async;
import static dev.culebra.bindings.cuda.cuda_h.cuStreamAddCallback;
import static dev.culebra.bindings.cuda.cuda_h.cuStreamCreate;
import static dev.culebra.bindings.cuda.cuda_h.cuStreamCreateWithPriority;
import static dev.culebra.bindings.cuda.cuda_h.cuStreamDestroy_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuStreamGetCtx;
import static dev.culebra.bindings.cuda.cuda_h.cuStreamGetFlags;
import static dev.culebra.bindings.cuda.cuda_h.cuStreamGetId;
import static dev.culebra.bindings.cuda.cuda_h.cuStreamGetPriority;
import static dev.culebra.bindings.cuda.cuda_h.cuStreamQuery;
import static dev.culebra.bindings.cuda.cuda_h.cuStreamSynchronize;
import static dev.culebra.bindings.cuda.cuda_h.cuStreamWaitEvent;
import static dev.culebra.bindings.cuda.cuda_h.cuStreamWaitValue32_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuStreamWriteValue32_v2;
import static dev.culebra.emulator.cuda.Cuda.handle;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.culebra.bindings.cuda.CUhostFn;
import dev.culebra.bindings.cuda.CUstreamCallback;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(CudaExtension.class)
class StreamTest {
  @Test
  void nothing_runs_before_something_waits_for_it(Cuda cuda) {
    assumeFalse(Cuda.REAL, "a real device runs when it likes");
    MemorySegment stream = cuda.stream(1);
    MemorySegment pinned = cuda.pinned(16);
    long device = cuda.allocate(16);
    cuda.ok(cuMemsetD32Async(device, 7, 4, stream));
    cuda.ok(cuMemcpyDtoHAsync_v2(pinned, device, 16, stream));
    assertEquals(0, pinned.get(ValueLayout.JAVA_INT, 0));
    cuda.ok(cuStreamSynchronize(stream));
    assertEquals(7, pinned.get(ValueLayout.JAVA_INT, 12));
  }

  @Test
  void waiting_for_one_stream_leaves_another_alone(Cuda cuda) {
    assumeFalse(Cuda.REAL, "a real device runs when it likes");
    MemorySegment one = cuda.stream(1);
    MemorySegment two = cuda.stream(1);
    MemorySegment pinned = cuda.pinned(16);
    cuda.ok(cuMemsetD32Async(pinned.address(), 1, 1, one));
    cuda.ok(cuMemsetD32Async(pinned.address() + 8, 2, 1, two));
    cuda.ok(cuStreamSynchronize(one));
    assertEquals(1, pinned.get(ValueLayout.JAVA_INT, 0));
    assertEquals(0, pinned.get(ValueLayout.JAVA_INT, 8));
    cuda.ok(cuCtxSynchronize());
    assertEquals(2, pinned.get(ValueLayout.JAVA_INT, 8));
  }

  @Test
  void asking_again_and_again_gets_the_work_done(Cuda cuda) {
    MemorySegment stream = cuda.stream(1);
    long device = cuda.allocate(64);
    for (int i = 0; i < 5; i++) {
      cuda.ok(cuMemsetD32Async(device, i, 16, stream));
    }
    int asked = 0;
    while (true) {
      int status = cuStreamQuery(stream);
      if (status == 0) {
        break;
      }
      cuda.is("NOT_READY", status);
      asked++;
    }
    assertTrue(Cuda.REAL || asked == 5, "asked " + asked + " times");
    assertEquals(4, cuda.download(device, 1)[0]);
  }

  @Test
  void streams_wait_for_events_of_other_streams(Cuda cuda) {
    MemorySegment one = cuda.stream(1);
    MemorySegment two = cuda.stream(1);
    MemorySegment event = cuda.event();
    long device = cuda.allocate(4);
    MemorySegment pinned = cuda.pinned(4);
    cuda.ok(cuMemsetD32Async(device, 11, 1, one));
    cuda.ok(cuEventRecord(event, one));
    cuda.ok(cuStreamWaitEvent(two, event, 0));
    cuda.ok(cuMemcpyDtoHAsync_v2(pinned, device, 4, two));
    cuda.ok(cuStreamSynchronize(two));
    assertEquals(11, pinned.get(ValueLayout.JAVA_INT, 0));
    cuda.ok(cuEventQuery(event));
  }

  @Test
  void a_wait_for_an_event_that_was_never_recorded_is_none(Cuda cuda) {
    MemorySegment stream = cuda.stream(1);
    cuda.ok(cuStreamWaitEvent(stream, cuda.event(), 0));
    cuda.ok(cuStreamSynchronize(stream));
  }

  @Test
  void the_legacy_stream_and_blocking_streams_wait_for_each_other(Cuda cuda) {
    MemorySegment blocking = cuda.stream(0);
    long device = cuda.allocate(4);
    MemorySegment pinned = cuda.pinned(4);
    cuda.ok(cuMemsetD32Async(device, 5, 1, blocking));
    cuda.ok(cuMemcpyDtoDAsync_v2(pinned.address(), device, 4, handle(0)));
    cuda.ok(cuStreamSynchronize(handle(0)));
    assertEquals(5, pinned.get(ValueLayout.JAVA_INT, 0));
    cuda.ok(cuMemsetD32Async(device, 6, 1, CU_STREAM_LEGACY()));
    cuda.ok(cuMemcpyDtoDAsync_v2(pinned.address(), device, 4, blocking));
    cuda.ok(cuStreamSynchronize(blocking));
    assertEquals(6, pinned.get(ValueLayout.JAVA_INT, 0));
  }

  @Test
  void the_legacy_stream_does_not_wait_for_a_non_blocking_one(Cuda cuda) {
    assumeFalse(Cuda.REAL, "a real device runs when it likes");
    cuda.misuses();
    MemorySegment stream = cuda.stream(1);
    long device = cuda.allocate(4);
    cuda.upload(device, 1);
    cuda.ok(cuMemsetD32Async(device, 5, 1, stream));
    assertEquals(1, cuda.download(device, 1)[0]);
    cuda.ok(cuStreamSynchronize(stream));
    assertEquals(5, cuda.download(device, 1)[0]);
  }

  @Test
  void a_threads_own_stream_is_a_blocking_one(Cuda cuda) {
    long device = cuda.allocate(4);
    MemorySegment pinned = cuda.pinned(4);
    cuda.ok(cuMemsetD32Async(device, 8, 1, CU_STREAM_PER_THREAD()));
    cuda.ok(cuMemcpyDtoDAsync_v2(pinned.address(), device, 4, CU_STREAM_LEGACY()));
    cuda.ok(cuStreamSynchronize(CU_STREAM_LEGACY()));
    assertEquals(8, pinned.get(ValueLayout.JAVA_INT, 0));
  }

  @Test
  void functions_of_the_program_run_in_order_and_must_not_call_the_driver(Cuda cuda) {
    cuda.misuses();
    MemorySegment stream = cuda.stream(1);
    List<String> calls = new ArrayList<>();
    MemorySegment pinned = cuda.pinned(4);
    MemorySegment room = Arena.global().allocate(8);
    MemorySegment function =
        CUhostFn.allocate(
            data ->
                calls.add(
                    data.address()
                        + " saw "
                        + pinned.get(ValueLayout.JAVA_INT, 0)
                        + " "
                        + Cuda.name(
                            data.address() == 77 ? cuStreamCreate(room, 0) : cuDeviceGet(room, 0))),
            cuda.arena);
    cuda.ok(cuMemsetD32Async(pinned.address(), 1, 1, stream));
    cuda.ok(cuLaunchHostFunc(stream, function, handle(77)));
    cuda.ok(cuMemsetD32Async(pinned.address(), 2, 1, stream));
    cuda.ok(cuLaunchHostFunc(stream, function, handle(78)));
    cuda.ok(cuStreamSynchronize(stream));
    assertEquals(List.of("77 saw 1 NOT_PERMITTED", "78 saw 2 NOT_PERMITTED"), calls);
  }

  @Test
  void callbacks_are_told_their_stream_and_that_all_is_well(Cuda cuda) {
    MemorySegment stream = cuda.stream(1);
    List<String> calls = new ArrayList<>();
    MemorySegment callback =
        CUstreamCallback.allocate(
            (of, status, data) ->
                calls.add(of.equals(stream) + " " + status + " " + data.address()),
            cuda.arena);
    cuda.ok(cuStreamAddCallback(stream, callback, handle(5), 0));
    cuda.ok(cuStreamSynchronize(stream));
    assertEquals(List.of("true 0 5"), calls);
  }

  @Test
  void streams_know_what_they_are(Cuda cuda) {
    MemorySegment stream = cuda.stream(1);
    cuda.ok(cuStreamGetFlags(stream, cuda.out));
    assertEquals(CU_STREAM_NON_BLOCKING(), cuda.integer());
    cuda.ok(cuStreamCreateWithPriority(cuda.out, 0, -100));
    MemorySegment urgent = cuda.handle();
    cuda.ok(cuStreamGetPriority(urgent, cuda.out));
    assertEquals(-5, cuda.integer());
    cuda.ok(cuStreamGetId(stream, cuda.out));
    long id = cuda.number();
    cuda.ok(cuStreamGetId(urgent, cuda.out));
    assertNotEquals(id, cuda.number());
    cuda.ok(cuStreamGetCtx(stream, cuda.out));
    MemorySegment context = cuda.handle();
    cuda.ok(cuCtxGetCurrent(cuda.out));
    assertEquals(context, cuda.handle());
    cuda.ok(cuStreamDestroy_v2(urgent));
    cuda.is("INVALID_VALUE", cuStreamCreate(cuda.out, 8));
    cuda.is("INVALID_VALUE", cuStreamCreate(handle(0), 0));
  }

  @Test
  void work_of_a_destroyed_stream_is_still_done(Cuda cuda) {
    cuda.ok(cuStreamCreate(cuda.out, 1));
    MemorySegment stream = cuda.handle();
    MemorySegment event = cuda.event();
    MemorySegment pinned = cuda.pinned(4);
    cuda.ok(cuMemsetD32Async(pinned.address(), 4, 1, stream));
    cuda.ok(cuEventRecord(event, stream));
    cuda.ok(cuStreamDestroy_v2(stream));
    cuda.ok(cuEventSynchronize(event));
    assertEquals(4, pinned.get(ValueLayout.JAVA_INT, 0));
  }

  @Test
  void streams_write_and_wait_for_values(Cuda cuda) {
    MemorySegment one = cuda.stream(1);
    MemorySegment two = cuda.stream(1);
    MemorySegment pinned = cuda.pinned(16);
    long flag = cuda.allocate(4);
    cuda.upload(flag, 0);
    cuda.ok(cuStreamWaitValue32_v2(two, flag, 3, CU_STREAM_WAIT_VALUE_GEQ()));
    cuda.ok(cuMemsetD32Async(pinned.address(), 9, 1, two));
    cuda.ok(cuStreamWriteValue32_v2(one, flag, 4, 0));
    cuda.ok(cuStreamSynchronize(two));
    assertEquals(9, pinned.get(ValueLayout.JAVA_INT, 0));
    cuda.ok(cuStreamSynchronize(one));
    cuda.is("INVALID_VALUE", cuStreamWaitValue32_v2(two, flag + 1, 3, 0));
    cuda.is("NOT_SUPPORTED", cuStreamWaitValue32_v2(two, flag, 3, CU_STREAM_WAIT_VALUE_FLUSH()));
  }

  @Test
  void a_stream_goes_on_when_another_thread_writes_the_value_that_it_waits_for(Cuda cuda)
      throws InterruptedException {
    MemorySegment stream = cuda.stream(1);
    MemorySegment pinned = cuda.pinned(16);
    cuda.ok(cuStreamWaitValue32_v2(stream, pinned.address(), 1, CU_STREAM_WAIT_VALUE_EQ()));
    Thread writer =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    Thread.sleep(20);
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                  pinned.set(ValueLayout.JAVA_INT, 0, 1);
                });
    cuda.ok(cuStreamSynchronize(stream));
    writer.join();
  }

  @Test
  void an_events_time_is_known_when_it_was_recorded_with_timing_and_reached(Cuda cuda) {
    cuda.misuses();
    MemorySegment stream = cuda.stream(1);
    MemorySegment start = cuda.event();
    MemorySegment end = cuda.event();
    cuda.is("INVALID_HANDLE", cuEventElapsedTime_v2(cuda.out, start, end));
    long device = cuda.allocate(1 << 20);
    cuda.ok(cuEventRecord(start, stream));
    cuda.ok(cuMemsetD8Async(device, (byte) 1, 1 << 20, stream));
    cuda.ok(cuEventRecord(end, stream));
    if (!Cuda.REAL) {
      cuda.is("NOT_READY", cuEventElapsedTime_v2(cuda.out, start, end));
    }
    cuda.ok(cuEventSynchronize(end));
    cuda.ok(cuEventElapsedTime_v2(cuda.out, start, end));
    float milliseconds = cuda.out.get(ValueLayout.JAVA_FLOAT, 0);
    assertTrue(milliseconds > 0 && milliseconds < 10_000, milliseconds + " ms");
    cuda.ok(cuEventCreate(cuda.out, CU_EVENT_DISABLE_TIMING()));
    MemorySegment untimed = cuda.handle();
    cuda.ok(cuEventRecord(untimed, stream));
    cuda.ok(cuEventSynchronize(untimed));
    cuda.is("INVALID_HANDLE", cuEventElapsedTime_v2(cuda.out, start, untimed));
    cuda.ok(cuEventDestroy_v2(untimed));
    cuda.is("INVALID_VALUE", cuEventCreate(cuda.out, 64));
    cuda.ok(cuEventQuery(cuda.event()));
  }
}
