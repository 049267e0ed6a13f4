package dev.culebra.emulator.driver;

import java.util.Set;

/** Where in the caller's program a driver function was called. */
final class CallSite {
  private static final StackWalker WALKER = StackWalker.getInstance();
  private static final Set<String> NOT_THE_CALLERS =
      Set.of(
          "dev.culebra.emulator.driver",
          "dev.culebra.emulator.blas",
          "dev.culebra.bindings.cuda",
          "dev.culebra.bindings.cublas",
          "dev.culebra.bindings.cublaslt");

  private CallSite() {}

  /** "Trainer.step (Trainer.java:120)" of the innermost frame that is the program's own. */
  static String current() {
    return WALKER.walk(
        frames ->
            frames
                .filter(frame -> !isOurs(frame.getClassName()))
                .findFirst()
                .map(CallSite::describe)
                .orElse("native code"));
  }

  private static boolean isOurs(String name) {
    int end = name.lastIndexOf('.');
    return (end >= 0 && NOT_THE_CALLERS.contains(name.substring(0, end)))
        || name.startsWith("java.lang.invoke.");
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
