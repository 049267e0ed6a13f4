package dev.culebra.emulator.exec;

import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
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

  private static final ClassDesc FLOAT_ARITHMETIC =
      FloatArithmetic.class.describeConstable().orElseThrow();
  private static final long LOWER_WORD = 0xffff_ffffL;

  private LaneCode() {}

  /** Pushes the bits of a register's lane. */
  interface Operands {
    void push(CodeBuilder code, int operand);
  }

  /** Pushes the function's value, as bits of the result's register. */
  static void value(CodeBuilder code, LaneFunction function, Operands operands) {
    LaneFunction.Parts parts = function.parts();
    if (parts != LaneFunction.Parts.BOTH) {
      element(code, function, operands, parts == LaneFunction.Parts.UPPER);
      return;
    }
    boolean wide = function.result() == 'J';
    element(code, function, operands, false);
    if (wide) {
      code.i2l().ldc(LOWER_WORD).land();
    }
    element(code, function, operands, true);
    if (wide) {
      code.i2l().bipush(Integer.SIZE).lshl().lor();
    } else {
      code.bipush(Short.SIZE).ishl().ior();
    }
  }

  private static void element(
      CodeBuilder code, LaneFunction function, Operands operands, boolean upper) {
    for (int i = 0; i < function.operands(); i++) {
      operands.push(code, i);
      if (function.operand(i) == 'J' && function.parts() != LaneFunction.Parts.WHOLE) {
        if (upper) {
          code.bipush(Integer.SIZE).lushr();
        }
        code.l2i();
      } else if (upper) {
        code.bipush(Short.SIZE).iushr();
      }
      fromBits(code, function.element(i));
      function.before().get(i).forEach(step -> call(code, step));
    }
    call(code, function.core());
    function.after().forEach(step -> call(code, step));
    toBits(code, function.elementOfResult());
  }

  private static void fromBits(CodeBuilder code, char type) {
    switch (type) {
      case 'F' -> code.invokestatic(ConstantDescs.CD_Float, "intBitsToFloat", INT_TO_FLOAT);
      case 'D' -> code.invokestatic(ConstantDescs.CD_Double, "longBitsToDouble", LONG_TO_DOUBLE);
      case 'S' -> code.i2s();
      case 'C' -> code.i2c();
      default -> {}
    }
  }

  private static void toBits(CodeBuilder code, char type) {
    switch (type) {
      case 'F' -> code.invokestatic(FLOAT_ARITHMETIC, "bits", FLOAT_TO_INT);
      case 'D' -> code.invokestatic(ConstantDescs.CD_Double, "doubleToRawLongBits", DOUBLE_TO_LONG);
      case 'S', 'C' -> code.i2c();
      default -> {}
    }
  }

  private static void call(CodeBuilder code, ScalarMethod method) {
    code.invokestatic(method.owner(), method.name(), method.type());
  }
}
