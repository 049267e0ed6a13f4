package dev.culebra.runtime.cpu;

import dev.culebra.runtime.Arena;
import dev.culebra.runtime.Event;
import dev.culebra.runtime.Graph;
import dev.culebra.runtime.Stream;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The CPU's stream: a kernel runs to its end as it is enqueued, so waiting is free. During capture
 * kernels are only noted down.
 */
final class CpuStream implements Stream {
  /**
   * Elements that one worker gets through in about the time that it takes to wake the others and
   * wait for them (2 to 3 µs).
   */
  private static final long SMALL = 8192;

  private final WorkerPool pool;

  /** Kernels of the capture that runs, and the arenas of their tensors; null when none does. */
  private List<Kernel> captured;

  private final Set<Arena> capturedArenas = new LinkedHashSet<>();

  CpuStream(WorkerPool pool) {
    this.pool = pool;
  }

  void enqueue(Kernel kernel) {
    if (captured != null) {
      captured.add(kernel);
    } else {
      pool.run(kernel);
    }
  }

  /** Enqueues a kernel that goes through so many elements: for all workers unless they are few. */
  void enqueue(long elements, Kernel kernel) {
    enqueue(elements <= SMALL ? new WorkerPool.Alone(kernel) : kernel);
  }

  /** Enqueues work for one worker only. */
  void enqueueSingle(Runnable work) {
    enqueue(new WorkerPool.Alone(worker -> work.run()));
  }

  /** The most workers that can run a kernel. */
  int workers() {
    return pool.size();
  }

  boolean capturing() {
    return captured != null;
  }

  /** Refuses what a stream that is being captured can't do. */
  void requireNoCapture(String what) {
    if (captured != null) {
      throw new IllegalStateException(what + " is not possible while a graph is captured");
    }
  }

  /** Notes down an arena of whose memory what is being captured makes use. */
  void captureUse(Arena arena) {
    if (captured != null) {
      capturedArenas.add(arena);
    }
  }

  /**
   * Records what {@code work} enqueues.
   *
   * @param primitives of which the graph keeps those that it calls
   */
  Graph capture(Runnable work, MatmulPrimitives primitives) {
    requireNoCapture("capture");
    captured = new ArrayList<>();
    try {
      work.run();
      return new CpuGraph(
          this,
          captured.toArray(Kernel[]::new),
          capturedArenas.toArray(Arena[]::new),
          primitives.takeCaptured());
    } finally {
      captured = null;
      capturedArenas.clear();
      primitives.takeCaptured().close(); // of a capture that failed
    }
  }

  @Override
  public Event record() {
    return new CpuEvent(this);
  }

  @Override
  public void await(Event event) {
    if (!(event instanceof CpuEvent)) {
      throw new IllegalArgumentException("event of another device: " + event);
    }
  }

  @Override
  public void synchronize() {
    requireNoCapture("synchronize");
  }

  private record CpuEvent(CpuStream stream) implements Event {
    @Override
    public void synchronize() {
      stream.requireNoCapture("synchronize");
    }

    @Override
    public void close() {}
  }
}
