package dev.culebra.emulator.driver;

import static dev.culebra.bindings.cuda.cuda_h.CU_EVENT_WAIT_EXTERNAL;
import static dev.culebra.bindings.cuda.cuda_h.CU_LAUNCH_ATTRIBUTE_ACCESS_POLICY_WINDOW;
import static dev.culebra.bindings.cuda.cuda_h.CU_LAUNCH_ATTRIBUTE_MEM_SYNC_DOMAIN;
import static dev.culebra.bindings.cuda.cuda_h.CU_LAUNCH_ATTRIBUTE_MEM_SYNC_DOMAIN_MAP;
import static dev.culebra.bindings.cuda.cuda_h.CU_LAUNCH_ATTRIBUTE_PRIORITY;
import static dev.culebra.bindings.cuda.cuda_h.CU_LAUNCH_ATTRIBUTE_SYNCHRONIZATION_POLICY;
import static dev.culebra.bindings.cuda.cuda_h.CU_STREAM_DEFAULT;
import static dev.culebra.bindings.cuda.cuda_h.CU_STREAM_NON_BLOCKING;
import static dev.culebra.bindings.cuda.cuda_h.CU_SYNC_POLICY_AUTO;

import dev.culebra.emulator.memory.HostMemory;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Streams: made, waited for, asked, told to wait. */
final class StreamApi {
  private static final int SUCCESS = 0;

  private StreamApi() {}

  static int cuStreamCreate(long place, int flags) {
    return cuStreamCreateWithPriority(place, flags, 0);
  }

  static int cuStreamCreateWithPriority(long place, int flags, int priority) {
    Context context = Driver.get().context();
    CallerMemory.requireNonNull(place, "the place for a stream");
    if (flags != CU_STREAM_DEFAULT() && flags != CU_STREAM_NON_BLOCKING()) {
      throw Status.INVALID_VALUE.because("flags of a stream: 0x" + Integer.toHexString(flags));
    }
    int clamped = Math.max(ContextApi.HIGHEST_PRIORITY, Math.min(0, priority));
    Stream stream = Stream.create(context, flags == CU_STREAM_DEFAULT(), clamped);
    CallerMemory.putLong(place, stream.handle);
    return SUCCESS;
  }

  /** The stream of a handle in the current context. */
  static Stream stream(long handle) {
    return Driver.get().context().stream(handle);
  }

  /** What is queued will still be done. */
  static int cuStreamDestroy_v2(long handle) {
    Stream stream = stream(handle);
    if (stream.special()) {
      throw Status.INVALID_HANDLE.because("a context's own stream can't be destroyed");
    }
    stream.context.driver.captures.refuseCaptured(stream, "cuStreamDestroy");
    stream.release();
    return SUCCESS;
  }

  /** A stream to wait for or ask about; one of the program's own needs no current context. */
  private static Stream waitedFor(long handle) {
    Driver driver = Driver.get();
    Stream own = driver.handles.find(handle, Stream.class);
    if (own == null) {
      return stream(handle);
    }
    driver.requireInitialised();
    own.context.requireUsable();
    return own;
  }

  static int cuStreamSynchronize(long handle) {
    Stream stream = waitedFor(handle);
    Driver driver = stream.context.driver;
    refuse(stream, "cuStreamSynchronize");
    driver.timeline.finish(stream);
    return SUCCESS;
  }

  static int cuStreamQuery(long handle) {
    Stream stream = waitedFor(handle);
    Driver driver = stream.context.driver;
    refuse(stream, "cuStreamQuery");
    if (!driver.timeline.query(stream.last())) {
      throw Status.NOT_READY.because("work is queued; asked again, more of it will be done");
    }
    return SUCCESS;
  }

  private static void refuse(Stream stream, String call) {
    Captures captures = stream.context.driver.captures;
    captures.refuseCaptured(stream, call);
    captures.refuseImplicit(stream);
    captures.refuseUnsafe(stream.context.driver, call);
  }

  static int cuStreamWaitEvent(long handle, long eventHandle, int flags) {
    Stream stream = stream(handle);
    Driver driver = stream.context.driver;
    Event event = driver.resource(eventHandle, Event.class, "event");
    if ((flags & ~CU_EVENT_WAIT_EXTERNAL()) != 0) {
      throw Status.INVALID_VALUE.because("flags of a wait: 0x" + Integer.toHexString(flags));
    }
    driver.captures.requireValid(stream);
    if (flags == CU_EVENT_WAIT_EXTERNAL()) {
      if (stream.captured == null) {
        throw Status.ILLEGAL_STATE.because("an external wait belongs into a capture");
      }
      stream.submit(new WaitCommand(event));
    } else if (event.capture() != null) {
      driver.captures.join(stream, event);
    } else if (stream.captured != null) {
      driver.captures.refuseForeignEvent(stream);
    } else if (event.record() != null) {
      driver.captures.refuseImplicit(stream);
      driver.timeline.enqueue(stream, new EmptyCommand(), List.of(event.record()));
    }
    return SUCCESS;
  }

  static int cuStreamAddCallback(long handle, long function, long userData, int flags) {
    Stream stream = stream(handle);
    CallerMemory.requireNonNull(function, "the callback");
    if (flags != 0) {
      throw Status.INVALID_VALUE.because("flags of a callback have to be 0");
    }
    stream.context.driver.captures.refuseCaptured(stream, "cuStreamAddCallback");
    stream.submit(new CallbackCommand(function, handle, userData));
    return SUCCESS;
  }

  static int cuStreamGetPriority(long handle, long priority) {
    CallerMemory.putInt(priority, stream(handle).priority);
    return SUCCESS;
  }

  static int cuStreamGetFlags(long handle, long flags) {
    CallerMemory.putInt(
        flags, stream(handle).blocking() ? CU_STREAM_DEFAULT() : CU_STREAM_NON_BLOCKING());
    return SUCCESS;
  }

  static int cuStreamGetId(long handle, long id) {
    CallerMemory.putLong(id, stream(handle).id);
    return SUCCESS;
  }

  static int cuStreamGetCtx(long handle, long context) {
    CallerMemory.putLong(context, stream(handle).context.handle);
    return SUCCESS;
  }

  static int cuStreamGetCtx_v2(long handle, long context, long greenContext) {
    CallerMemory.putLongIfWanted(greenContext, 0);
    return cuStreamGetCtx(handle, context);
  }

  /** There are no green contexts. */
  static int cuStreamGetGreenCtx(long handle, long context) {
    stream(handle);
    CallerMemory.putLong(context, 0);
    return SUCCESS;
  }

  static int cuStreamGetDevice(long handle, long device) {
    stream(handle);
    CallerMemory.putInt(device, 0);
    return SUCCESS;
  }

  static int cuStreamGetAttribute(long handle, int attribute, long value) {
    Stream stream = stream(handle);
    requireStreamAttribute(attribute);
    CallerMemory.requireNonNull(value, "the place for an attribute");
    byte[] bytes = stream.attributes.get(attribute, LaunchSettings.VALUE_BYTES);
    if (attribute == CU_LAUNCH_ATTRIBUTE_PRIORITY()) {
      MemorySegment.ofArray(bytes).set(HostMemory.INT, 0, stream.priority);
    } else if (attribute == CU_LAUNCH_ATTRIBUTE_SYNCHRONIZATION_POLICY() && bytes[0] == 0) {
      bytes[0] = (byte) CU_SYNC_POLICY_AUTO();
    }
    MemorySegment.copy(bytes, 0, HostMemory.ALL, HostMemory.BYTE, value, bytes.length);
    return SUCCESS;
  }

  static int cuStreamSetAttribute(long handle, int attribute, long value) {
    Stream stream = stream(handle);
    requireStreamAttribute(attribute);
    if (attribute == CU_LAUNCH_ATTRIBUTE_PRIORITY()) {
      throw Status.INVALID_VALUE.because("a stream's priority can't be changed");
    }
    stream.attributes.put(attribute, CallerMemory.bytes(value, LaunchSettings.VALUE_BYTES));
    return SUCCESS;
  }

  private static void requireStreamAttribute(int attribute) {
    if (attribute != CU_LAUNCH_ATTRIBUTE_ACCESS_POLICY_WINDOW()
        && attribute != CU_LAUNCH_ATTRIBUTE_SYNCHRONIZATION_POLICY()
        && attribute != CU_LAUNCH_ATTRIBUTE_PRIORITY()
        && attribute != CU_LAUNCH_ATTRIBUTE_MEM_SYNC_DOMAIN()
        && attribute != CU_LAUNCH_ATTRIBUTE_MEM_SYNC_DOMAIN_MAP()) {
      throw Status.INVALID_VALUE.because("no attribute of a stream has number " + attribute);
    }
  }

  static int cuStreamCopyAttributes(long to, long from) {
    stream(to).attributes.copyFrom(stream(from).attributes);
    return SUCCESS;
  }
}
