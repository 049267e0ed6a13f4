package dev.culebra.emulator.driver;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** All captures that go on, and what they forbid. */
final class Captures {
  private final Set<Capture> active = new LinkedHashSet<>();

  void begin(Capture capture, List<GraphNode> dependencies) {
    active.add(capture);
    capture.join(capture.origin, dependencies);
  }

  void end(Capture capture) {
    active.remove(capture);
    capture.end();
  }

  /** Ends what streams of a context that goes away had begun. */
  void endAllOf(Context context) {
    for (Capture capture : List.copyOf(active)) {
      if (capture.origin.context == context) {
        end(capture);
      }
    }
  }

  /**
   * Refuses a call that captures may forbid (cuMemAlloc, a synchronous copy, a query), by the rules
   * of cuThreadExchangeStreamCaptureMode.
   */
  void refuseUnsafe(Driver driver, String call) {
    if (active.isEmpty()) {
      return;
    }
    ThreadState thread = driver.thread();
    if (thread.captureMode == ThreadState.CaptureMode.RELAXED) {
      return;
    }
    for (Capture capture : active) {
      boolean own = capture.thread == thread && capture.mode != ThreadState.CaptureMode.RELAXED;
      boolean others =
          thread.captureMode == ThreadState.CaptureMode.GLOBAL
              && capture.mode == ThreadState.CaptureMode.GLOBAL;
      if (own || others) {
        capture.invalidate();
        throw driver.misuse(
            Status.STREAM_CAPTURE_UNSUPPORTED, call + " while a stream is being captured");
      }
    }
  }

  /** Refuses what waits for a whole context while one of its streams is captured. */
  void refuseContextWide(Context context, String call) {
    boolean any = false;
    for (Capture capture : active) {
      if (capture.origin.context == context) {
        capture.invalidate();
        any = true;
      }
    }
    if (any) {
      throw context.driver.misuse(
          Status.STREAM_CAPTURE_UNSUPPORTED,
          call + " waits for all streams, one of which is being captured");
    }
  }

  /** Refuses work in the legacy stream that a stream which is captured would have to wait for. */
  void refuseImplicit(Stream stream) {
    if (active.isEmpty() || !wouldTouch(stream)) {
      return;
    }
    for (Capture capture : active) {
      if (capture.origin.context == stream.context) {
        capture.invalidate();
      }
    }
    throw stream.context.driver.misuse(
        Status.STREAM_CAPTURE_IMPLICIT,
        "work in the legacy stream while a blocking stream is being captured");
  }

  /** Refuses to wait for or ask about a stream that is captured. */
  void refuseCaptured(Stream stream, String call) {
    if (stream.captured == null) {
      return;
    }
    requireValid(stream);
    stream.captured.capture.invalidate();
    throw stream.context.driver.misuse(
        Status.STREAM_CAPTURE_UNSUPPORTED, call + " of a stream that is being captured");
  }

  /** Refuses to wait for or ask about an event of a capture. */
  void refuseCaptured(Event event, String call) {
    if (event.capture() == null) {
      return;
    }
    event.capture().invalidate();
    throw event.context.driver.misuse(
        Status.CAPTURED_EVENT, call + " of an event that was last recorded during a capture");
  }

  /** A stream waits for an event of a capture: it takes part in that from now on. */
  void join(Stream stream, Event event) {
    Driver driver = stream.context.driver;
    Capture capture = event.capture();
    if (capture.ended()) {
      throw driver.misuse(Status.CAPTURED_EVENT, "a wait for an event of a capture that has ended");
    }
    if (capture.invalid()) {
      throw Status.STREAM_CAPTURE_INVALIDATED.because(
          "an earlier call has invalidated the capture that the event belongs to");
    }
    if (stream.legacy()) {
      capture.invalidate();
      throw driver.misuse(
          Status.STREAM_CAPTURE_IMPLICIT, "the legacy stream can't take part in a capture");
    }
    if (stream.captured == null) {
      capture.join(stream, event.capturedAt());
    } else if (stream.captured.capture == capture) {
      stream.captured.add(event.capturedAt());
    } else {
      capture.invalidate();
      stream.captured.capture.invalidate();
      throw driver.misuse(
          Status.STREAM_CAPTURE_MERGE, "a stream of one capture waits for an event of another");
    }
  }

  /** Refuses a captured stream's wait for an event that was recorded outside. */
  void refuseForeignEvent(Stream stream) {
    stream.captured.capture.invalidate();
    throw stream.context.driver.misuse(
        Status.STREAM_CAPTURE_ISOLATION,
        "a stream that is being captured waits for an event that was recorded outside the capture");
  }

  /**
   * Whether a blocking stream of a context is being captured, which its legacy stream would touch.
   */
  boolean wouldTouch(Stream stream) {
    return stream.legacy()
        && active.stream()
            .flatMap(capture -> capture.streams().stream())
            .anyMatch(captured -> captured.context == stream.context && captured.blocking());
  }

  /** Refuses to go on with a capture that an illegal call has spoilt. */
  void requireValid(Stream stream) {
    if (stream.captured != null && stream.captured.capture.invalid()) {
      throw Status.STREAM_CAPTURE_INVALIDATED.because(
          "an earlier call has invalidated the capture that this stream takes part in");
    }
  }
}
