package dev.culebra.emulator.exec;

/** An instruction after which lanes need not go on with the next, or not at once. */
abstract class ControlOperation extends Operation {
  /**
   * Executes for all lanes of a strand.
   *
   * @return whether the strand may go on at once: it is as it was but for its pc, and so are the
   *     warp's other strands
   */
  abstract boolean step(Warp warp, Strand strand);

  @Override
  final void execute(Warp warp, int active) {
    throw new IllegalStateException("control flow is the warp's");
  }
}
