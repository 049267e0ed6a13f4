package dev.culebra.emulator.exec;

import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;

/**
 * A static method that says what an instruction does to one lane. Its parameters' types say how
 * operands are read: {@code int} and {@code float} 32 bits, {@code short} and {@code char} 16 bits
 * (signed, unsigned), {@code long} and {@code double} 64 bits, {@code boolean} a predicate; its
 * result's type likewise how the result is written.
 */
record ScalarMethod(ClassDesc owner, String name, MethodTypeDesc type) {
  int parameters() {
    return type.parameterCount();
  }

  /** JVM's letter for a parameter's type. */
  char parameter(int index) {
    return letter(type.parameterType(index));
  }

  /** JVM's letter for the result's type. */
  char result() {
    return letter(type.returnType());
  }

  private static char letter(ClassDesc type) {
    return type.descriptorString().charAt(0);
  }
}
