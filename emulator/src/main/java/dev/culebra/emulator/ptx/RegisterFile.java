package dev.culebra.emulator.ptx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Registers of one function as they come into use, and unique names for what it declares. */
final class RegisterFile {
  private static final String[] COMPONENTS = {"x", "y", "z", "w"};

  private final List<Operand.Register> registers = new ArrayList<>();
  private final Map<String, Integer> taken = new HashMap<>();
  private final Scope module;

  RegisterFile(Scope module) {
    this.module = module;
  }

  /** Adds a register of 1, 2 or 4 values. */
  Meaning add(String name, ScalarType type, int lanes) {
    String unique = unique(name);
    if (lanes == 1) {
      return new Meaning.Scalar(add(unique, type));
    }
    List<Operand> components = new ArrayList<>(lanes);
    for (int i = 0; i < lanes; i++) {
      components.add(add(unique + "." + COMPONENTS[i], type));
    }
    return new Meaning.VectorRegister(List.copyOf(components));
  }

  private Operand.Register add(String name, ScalarType type) {
    Operand.Register register = new Operand.Register(name, type, registers.size());
    registers.add(register);
    return register;
  }

  /** {@code name}, with a number behind it where function or module have that name already. */
  String unique(String name) {
    Integer times = taken.get(name);
    if (times == null && module.own(name) == null) {
      taken.put(name, 1);
      return name;
    }
    int number = times == null ? 1 : times;
    String unique;
    do {
      number++;
      unique = name + "$" + number;
    } while (taken.containsKey(unique) || module.own(unique) != null);
    taken.put(name, number);
    taken.put(unique, 1);
    return unique;
  }

  /** Keeps a name from being given to anything else. */
  void take(String name) {
    taken.putIfAbsent(name, 1);
  }

  List<Operand.Register> registers() {
    return List.copyOf(registers);
  }
}
