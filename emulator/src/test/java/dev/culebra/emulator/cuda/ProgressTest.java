package dev.culebra.emulator.cuda;

import static dev.culebra.bindings.cuda.cuda_h.CUDA_ERROR_NOT_READY;
import static dev.culebra.bindings.cuda.cuda_h.cuCtxGetCurrent;
import static dev.culebra.bindings.cuda.cuda_h.cuCtxSetCurrent;
import static dev.culebra.bindings.cuda.cuda_h.cuLaunchHostFunc;
import static dev.culebra.bindings.cuda.cuda_h.cuMemAlloc_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuMemcpyHtoDAsync_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuMemsetD32Async;
import static dev.culebra.bindings.cuda.cuda_h.cuStreamQuery;
import static dev.culebra.bindings.cuda.cuda_h.cuStreamSynchronize;
import static dev.culebra.emulator.cuda.Cuda.handle;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.culebra.bindings.cuda.CUhostFn;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Programs whose threads, streams and kernels wait for one another in ways that go well. */
@ExtendWith(CudaExtension.class)
class ProgressTest {
  private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();

  private static MemorySegment zeros(Cuda cuda) {
    return cuda.pinned(64).fill((byte) 0);
  }

  private static int poll(MemorySegment flag) {
    int value;
    do {
      Thread.onSpinWait();
      value = (int) INT.getVolatile(flag, 0L);
    } while (value == 0);
    return value;
  }

  @Test
  void a_kernel_may_wait_for_what_another_thread_does_with_the_driver(Cuda cuda)
      throws InterruptedException {
    cuda.misuses(); // Nothing orders the kernel and the copy that it waits for.
    MemorySegment one = cuda.stream(1);
    MemorySegment two = cuda.stream(1);
    MemorySegment flag = zeros(cuda);
    MemorySegment answer = zeros(cuda);
    long device = cuda.allocate(64);
    cuda.upload(device, 0);
    cuda.ok(cuCtxGetCurrent(cuda.out));
    MemorySegment context = cuda.handle();
    cuda.ok(cuda.launch(cuda.kernel("await"), 1, 1, 0, one, device, answer.address()));
    CountDownLatch begun = new CountDownLatch(1);
    Thread other =
        Thread.ofPlatform()
            .start(
                () -> {
                  cuda.ok(cuCtxSetCurrent(context));
                  begun.countDown();
                  cuda.is("NOT_READY", cuStreamQuery(one));
                  try (var arena = Arena.ofConfined()) {
                    cuda.ok(cuMemAlloc_v2(arena.allocate(8), 16));
                  }
                  flag.set(ValueLayout.JAVA_INT, 0, 9);
                  cuda.ok(cuMemcpyHtoDAsync_v2(device, flag, 4, two));
                  cuda.ok(cuStreamSynchronize(two));
                });
    begun.await();
    cuda.ok(cuStreamSynchronize(one));
    other.join();
    assertEquals(9, answer.get(ValueLayout.JAVA_INT, 0));
  }

  @Test
  void a_kernel_may_wait_for_what_its_thread_does_between_two_queries(Cuda cuda) {
    MemorySegment stream = cuda.stream(1);
    MemorySegment flag = zeros(cuda);
    MemorySegment answer = zeros(cuda);
    cuda.ok(cuda.launch(cuda.kernel("await"), 1, 1, 0, stream, flag.address(), answer.address()));
    cuda.is("NOT_READY", cuStreamQuery(stream));
    INT.setVolatile(flag, 0L, 7);
    int status;
    do {
      status = cuStreamQuery(stream);
    } while (status == CUDA_ERROR_NOT_READY());
    cuda.ok(status);
    assertEquals(7, answer.get(ValueLayout.JAVA_INT, 0));
  }

  @Test
  void a_function_of_a_stream_may_wait_for_the_thread_that_asks_for_it(Cuda cuda) {
    MemorySegment stream = cuda.stream(1);
    CountDownLatch latch = new CountDownLatch(1);
    MemorySegment function =
        CUhostFn.allocate(
            data -> {
              try {
                latch.await();
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
            },
            cuda.arena);
    cuda.ok(cuLaunchHostFunc(stream, function, handle(0)));
    cuda.is("NOT_READY", cuStreamQuery(stream));
    latch.countDown();
    cuda.ok(cuStreamSynchronize(stream));
    cuda.ok(cuStreamQuery(stream));
  }

  /** One test, since the emulator is quicker to help a program that has needed it before. */
  @Test
  void what_nothing_waits_for_is_done_all_the_same(Cuda cuda) {
    MemorySegment one = cuda.stream(1);
    MemorySegment two = cuda.stream(1);
    MemorySegment flag = zeros(cuda);
    MemorySegment answer = zeros(cuda);
    cuda.ok(cuMemsetD32Async(flag.address(), 5, 1, one));
    assertEquals(5, poll(flag));
    INT.setVolatile(flag, 0L, 0);
    cuda.ok(cuda.launch(cuda.kernel("await"), 1, 1, 0, one, flag.address(), answer.address()));
    MemorySegment function = CUhostFn.allocate(data -> INT.setVolatile(flag, 0L, 3), cuda.arena);
    cuda.ok(cuLaunchHostFunc(two, function, handle(0)));
    cuda.ok(cuStreamSynchronize(one));
    assertEquals(3, answer.get(ValueLayout.JAVA_INT, 0));
    cuda.ok(cuStreamSynchronize(two));
    INT.setVolatile(flag, 0L, 0);
    INT.setVolatile(answer, 0L, 0);
    cuda.ok(cuda.launch(cuda.kernel("await"), 1, 1, 0, one, flag.address(), answer.address()));
    cuda.ok(cuLaunchHostFunc(two, function, handle(0)));
    assertEquals(3, poll(answer));
  }
}
