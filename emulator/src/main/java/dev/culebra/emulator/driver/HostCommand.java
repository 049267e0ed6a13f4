package dev.culebra.emulator.driver;

/**
 * Calls a function of the program.
 *
 * @param function its address
 * @param userData what it is given
 */
record HostCommand(long function, long userData) implements Command {
  @Override
  public void run(Context context) {
    HostFunctions.call(context.driver, function, userData);
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
