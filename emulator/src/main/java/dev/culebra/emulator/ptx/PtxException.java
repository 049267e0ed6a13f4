package dev.culebra.emulator.ptx;

/** PTX that is not well formed. The message begins with module, line and column. */
public final class PtxException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final transient SourcePosition position;

  public PtxException(String module, SourcePosition position, String message) {
    super(module + ":" + position + ": " + message);
    this.position = position;
  }

  public SourcePosition position() {
    return position;
  }
}
