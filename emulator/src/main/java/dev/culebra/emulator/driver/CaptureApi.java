package dev.culebra.emulator.driver;

import static dev.culebra.bindings.cuda.cuda_h.CU_STREAM_ADD_CAPTURE_DEPENDENCIES;
import static dev.culebra.bindings.cuda.cuda_h.CU_STREAM_CAPTURE_STATUS_ACTIVE;
import static dev.culebra.bindings.cuda.cuda_h.CU_STREAM_CAPTURE_STATUS_INVALIDATED;
import static dev.culebra.bindings.cuda.cuda_h.CU_STREAM_CAPTURE_STATUS_NONE;
import static dev.culebra.bindings.cuda.cuda_h.CU_STREAM_SET_CAPTURE_DEPENDENCIES;

import dev.culebra.bindings.cuda.CUgraphEdgeData;
import dev.culebra.emulator.driver.ThreadState.CaptureMode;
import dev.culebra.emulator.memory.HostMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Streams whose work becomes a graph. */
final class CaptureApi {
  private static final int SUCCESS = 0;

  private CaptureApi() {}

  static int cuStreamBeginCapture_v2(long handle, int mode) {
    Stream stream = requireCapturable(handle);
    begin(stream, Graph.create(stream.context), mode(mode), List.of(), false);
    return SUCCESS;
  }

  static int cuStreamBeginCaptureToGraph(
      long handle, long graphHandle, long dependencies, long edges, long count, int mode) {
    Stream stream = requireCapturable(handle);
    Driver driver = stream.context.driver;
    Graph graph = driver.resource(graphHandle, Graph.class, "graph");
    GraphApi.refuseEdgeData(edges, count);
    List<GraphNode> after = GraphApi.nodes(driver, graph, dependencies, count);
    begin(stream, graph, mode(mode), after, true);
    return SUCCESS;
  }

  private static Stream requireCapturable(long handle) {
    Stream stream = StreamApi.stream(handle);
    Driver driver = stream.context.driver;
    if (stream.legacy()) {
      throw driver.misuse(Status.STREAM_CAPTURE_UNSUPPORTED, "the legacy stream can't be captured");
    }
    driver.captures.requireValid(stream);
    if (stream.captured != null) {
      throw driver.misuse(Status.ILLEGAL_STATE, "the stream is being captured already");
    }
    return stream;
  }

  private static CaptureMode mode(int mode) {
    CaptureMode[] modes = CaptureMode.values();
    if (mode < 0 || mode >= modes.length) {
      throw Status.INVALID_VALUE.because("no mode of capture has number " + mode);
    }
    return modes[mode];
  }

  private static void begin(
      Stream stream, Graph graph, CaptureMode mode, List<GraphNode> after, boolean given) {
    Driver driver = stream.context.driver;
    driver.captures.begin(
        new Capture(driver.newId(), mode, driver.thread(), stream, graph, given), after);
  }

  static int cuStreamEndCapture(long handle, long place) {
    Stream stream = StreamApi.stream(handle);
    Driver driver = stream.context.driver;
    CallerMemory.requireNonNull(place, "the place for a graph");
    if (stream.captured == null) {
      throw driver.misuse(Status.ILLEGAL_STATE, "the stream is not being captured");
    }
    Capture capture = stream.captured.capture;
    if (capture.origin != stream) {
      capture.invalidate();
      throw driver.misuse(Status.STREAM_CAPTURE_UNMATCHED, "the capture began in another stream");
    }
    if (capture.mode != CaptureMode.RELAXED && capture.thread != driver.thread()) {
      throw driver.misuse(
          Status.STREAM_CAPTURE_WRONG_THREAD, "the capture began in another thread");
    }
    boolean unjoined = !capture.invalid() && capture.unjoined();
    driver.captures.end(capture);
    if (capture.invalid() || unjoined) {
      CallerMemory.putLong(place, 0);
      if (!capture.intoGivenGraph) {
        capture.graph.release();
      }
      if (unjoined) {
        throw driver.misuse(
            Status.STREAM_CAPTURE_UNJOINED,
            "the capture ends while work of another stream that takes part is not waited for");
      }
      throw Status.STREAM_CAPTURE_INVALIDATED.because(
          "an earlier call has invalidated the capture");
    }
    CallerMemory.putLong(place, capture.graph.handle);
    return SUCCESS;
  }

  static int cuStreamIsCapturing(long handle, long status) {
    Stream stream = StreamApi.stream(handle);
    CallerMemory.requireNonNull(status, "the place for a status");
    refuseLegacy(stream);
    CallerMemory.putInt(status, status(stream));
    return SUCCESS;
  }

  private static void refuseLegacy(Stream stream) {
    if (stream.context.driver.captures.wouldTouch(stream)) {
      throw Status.STREAM_CAPTURE_IMPLICIT.because(
          "the legacy stream is asked about while a blocking stream is being captured");
    }
  }

  private static int status(Stream stream) {
    if (stream.captured == null) {
      return CU_STREAM_CAPTURE_STATUS_NONE();
    }
    return stream.captured.capture.invalid()
        ? CU_STREAM_CAPTURE_STATUS_INVALIDATED()
        : CU_STREAM_CAPTURE_STATUS_ACTIVE();
  }

  static int cuStreamGetCaptureInfo_v3(
      long handle, long status, long id, long graph, long nodes, long edges, long count) {
    Stream stream = StreamApi.stream(handle);
    CallerMemory.requireNonNull(status, "the place for a status");
    refuseLegacy(stream);
    CallerMemory.putInt(status, status(stream));
    if (stream.captured == null || stream.captured.capture.invalid()) {
      return SUCCESS;
    }
    CapturedStream captured = stream.captured;
    List<GraphNode> dependencies = captured.dependencies();
    CallerMemory.putLongIfWanted(id, captured.capture.id);
    CallerMemory.putLongIfWanted(graph, captured.capture.graph.handle);
    CallerMemory.putLongIfWanted(count, dependencies.size());
    if (nodes != 0 || edges != 0) {
      Arena arena = captured.exported();
      MemorySegment array = arena.allocate(Math.max(1, dependencies.size()) * (long) Long.BYTES, 8);
      for (int i = 0; i < dependencies.size(); i++) {
        array.set(HostMemory.LONG, (long) i * Long.BYTES, dependencies.get(i).handle);
      }
      CallerMemory.putLongIfWanted(nodes, array.address());
      MemorySegment data =
          arena.allocate(CUgraphEdgeData.layout(), Math.max(1, dependencies.size()));
      CallerMemory.putLongIfWanted(edges, data.address());
    }
    return SUCCESS;
  }

  static int cuStreamUpdateCaptureDependencies_v2(
      long handle, long dependencies, long edges, long count, int flags) {
    Stream stream = StreamApi.stream(handle);
    Driver driver = stream.context.driver;
    driver.captures.requireValid(stream);
    if (stream.captured == null) {
      throw driver.misuse(Status.ILLEGAL_STATE, "the stream is not being captured");
    }
    GraphApi.refuseEdgeData(edges, count);
    List<GraphNode> nodes =
        GraphApi.nodes(driver, stream.captured.capture.graph, dependencies, count);
    if (flags == CU_STREAM_ADD_CAPTURE_DEPENDENCIES()) {
      stream.captured.add(nodes);
    } else if (flags == CU_STREAM_SET_CAPTURE_DEPENDENCIES()) {
      stream.captured.replace(nodes);
    } else {
      throw Status.INVALID_VALUE.because("flags of an update: 0x" + Integer.toHexString(flags));
    }
    return SUCCESS;
  }

  static int cuThreadExchangeStreamCaptureMode(long mode) {
    Driver driver = Driver.get();
    driver.requireInitialised();
    ThreadState thread = driver.thread();
    CaptureMode next = mode(CallerMemory.getInt(mode));
    CallerMemory.putInt(mode, thread.captureMode.ordinal());
    thread.captureMode = next;
    return SUCCESS;
  }
}
