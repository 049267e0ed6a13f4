package dev.culebra.emulator.driver;

import static dev.culebra.bindings.cuda.cuda_h.CU_EVENT_BLOCKING_SYNC;
import static dev.culebra.bindings.cuda.cuda_h.CU_EVENT_DISABLE_TIMING;
import static dev.culebra.bindings.cuda.cuda_h.CU_EVENT_INTERPROCESS;
import static dev.culebra.bindings.cuda.cuda_h.CU_EVENT_RECORD_DEFAULT;
import static dev.culebra.bindings.cuda.cuda_h.CU_EVENT_RECORD_EXTERNAL;

/** Events: made, recorded, waited for, and the time between two of them. */
final class EventApi {
  private static final int SUCCESS = 0;
  private static final float NANOS_OF_MILLISECOND = 1e6f;

  private EventApi() {}

  static int cuEventCreate(long place, int flags) {
    Context context = Driver.get().context();
    CallerMemory.requireNonNull(place, "the place for an event");
    int known = CU_EVENT_BLOCKING_SYNC() | CU_EVENT_DISABLE_TIMING();
    if ((flags & CU_EVENT_INTERPROCESS()) != 0 && (flags & CU_EVENT_DISABLE_TIMING()) != 0) {
      throw Status.NOT_SUPPORTED.because("events for other processes are not emulated");
    }
    if ((flags & ~known) != 0) {
      throw Status.INVALID_VALUE.because("flags of an event: 0x" + Integer.toHexString(flags));
    }
    Event event = new Event(context, (flags & CU_EVENT_DISABLE_TIMING()) == 0);
    CallerMemory.putLong(place, event.handle);
    return SUCCESS;
  }

  static Event event(long handle) {
    Driver driver = Driver.get();
    driver.context();
    return driver.resource(handle, Event.class, "event");
  }

  static int cuEventDestroy_v2(long handle) {
    event(handle).release();
    return SUCCESS;
  }

  static int cuEventRecord(long handle, long streamHandle) {
    return cuEventRecordWithFlags(handle, streamHandle, CU_EVENT_RECORD_DEFAULT());
  }

  static int cuEventRecordWithFlags(long handle, long streamHandle, int flags) {
    Event event = event(handle);
    Stream stream = StreamApi.stream(streamHandle);
    if ((flags & ~CU_EVENT_RECORD_EXTERNAL()) != 0) {
      throw Status.INVALID_VALUE.because("flags of a record: 0x" + Integer.toHexString(flags));
    }
    record(event, stream, flags == CU_EVENT_RECORD_EXTERNAL());
    return SUCCESS;
  }

  /**
   * Records.
   *
   * @param external whether a capture makes a node of it, instead of a point that streams join at
   */
  static void record(Event event, Stream stream, boolean external) {
    Driver driver = stream.context.driver;
    if (event.context != stream.context) {
      throw driver.misuse(
          Status.INVALID_HANDLE, "an event of one context recorded in a stream of another");
    }
    driver.captures.requireValid(stream);
    if (stream.captured == null) {
      if (external) {
        throw Status.ILLEGAL_STATE.because("an external record belongs into a capture");
      }
      driver.captures.refuseImplicit(stream);
      event.record(driver.timeline.enqueue(stream, new RecordCommand(event)));
    } else if (external) {
      stream.submit(new RecordCommand(event));
    } else {
      event.record(stream.captured.capture, stream.captured.dependencies());
    }
  }

  /** An event to wait for or ask about, which needs no current context. */
  private static Event waitedFor(long handle) {
    Driver driver = Driver.get();
    driver.requireInitialised();
    Event event = driver.resource(handle, Event.class, "event");
    event.context.requireUsable();
    return event;
  }

  static int cuEventQuery(long handle) {
    Event event = waitedFor(handle);
    Driver driver = event.context.driver;
    driver.captures.refuseCaptured(event, "cuEventQuery");
    driver.captures.refuseUnsafe(driver, "cuEventQuery");
    if (!driver.timeline.query(event.record())) {
      throw Status.NOT_READY.because("work before the event is queued; asked again, more is done");
    }
    return SUCCESS;
  }

  static int cuEventSynchronize(long handle) {
    Event event = waitedFor(handle);
    Driver driver = event.context.driver;
    driver.captures.refuseCaptured(event, "cuEventSynchronize");
    driver.captures.refuseUnsafe(driver, "cuEventSynchronize");
    driver.timeline.finish(event.record());
    return SUCCESS;
  }

  /** The time that the emulation took, not what a device would have taken. */
  static int cuEventElapsedTime_v2(long milliseconds, long startHandle, long endHandle) {
    Event start = event(startHandle);
    Event end = event(endHandle);
    CallerMemory.requireNonNull(milliseconds, "the place for a time");
    requireTimed(start);
    requireTimed(end);
    if (!start.record().done() || !end.record().done()) {
      throw Status.NOT_READY.because("an event was recorded, but not reached yet");
    }
    CallerMemory.putFloat(milliseconds, (end.nanos() - start.nanos()) / NANOS_OF_MILLISECOND);
    return SUCCESS;
  }

  private static void requireTimed(Event event) {
    Captures captures = event.context.driver.captures;
    captures.refuseCaptured(event, "cuEventElapsedTime");
    if (!event.timed || event.record() == null) {
      throw event.context.driver.misuse(
          Status.INVALID_HANDLE,
          event.timed ? "an event was never recorded" : "an event was created without timing");
    }
  }
}
