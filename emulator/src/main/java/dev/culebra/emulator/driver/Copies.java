package dev.culebra.emulator.driver;

/**
 * What a copy waits for, by the kind of memory at its ends (CUDA Driver API, "API synchronization
 * behavior").
 */
final class Copies {
  /** More than this is not staged: the driver waits for the stream instead. */
  private static final long STAGED_AT_MOST = 64 << 20;

  private Copies() {}

  /**
   * A copy that is done when the call returns, unless it is from device to device. It is work of
   * the legacy stream: beside captures that this touches it is refused, beside others not (CUDA
   * Programming Guide, "prohibited and unhandled operations").
   */
  static void now(Context context, CopyCommand command, String call) {
    Driver driver = context.driver;
    Stream stream = context.stream(0);
    driver.captures.refuseCaptured(stream, call);
    driver.captures.refuseImplicit(stream);
    command.check(context);
    if (command.empty()) {
      return;
    }
    Work work = driver.timeline.enqueue(stream, command);
    if (host(command.source(), context) || host(command.destination(), context)) {
      driver.timeline.finish(work);
    }
  }

  private static boolean host(CopyCommand.Side side, Context context) {
    return !context.driver.memory().isDevice(side.address());
  }

  /** A copy in a stream's order. Out of pageable memory it is staged first, into it waited for. */
  static void inStream(Stream stream, CopyCommand command) {
    Context context = stream.context;
    context.driver.captures.requireValid(stream);
    command.check(context);
    if (stream.captured != null) {
      stream.submit(command);
      return;
    }
    if (command.empty()) {
      return;
    }
    boolean waits = command.writesPageable(context);
    if (command.readsPageable(context)) {
      if (command.sourceSpan() > STAGED_AT_MOST) {
        waits = true;
      } else {
        command = command.stage();
      }
    }
    stream.submit(command);
    if (waits) {
      context.driver.timeline.finish(stream.last());
    }
  }
}
