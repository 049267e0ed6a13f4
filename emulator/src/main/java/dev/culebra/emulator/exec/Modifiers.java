package dev.culebra.emulator.exec;

import dev.culebra.emulator.ptx.Instruction;
import dev.culebra.emulator.ptx.ScalarType;
import java.util.ArrayList;
import java.util.List;

/**
 * The modifiers of one instruction, taken off one by one as a decoder understands them: {@link
 * #finish} refuses what is left, so that none is ever ignored.
 */
final class Modifiers {
  private final String module;
  private final Instruction instruction;
  private final List<String> left;

  Modifiers(String module, Instruction instruction) {
    this.module = module;
    this.instruction = instruction;
    left = new ArrayList<>(instruction.modifiers());
  }

  /** Takes a modifier off wherever it stands; false where it is not there. */
  boolean take(String modifier) {
    return left.remove(modifier);
  }

  /** Takes off the first of several that is there; null where none is. */
  String takeOneOf(String... modifiers) {
    for (String modifier : modifiers) {
      if (left.remove(modifier)) {
        return modifier;
      }
    }
    return null;
  }

  /** Takes off what comes next, whatever it is; null at the end. */
  String takeNext() {
    return left.isEmpty() ? null : left.removeFirst();
  }

  /** What comes next; null at the end. */
  String peek() {
    return left.isEmpty() ? null : left.getFirst();
  }

  /** Takes off the last one, which has to be a type. */
  ScalarType takeType() {
    ScalarType type = left.isEmpty() ? null : ScalarType.named(left.getLast());
    if (type == null) {
      throw unsupported();
    }
    left.removeLast();
    return type;
  }

  /** Takes off the last that is a type, wherever it stands: {@code fma.f32.rn} will do, too. */
  ScalarType takeLastType() {
    for (int i = left.size() - 1; i >= 0; i--) {
      ScalarType type = ScalarType.named(left.get(i));
      if (type != null) {
        left.remove(i);
        return type;
      }
    }
    throw unsupported();
  }

  /** Refuses the instruction where anything is left. */
  void finish() {
    if (!left.isEmpty()) {
      throw unsupported();
    }
  }

  UnsupportedPtxException unsupported() {
    return UnsupportedPtxException.of(module, instruction);
  }
}
