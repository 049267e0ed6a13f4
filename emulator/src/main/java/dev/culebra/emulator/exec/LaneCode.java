package dev.culebra.emulator.exec;

import java.lang.classfile.CodeBuilder;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;

/** Bytecode for one lane: between the bits of registers and the types that methods take. */
final class LaneCode {
  private static final MethodTypeDesc INT_TO_FLOAT =
      MethodTypeDesc.of(ConstantDescs.CD_float, ConstantDescs.CD_int);
  private static final MethodTypeDesc FLOAT_TO_INT =
      MethodTypeDesc.of(ConstantDescs.CD_int, ConstantDescs.CD_float);
  private static final MethodTypeDesc LONG_TO_DOUBLE =
      MethodTypeDesc.of(ConstantDescs.CD_double, ConstantDescs.CD_long);
  private static final MethodTypeDesc DOUBLE_TO_LONG =
      MethodTypeDesc.of(ConstantDescs.CD_long, ConstantDescs.CD_double);

  private LaneCode() {}

  /** Turns a register's bits on the stack into a value of the type with that letter. */
  static void fromBits(CodeBuilder code, char type) {
    switch (type) {
      case 'F' -> code.invokestatic(ConstantDescs.CD_Float, "intBitsToFloat", INT_TO_FLOAT);
      case 'D' -> code.invokestatic(ConstantDescs.CD_Double, "longBitsToDouble", LONG_TO_DOUBLE);
      case 'S' -> code.i2s();
      case 'C' -> code.i2c();
      default -> {}
    }
  }

  /** Turns a value on the stack into a register's bits. */
  static void toBits(CodeBuilder code, char type) {
    switch (type) {
      case 'F' -> code.invokestatic(ConstantDescs.CD_Float, "floatToRawIntBits", FLOAT_TO_INT);
      case 'D' -> code.invokestatic(ConstantDescs.CD_Double, "doubleToRawLongBits", DOUBLE_TO_LONG);
      case 'S', 'C' -> code.i2c();
      default -> {}
    }
  }

  /** Applies what comes before the function's core to the operand on the stack. */
  static void before(CodeBuilder code, LaneFunction function, int operand) {
    ScalarMethod before = function.before();
    if (before != null && before.parameter(0) == function.operand(operand)) {
      call(code, before);
    }
  }

  /** Applies core and what follows to the operands on the stack. */
  static void apply(CodeBuilder code, LaneFunction function) {
    call(code, function.core());
    for (ScalarMethod method : function.after()) {
      call(code, method);
    }
  }

  private static void call(CodeBuilder code, ScalarMethod method) {
    code.invokestatic(method.owner(), method.name(), method.type());
  }
}
