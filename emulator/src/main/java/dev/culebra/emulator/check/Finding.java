package dev.culebra.emulator.check;

import dev.culebra.emulator.ptx.SourceLine;
import dev.culebra.emulator.ptx.SourcePosition;

/**
 * A defect that a checker found.
 *
 * @param kernel null for the host's
 * @param module the PTX module's name; null for the host's
 * @param position of the instruction in it; null for the host's
 * @param source null without {@code .loc}
 * @param block of the thread, as "(x,y,z)"; null for the host's
 * @param thread likewise
 * @param message what happened, where, and what was expected
 */
public record Finding(
    Checker checker,
    String kernel,
    String module,
    SourcePosition position,
    SourceLine source,
    String block,
    String thread,
    String message) {

  /** One line that begins with the checker's name. */
  @Override
  public String toString() {
    StringBuilder line = new StringBuilder(checker.spelling()).append(": ").append(message);
    if (kernel != null) {
      line.append(", in ").append(kernel);
      if (position != null) {
        line.append(" at ").append(module).append(':').append(position);
      }
      if (source != null) {
        line.append(" (").append(source).append(')');
      }
      if (block != null) {
        line.append(", block ").append(block).append(" thread ").append(thread);
      }
    }
    return line.toString();
  }
}
