package dev.culebra.emulator.cuda;

import static dev.culebra.bindings.cuda.cuda_h.cuCtxGetCurrent;
import static dev.culebra.bindings.cuda.cuda_h.cuCtxSetCurrent;
import static dev.culebra.bindings.cuda.cuda_h.cuCtxSynchronize;
import static dev.culebra.bindings.cuda.cuda_h.cuEventRecord;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphDestroy;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphExecDestroy;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphInstantiateWithFlags;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphLaunch;
import static dev.culebra.bindings.cuda.cuda_h.cuLaunchHostFunc;
import static dev.culebra.bindings.cuda.cuda_h.cuMemGetInfo_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuStreamBeginCapture_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuStreamEndCapture;
import static dev.culebra.bindings.cuda.cuda_h.cuStreamSynchronize;
import static dev.culebra.bindings.cuda.cuda_h.cuStreamWaitEvent;
import static dev.culebra.emulator.cuda.Cuda.handle;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.culebra.bindings.cuda.CUhostFn;
import dev.culebra.emulator.exec.Schedule;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** In which order functions run that several streams call. */
class StreamScheduleTest {
  private static final int SEEDS = 30;

  @BeforeEach
  void only_the_emulator_has_schedules() {
    assumeFalse(Cuda.REAL, "a real device runs when it likes");
  }

  /**
   * Runs a program whose functions are told apart by their argument; the order in which they ran.
   */
  private static List<Long> order(Schedule schedule, BiConsumer<Cuda, MemorySegment> program) {
    List<Long> order = new ArrayList<>();
    try (Cuda cuda = Cuda.start(Cuda.options().with(schedule))) {
      MemorySegment function = CUhostFn.allocate(data -> order.add(data.address()), cuda.arena);
      program.accept(cuda, function);
      cuda.ok(cuCtxSynchronize());
    }
    return order;
  }

  private static Set<List<Long>> randomOrders(BiConsumer<Cuda, MemorySegment> program) {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    Set<List<Long>> orders = new HashSet<>();
    for (int i = 0; i < SEEDS; i++) {
      orders.add(order(new Schedule.Random(random.nextLong()), program));
    }
    return orders;
  }

  private static void twoStreams(Cuda cuda, MemorySegment function) {
    MemorySegment one = cuda.stream(1);
    MemorySegment two = cuda.stream(1);
    for (int i = 0; i < 4; i++) {
      cuda.ok(cuLaunchHostFunc(one, function, handle(10 + i)));
      cuda.ok(cuLaunchHostFunc(two, function, handle(20 + i)));
    }
  }

  @Test
  void independent_streams_interleave_at_random_and_each_keeps_its_order() {
    Set<List<Long>> orders = randomOrders(StreamScheduleTest::twoStreams);
    assertTrue(orders.size() > SEEDS / 3, orders.toString());
    for (List<Long> order : orders) {
      for (int stream = 10; stream <= 20; stream += 10) {
        int of = stream;
        assertEquals(
            List.of(of + 0L, of + 1L, of + 2L, of + 3L),
            order.stream().filter(number -> number / 10 == of / 10).toList());
      }
    }
  }

  @Test
  void a_seed_repeats_an_order() {
    Schedule schedule = new Schedule.Random(System.nanoTime());
    List<Long> first = order(schedule, StreamScheduleTest::twoStreams);
    assertEquals(first, order(schedule, StreamScheduleTest::twoStreams), schedule.toString());
  }

  @Test
  void the_fixed_schedule_does_one_stream_after_the_other() {
    List<Long> order = order(new Schedule.Fixed(), StreamScheduleTest::twoStreams);
    assertEquals(List.of(10L, 11L, 12L, 13L, 20L, 21L, 22L, 23L), order);
  }

  @Test
  void events_bind_the_random_schedule_too() {
    Set<List<Long>> orders =
        randomOrders(
            (cuda, function) -> {
              MemorySegment one = cuda.stream(1);
              MemorySegment two = cuda.stream(1);
              MemorySegment event = cuda.event();
              cuda.ok(cuLaunchHostFunc(two, function, handle(1)));
              cuda.ok(cuLaunchHostFunc(one, function, handle(2)));
              cuda.ok(cuEventRecord(event, one));
              cuda.ok(cuStreamWaitEvent(two, event, 0));
              cuda.ok(cuLaunchHostFunc(two, function, handle(3)));
            });
    assertEquals(Set.of(List.of(1L, 2L, 3L), List.of(2L, 1L, 3L)), orders);
  }

  @Test
  void blocking_streams_and_the_legacy_stream_take_turns_in_any_schedule() {
    Set<List<Long>> orders =
        randomOrders(
            (cuda, function) -> {
              MemorySegment blocking = cuda.stream(0);
              cuda.ok(cuLaunchHostFunc(blocking, function, handle(1)));
              cuda.ok(cuLaunchHostFunc(handle(0), function, handle(2)));
              cuda.ok(cuLaunchHostFunc(blocking, function, handle(3)));
            });
    assertEquals(Set.of(List.of(1L, 2L, 3L)), orders);
  }

  @Test
  void nodes_of_a_graph_run_in_any_order_that_their_edges_allow() {
    Set<List<Long>> orders =
        randomOrders(
            (cuda, function) -> {
              MemorySegment one = cuda.stream(1);
              MemorySegment two = cuda.stream(1);
              MemorySegment fork = cuda.event();
              MemorySegment join = cuda.event();
              cuda.ok(cuStreamBeginCapture_v2(one, 0));
              cuda.ok(cuLaunchHostFunc(one, function, handle(1)));
              cuda.ok(cuEventRecord(fork, one));
              cuda.ok(cuStreamWaitEvent(two, fork, 0));
              cuda.ok(cuLaunchHostFunc(two, function, handle(2)));
              cuda.ok(cuLaunchHostFunc(one, function, handle(3)));
              cuda.ok(cuEventRecord(join, two));
              cuda.ok(cuStreamWaitEvent(one, join, 0));
              cuda.ok(cuLaunchHostFunc(one, function, handle(4)));
              cuda.ok(cuStreamEndCapture(one, cuda.out));
              MemorySegment graph = cuda.handle();
              cuda.ok(cuGraphInstantiateWithFlags(cuda.out, graph, 0));
              MemorySegment executable = cuda.handle();
              cuda.ok(cuGraphLaunch(executable, one));
              cuda.ok(cuGraphExecDestroy(executable));
              cuda.ok(cuGraphDestroy(graph));
            });
    assertEquals(Set.of(List.of(1L, 2L, 3L, 4L), List.of(1L, 3L, 2L, 4L)), orders);
  }

  @Test
  void a_function_may_wait_for_a_thread_that_uses_the_driver() {
    try (Cuda cuda = Cuda.start(Cuda.options())) {
      MemorySegment stream = cuda.stream(1);
      cuda.ok(cuCtxGetCurrent(cuda.out));
      MemorySegment context = cuda.handle();
      List<String> seen = new ArrayList<>();
      MemorySegment function =
          CUhostFn.allocate(
              data -> {
                Thread other =
                    Thread.ofPlatform()
                        .start(
                            () -> {
                              cuCtxSetCurrent(context);
                              seen.add(Cuda.name(cuMemGetInfo_v2(handle(0), handle(0))));
                            });
                try {
                  other.join();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
                seen.add("function ends");
              },
              cuda.arena);
      cuda.ok(cuLaunchHostFunc(stream, function, handle(0)));
      cuda.ok(cuStreamSynchronize(stream));
      assertEquals(List.of("SUCCESS", "function ends"), seen);
    }
  }

  @Test
  void two_threads_may_wait_for_one_stream() throws InterruptedException {
    try (Cuda cuda = Cuda.start(Cuda.options())) {
      MemorySegment stream = cuda.stream(1);
      cuda.ok(cuCtxGetCurrent(cuda.out));
      MemorySegment context = cuda.handle();
      AtomicInteger calls = new AtomicInteger();
      CountDownLatch inside = new CountDownLatch(1);
      MemorySegment function =
          CUhostFn.allocate(
              data -> {
                calls.incrementAndGet();
                inside.countDown();
                LockSupport.parkNanos(30_000_000);
              },
              cuda.arena);
      cuda.ok(cuLaunchHostFunc(stream, function, handle(0)));
      cuda.ok(cuLaunchHostFunc(stream, function, handle(0)));
      int[] status = {-1};
      Thread other =
          Thread.ofPlatform()
              .start(
                  () -> {
                    cuCtxSetCurrent(context);
                    status[0] = cuStreamSynchronize(stream);
                  });
      inside.await();
      cuda.ok(cuStreamSynchronize(stream));
      other.join();
      assertEquals(0, status[0]);
      assertEquals(2, calls.get());
    }
  }
}
