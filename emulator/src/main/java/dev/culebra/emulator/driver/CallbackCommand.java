package dev.culebra.emulator.driver;

/** What cuStreamAddCallback enqueues: it is told the stream and a status too. */
record CallbackCommand(long function, long stream, long userData) implements Command {
  @Override
  public void run(Context context) {
    HostFunctions.callback(context.driver, function, stream, Status.SUCCESS, userData);
  }

  @Override
  public boolean mayWaitForProgram() {
    return true;
  }

  @Override
  public NodeType nodeType() {
    return NodeType.HOST;
  }

  @Override
  public boolean mayWriteHostMemory(Context context) {
    return true;
  }
}
