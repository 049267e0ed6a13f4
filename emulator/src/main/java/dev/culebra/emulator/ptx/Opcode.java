package dev.culebra.emulator.ptx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** An opcode with its modifiers, made once for all instructions that are spelled so. */
final class Opcode {
  private final String name;
  private final List<String> modifiers;
  private final Map<String, Opcode> longer = new HashMap<>(4);

  Opcode(String name, List<String> modifiers) {
    this.name = name;
    this.modifiers = modifiers;
  }

  String name() {
    return name;
  }

  List<String> modifiers() {
    return modifiers;
  }

  /** The opcode with one more modifier. */
  Opcode with(String modifier) {
    Opcode known = longer.get(modifier);
    if (known == null) {
      List<String> all = new ArrayList<>(modifiers);
      all.add(modifier);
      known = new Opcode(name, List.copyOf(all));
      longer.put(modifier, known);
    }
    return known;
  }
}
