package dev.culebra.emulator.driver;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Where in the caller's program a driver function was called: the innermost frames of its own. */
final class CallSite {
  private static final StackWalker WALKER = StackWalker.getInstance();

  /** Enough to look through a wrapper or two around the bindings. */
  private static final int FRAMES = 3;

  private static final Set<String> NOT_THE_CALLERS =
      Set.of(
          "dev.culebra.emulator.driver",
          "dev.culebra.emulator.blas",
          "dev.culebra.bindings.cuda",
          "dev.culebra.bindings.cublas",
          "dev.culebra.bindings.cublaslt");

  private final List<StackWalker.StackFrame> frames;

  private CallSite(List<StackWalker.StackFrame> frames) {
    this.frames = frames;
  }

  /** Of the call that the calling thread is in. */
  static CallSite current() {
    return new CallSite(
        WALKER.walk(
            frames ->
                frames.filter(frame -> !isOurs(frame.getClassName())).limit(FRAMES).toList()));
  }

  private static boolean isOurs(String name) {
    int end = name.lastIndexOf('.');
    return end >= 0 && NOT_THE_CALLERS.contains(name.substring(0, end))
        || name.startsWith("java.lang.invoke.")
        || name.startsWith("jdk.internal.");
  }

  /** "Trainer.step (Trainer.java:120) < Main.main (Main.java:12)". */
  @Override
  public String toString() {
    return frames.isEmpty()
        ? "native code"
        : frames.stream().map(CallSite::describe).collect(Collectors.joining(" < "));
  }

  private static String describe(StackWalker.StackFrame frame) {
    String name = frame.getClassName();
    return name.substring(name.lastIndexOf('.') + 1)
        + "."
        + frame.getMethodName()
        + " ("
        + frame.getFileName()
        + ":"
        + frame.getLineNumber()
        + ")";
  }
}
