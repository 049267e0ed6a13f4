package dev.culebra.emulator.driver;

/** The context that all parts of a process share on a device, alive while anybody retains it. */
final class PrimaryContext {
  private final Driver driver;
  private Context context;
  private int retained;
  private int flags;

  PrimaryContext(Driver driver) {
    this.driver = driver;
  }

  Context retain() {
    if (context == null) {
      context = new Context(driver, true, flags);
    }
    retained++;
    return context;
  }

  void release() {
    if (retained == 0) {
      throw Status.INVALID_CONTEXT.because("the primary context is not retained");
    }
    retained--;
    if (retained == 0) {
      reset();
    }
  }

  /**
   * Destroys it whoever retains it, which they go on doing; whoever retains it next gets another.
   */
  void reset() {
    if (context != null) {
      Context ended = context;
      context = null;
      ended.destroy();
    }
  }

  boolean active() {
    return context != null;
  }

  int flags() {
    return context == null ? flags : context.flags;
  }

  void flags(int next) {
    flags = next;
    if (context != null) {
      context.flags = next;
    }
  }
}
