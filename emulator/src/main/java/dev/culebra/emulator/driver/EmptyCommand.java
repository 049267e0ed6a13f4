package dev.culebra.emulator.driver;

/** Nothing but a place that others wait for. */
record EmptyCommand() implements Command {
  @Override
  public void run(Context context) {}

  @Override
  public NodeType nodeType() {
    return NodeType.EMPTY;
  }
}
