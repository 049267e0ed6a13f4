package dev.culebra.emulator.driver;

/** A graph's wait for an event that was recorded outside of it before the graph was launched. */
record WaitCommand(Event event) implements Command {
  @Override
  public void run(Context context) {}

  @Override
  public NodeType nodeType() {
    return NodeType.WAIT_EVENT;
  }
}
