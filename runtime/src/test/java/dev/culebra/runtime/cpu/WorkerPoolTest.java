package dev.culebra.runtime.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WorkerPoolTest {
  @Test
  void every_worker_runs_every_kernel_once() {
    try (WorkerPool pool = new WorkerPool(5)) {
      AtomicIntegerArray runs = new AtomicIntegerArray(5);
      for (int i = 0; i < 2000; i++) {
        pool.run(worker -> runs.incrementAndGet(worker.index()));
      }
      for (int i = 0; i < 5; i++) {
        assertEquals(2000, runs.get(i));
      }
    }
  }

  @Test
  void workers_that_have_parked_are_woken() throws InterruptedException {
    try (WorkerPool pool = new WorkerPool(3)) {
      AtomicLong runs = new AtomicLong();
      for (int i = 0; i < 20; i++) {
        Thread.sleep(2);
        pool.run(worker -> runs.incrementAndGet());
      }
      assertEquals(60, runs.get());
    }
  }

  @Test
  void what_a_kernel_wrote_without_synchronisation_is_seen_by_the_next() {
    try (WorkerPool pool = new WorkerPool(4)) {
      int[] values = new int[4];
      for (int round = 0; round < 2000; round++) {
        int before = round;
        pool.run(
            worker -> {
              int neighbour = values[(worker.index() + 1) % worker.count()];
              worker.barrier();
              assertEquals(before, neighbour);
              values[worker.index()] = before + 1;
            });
      }
    }
  }

  @Test
  void a_barrier_holds_until_all_have_come() {
    try (WorkerPool pool = new WorkerPool(4)) {
      AtomicLong arrived = new AtomicLong();
      pool.run(
          worker -> {
            for (int i = 1; i <= 500; i++) {
              arrived.incrementAndGet();
              worker.barrier();
              assertEquals(4L * i, arrived.get());
              worker.barrier();
            }
          });
    }
  }

  @Test
  void an_exception_of_any_worker_reaches_the_caller_and_the_pool_goes_on() {
    try (WorkerPool pool = new WorkerPool(3)) {
      for (int failing = 0; failing < 3; failing++) {
        int index = failing;
        IllegalArgumentException thrown = new IllegalArgumentException("worker " + failing);
        Kernel kernel =
            worker -> {
              if (worker.index() == index) {
                throw thrown;
              }
              worker.barrier();
            };
        RuntimeException caught = assertThrows(RuntimeException.class, () -> pool.run(kernel));
        assertSame(thrown, caught);
        AtomicLong runs = new AtomicLong();
        pool.run(
            worker -> {
              worker.barrier();
              runs.incrementAndGet();
            });
        assertEquals(3, runs.get());
      }
    }
  }

  @Test
  void tasks_are_claimed_once_each_and_start_from_zero_in_every_kernel() {
    try (WorkerPool pool = new WorkerPool(4)) {
      for (int round = 0; round < 200; round++) {
        AtomicIntegerArray claimed = new AtomicIntegerArray(97);
        pool.run(
            worker -> {
              for (int task = worker.nextTask(); task < 97; task = worker.nextTask()) {
                claimed.incrementAndGet(task);
              }
            });
        for (int i = 0; i < 97; i++) {
          assertEquals(1, claimed.get(i));
        }
      }
    }
  }

  @Test
  void neighbouring_tasks_are_claimed_once_each_also_where_a_worker_comes_late() {
    for (int size : new int[] {1, 2, 3, 5}) {
      try (WorkerPool pool = new WorkerPool(size)) {
        for (int tasks : new int[] {0, 1, 4, 97}) {
          AtomicIntegerArray claimed = new AtomicIntegerArray(tasks);
          pool.run(
              worker -> {
                if (worker.index() == size - 1) {
                  LockSupport.parkNanos(200_000); // the others are to take its share
                }
                for (int task = worker.nextOf(tasks); task >= 0; task = worker.nextOf(tasks)) {
                  claimed.incrementAndGet(task);
                }
              });
          for (int i = 0; i < tasks; i++) {
            assertEquals(1, claimed.get(i));
          }
        }
      }
    }
  }

  @Test
  void a_worker_alone_takes_all_neighbouring_tasks_in_their_order() {
    try (WorkerPool pool = new WorkerPool(3)) {
      List<Integer> order = new ArrayList<>();
      Kernel kernel =
          worker -> {
            for (int task = worker.nextOf(8); task >= 0; task = worker.nextOf(8)) {
              order.add(task);
            }
          };
      pool.run(new WorkerPool.Alone(kernel));
      assertEquals(List.of(0, 1, 2, 3, 4, 5, 6, 7), order);
    }
  }

  @Test
  void scratch_keeps_its_place_until_more_is_asked_for() {
    try (WorkerPool pool = new WorkerPool(2)) {
      pool.run(
          worker -> {
            long first = worker.scratch(1000);
            assertEquals(0, first % 64);
            assertEquals(first, worker.scratch(10));
            Lanes.setInt(worker.scratch(1 << 20) + (1 << 20) - Integer.BYTES, 7);
          });
    }
  }

  @Test
  void refuses_to_run_when_closed_and_to_have_no_threads() {
    WorkerPool pool = new WorkerPool(2);
    pool.close();
    pool.close();
    assertThrows(IllegalStateException.class, () -> pool.run(worker -> {}));
    assertThrows(IllegalArgumentException.class, () -> new WorkerPool(0));
  }

  @Test
  void grids_cover_a_matrix_exactly_once() {
    for (int workers : new int[] {1, 2, 3, 7, 16}) {
      for (long m : new long[] {1, 2, 13, 1024}) {
        for (long n : new long[] {1, 15, 16, 17, 100, 3072}) {
          assertCovers(Grid.choose(m, n, workers), m, n, workers);
        }
      }
    }
  }

  private static void assertCovers(Grid grid, long m, long n, int workers) {
    long cells = 0;
    for (int i = 0; i < workers; i++) {
      assertTrue(0 <= grid.rowFrom(i) && grid.rowFrom(i) <= grid.rowTo(i) && grid.rowTo(i) <= m);
      cells +=
          (grid.rowTo(i) - grid.rowFrom(i)) * Math.max(0, grid.columnTo(i) - grid.columnFrom(i));
      for (int j = 0; j < i; j++) {
        boolean apart =
            grid.rowTo(i) <= grid.rowFrom(j)
                || grid.rowTo(j) <= grid.rowFrom(i)
                || grid.columnTo(i) <= grid.columnFrom(j)
                || grid.columnTo(j) <= grid.columnFrom(i);
        assertTrue(apart, grid + ": workers " + i + " and " + j + " overlap");
      }
    }
    assertEquals(m * n, cells, grid.toString());
  }
}
