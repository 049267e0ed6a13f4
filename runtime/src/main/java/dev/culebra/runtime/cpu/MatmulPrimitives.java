package dev.culebra.runtime.cpu;

import static dev.culebra.bindings.dnnl.dnnl_h.dnnl_stream_destroy;

import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * A device's compiled products, by shape, and the oneDNN stream of each of its workers. Compiling
 * takes about a millisecond, so what was compiled is kept: what a graph calls until the graph is
 * closed, of the rest (prompts of all lengths, say) the most recently used.
 */
final class MatmulPrimitives implements AutoCloseable {
  private static final int KEPT = 256;
  private static final float LOAD_FACTOR = 0.75f;

  private final Map<MatmulShape, MatmulPrimitive> byShape =
      new LinkedHashMap<>(KEPT, LOAD_FACTOR, true);

  /** How many graphs call each. */
  private final Map<MatmulShape, Integer> graphs = new HashMap<>();

  /** What the capture that runs calls. */
  private Set<MatmulShape> capturing = new HashSet<>();

  private final MemorySegment[] streams;

  MatmulPrimitives(int workers) {
    streams = new MemorySegment[workers];
  }

  /**
   * The compiled product of a shape.
   *
   * @param captured whether a graph will go on calling it
   */
  MatmulPrimitive get(MatmulShape shape, boolean captured) {
    MatmulPrimitive primitive = byShape.get(shape);
    if (primitive == null) {
      createStreams();
      primitive = new MatmulPrimitive(shape, streams.length);
      byShape.put(shape, primitive);
    }
    if (captured && capturing.add(shape)) {
      graphs.merge(shape, 1, Integer::sum);
    }
    return primitive;
  }

  /** What was captured since this was last called, to be kept until closed. */
  Captured takeCaptured() {
    Set<MatmulShape> shapes = capturing;
    capturing = new HashSet<>();
    return new Captured(shapes);
  }

  /** What one graph keeps. */
  final class Captured implements AutoCloseable {
    private Set<MatmulShape> shapes;

    private Captured(Set<MatmulShape> shapes) {
      this.shapes = shapes;
    }

    @Override
    public void close() {
      for (MatmulShape shape : shapes) {
        graphs.computeIfPresent(shape, (_, count) -> count == 1 ? null : count - 1);
      }
      shapes = Set.of();
      trim();
    }
  }

  /**
   * Forgets the least recently used beyond those kept. Called between operations: while one is put
   * together, none of its parts may go.
   */
  void trim() {
    int excess = byShape.size() - graphs.size() - KEPT;
    Iterator<Map.Entry<MatmulShape, MatmulPrimitive>> oldest = byShape.entrySet().iterator();
    while (excess > 0) {
      Map.Entry<MatmulShape, MatmulPrimitive> entry = oldest.next();
      if (!graphs.containsKey(entry.getKey())) {
        oldest.remove();
        entry.getValue().close();
        excess--;
      }
    }
  }

  MemorySegment stream(int worker) {
    return streams[worker];
  }

  /** How many compiled products are kept. */
  int size() {
    return byShape.size();
  }

  private void createStreams() {
    for (int i = 0; i < streams.length; i++) {
      if (streams[i] == null) {
        streams[i] = OneDnn.createStream();
      }
    }
  }

  @Override
  public void close() {
    byShape.values().forEach(MatmulPrimitive::close);
    byShape.clear();
    graphs.clear();
    for (int i = 0; i < streams.length; i++) {
      if (streams[i] != null) {
        dnnl_stream_destroy(streams[i]);
        streams[i] = null;
      }
    }
  }
}
