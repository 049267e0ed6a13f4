package dev.culebra.model.training;

/** Training ran into infinity or NaN; the message names the step and the tensor. */
public final class NonFiniteLossException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final long step;

  NonFiniteLossException(long step, String message) {
    super(message);
    this.step = step;
  }

  /** The step whose loss or gradient norm was not finite. */
  public long step() {
    return step;
  }
}
