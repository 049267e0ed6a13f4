package dev.culebra.emulator.driver;

/** Says that all before it was done. */
record RecordCommand(Event event) implements Command {
  @Override
  public void run(Context context) {
    event.reached();
  }

  @Override
  public NodeType nodeType() {
    return NodeType.EVENT_RECORD;
  }
}
