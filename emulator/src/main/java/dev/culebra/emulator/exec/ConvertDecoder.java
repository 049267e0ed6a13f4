package dev.culebra.emulator.exec;

import dev.culebra.emulator.ptx.Operand;
import dev.culebra.emulator.ptx.ScalarType;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Decodes {@code cvt} (PTX ISA 9.7.9.21): strings together the steps from the source's register to
 * the destination's. Between them, integers of up to 32 bits are {@code int}, f16 and bf16 are
 * taken as the {@code float} of the same value.
 */
final class ConvertDecoder {
  private static final ScalarMethods INTEGERS = new ScalarMethods(IntegerConversions.class);
  private static final ScalarMethods FLOATS = new ScalarMethods(FloatConversions.class);
  private static final ScalarMethods ARITHMETIC = new ScalarMethods(FloatArithmetic.class);
  private static final ScalarMethods BITS = new ScalarMethods(BitLogic.class);

  private static final Set<ScalarType> SCALARS =
      EnumSet.of(
          ScalarType.S8,
          ScalarType.U8,
          ScalarType.S16,
          ScalarType.U16,
          ScalarType.S32,
          ScalarType.U32,
          ScalarType.S64,
          ScalarType.U64,
          ScalarType.F16,
          ScalarType.BF16,
          ScalarType.F32,
          ScalarType.F64);

  private final Decoding decoding;
  private final ScalarType target;
  private final ScalarType source;
  private final List<ScalarMethod> steps = new ArrayList<>();

  private ConvertDecoder(Decoding decoding, ScalarType target, ScalarType source) {
    this.decoding = decoding;
    this.target = target;
    this.source = source;
  }

  static Operation decode(Decoding decoding) {
    ScalarType source = decoding.modifiers.takeType();
    ScalarType target = decoding.modifiers.takeType();
    if (target == ScalarType.F16X2 || target == ScalarType.BF16X2) {
      return pair(decoding, target, source);
    }
    if (!SCALARS.contains(source) || !SCALARS.contains(target)) {
      throw decoding.unsupported();
    }
    return new ConvertDecoder(decoding, target, source).scalar();
  }

  /** {@code cvt.rn.relu.bf16x2.f32 d, a, b}: a becomes the upper half. */
  private static Operation pair(Decoding decoding, ScalarType target, ScalarType source) {
    if (source != ScalarType.F32) {
      throw decoding.unsupported();
    }
    decoding.require("rn");
    LaneFunction function =
        FLOATS.find(target == ScalarType.F16X2 ? "f32PairToRnF16x2" : "f32PairToRnBf16x2");
    return decoding.lanes(
        decoding.modifiers.take("relu") ? function.then(FLOATS.method("reluHalves")) : function);
  }

  private Operation scalar() {
    Modifiers modifiers = decoding.modifiers;
    List<Operand> operands = decoding.operands(2);
    boolean ftz = modifiers.take("ftz");
    boolean saturated = modifiers.take("sat");
    boolean relu = modifiers.take("relu");
    String rounding = modifiers.takeOneOf("rn", "rz", "rm", "rp", "rni", "rzi", "rmi", "rpi");
    if (ftz && source != ScalarType.F32 && target != ScalarType.F32) {
      throw decoding.unsupported();
    }
    int from = read(operands.get(1));
    if (ftz && source == ScalarType.F32) {
      steps.add(ARITHMETIC.method("flush"));
    }
    convert(rounding, saturated, relu);
    if (ftz && target == ScalarType.F32) {
      steps.add(ARITHMETIC.method("flush"));
    }
    int to = write(operands.get(0));
    LaneFunction function =
        steps.isEmpty()
            ? BITS.find(source.bits() == Long.SIZE ? "move64" : "move32")
            : new LaneFunction(steps.getFirst(), null, List.copyOf(steps.subList(1, steps.size())));
    return decoding.lanes(function, to, from);
  }

  private static boolean isFloat(ScalarType type) {
    return type.kind() == ScalarType.Kind.FLOAT;
  }

  /** Adds the steps from the source's register; returns its slot. */
  private int read(Operand operand) {
    boolean wide = source.bits() == Long.SIZE;
    boolean wideRegister =
        operand instanceof Operand.Register register
            && FrameLayout.bank(register.type()) == FrameLayout.Bank.LONG;
    if (operand instanceof Operand.Register register && register.type().bits() < source.bits()) {
      throw decoding.unsupported();
    }
    char letter =
        switch (source) {
          case F32 -> 'F';
          case F64 -> 'D';
          default -> wide ? 'J' : 'I';
        };
    if (wideRegister && !wide) {
      steps.add(INTEGERS.method("narrow"));
      if (source == ScalarType.F32) {
        steps.add(INTEGERS.method("asFloat"));
      }
      letter = 'J';
    }
    switch (source) {
      case S8, U8, S16, U16 -> steps.add(INTEGERS.method("extend" + source));
      case F16 -> steps.add(FLOATS.method("f16ToF32"));
      case BF16 -> steps.add(FLOATS.method("bf16ToF32"));
      default -> {}
    }
    return decoding.source(operand, letter);
  }

  private void convert(String rounding, boolean saturated, boolean relu) {
    if (relu && target != ScalarType.F16 && target != ScalarType.BF16) {
      throw decoding.unsupported();
    }
    if (isFloat(source) && isFloat(target)) {
      floatToFloat(rounding, saturated, relu);
    } else if (isFloat(source)) {
      requireInteger(rounding);
      String from = source == ScalarType.F64 ? "f64" : "f32";
      steps.add(
          FLOATS.method("round" + Names.capital(rounding) + (from.equals("f64") ? "F64" : "F32")));
      steps.add(FLOATS.method(from + "To" + target));
    } else if (isFloat(target)) {
      integerToFloat(rounding, saturated);
    } else {
      integerToInteger(rounding, saturated);
    }
  }

  private void requireInteger(String rounding) {
    if (rounding == null || !rounding.endsWith("i")) {
      throw decoding.unsupported();
    }
  }

  private void integerToInteger(String rounding, boolean saturated) {
    if (rounding != null) {
      throw decoding.unsupported();
    }
    boolean wide = source.bits() == Long.SIZE;
    boolean signed = source.kind() == ScalarType.Kind.SIGNED;
    if (saturated) {
      if (contains(target, source)) {
        throw decoding.unsupported();
      }
      if (!wide) {
        steps.add(INTEGERS.method(signed ? "widenSigned" : "widenUnsigned"));
      } else if (!signed) {
        steps.add(INTEGERS.method("capUnsigned"));
      }
      steps.add(INTEGERS.method("saturate" + target));
      wide = true;
    }
    if (wide && target.bits() < Long.SIZE) {
      steps.add(INTEGERS.method("narrow"));
    }
    if (!wide && target.bits() == Long.SIZE) {
      steps.add(INTEGERS.method(signed ? "widenSigned" : "widenUnsigned"));
    } else if (target.bits() < Integer.SIZE) {
      steps.add(INTEGERS.method("extend" + target));
    }
  }

  /** Whether all values of an integer type are values of another. */
  private static boolean contains(ScalarType outer, ScalarType inner) {
    boolean signed = inner.kind() == ScalarType.Kind.SIGNED;
    if (outer.kind() == inner.kind()) {
      return outer.bits() >= inner.bits();
    }
    return !signed && outer.bits() > inner.bits();
  }

  private void integerToFloat(String rounding, boolean saturated) {
    if (rounding == null || rounding.endsWith("i") || saturated) {
      throw decoding.unsupported();
    }
    String from =
        source.bits() == Long.SIZE
            ? source.name()
            : (source.kind() == ScalarType.Kind.SIGNED ? "S32" : "U32");
    String name = from.toLowerCase(java.util.Locale.ROOT) + "To" + Names.capital(rounding) + target;
    LaneFunction exact = FLOATS.find(from.toLowerCase(java.util.Locale.ROOT) + "To" + target);
    LaneFunction function = exact != null ? exact : FLOATS.find(name);
    if (function == null) {
      throw decoding.unsupported();
    }
    steps.add(function.core());
  }

  private void floatToFloat(String rounding, boolean saturated, boolean relu) {
    boolean integral = rounding != null && rounding.endsWith("i");
    String from = source == ScalarType.F64 ? "F64" : "F32";
    if (integral) {
      if (source != target) {
        throw decoding.unsupported();
      }
      steps.add(FLOATS.method("round" + Names.capital(rounding) + from));
    }
    boolean narrows = source.bits() > target.bits();
    if (narrows == (rounding == null)) {
      throw decoding.unsupported();
    }
    if (saturated) {
      throw decoding.unsupported();
    }
    if (source == ScalarType.F32 && target == ScalarType.F64) {
      steps.add(FLOATS.method("f32ToF64"));
    } else if (narrows) {
      String to = target == ScalarType.BF16 ? "Bf16" : target.name();
      LaneFunction function =
          FLOATS.find(
              from.toLowerCase(java.util.Locale.ROOT) + "To" + Names.capital(rounding) + to);
      if (function == null) {
        throw decoding.unsupported();
      }
      steps.add(function.core());
    }
    if (relu) {
      steps.add(FLOATS.method("reluHalf"));
    }
  }

  /** Adds the steps into the destination's register; returns its slot. */
  private int write(Operand operand) {
    boolean wideRegister =
        operand instanceof Operand.Register register
            && FrameLayout.bank(register.type()) == FrameLayout.Bank.LONG;
    int bits =
        operand instanceof Operand.Register register ? register.type().bits() : target.bits();
    if (bits < target.bits()) {
      throw decoding.unsupported();
    }
    char letter =
        switch (target) {
          case F32 -> 'F';
          case F64 -> 'D';
          case F16, BF16 -> 'C';
          default -> target.bits() == Long.SIZE ? 'J' : 'I';
        };
    if (wideRegister && target.bits() < Long.SIZE) {
      switch (letter) {
        case 'F' -> {
          steps.add(INTEGERS.method("bitsOf"));
          steps.add(INTEGERS.method("widenUnsigned"));
        }
        case 'C' -> steps.add(INTEGERS.method("widenHalf"));
        default ->
            steps.add(
                INTEGERS.method(
                    target.kind() == ScalarType.Kind.SIGNED ? "widenSigned" : "widenUnsigned"));
      }
      letter = 'J';
    } else if (letter == 'I' && bits == 16) {
      steps.add(INTEGERS.method("narrowTo16"));
      letter = 'C';
    } else if (letter == 'I' && bits == 8) {
      steps.add(INTEGERS.method("narrowTo8"));
      letter = 'C';
    }
    return decoding.destination(operand, letter);
  }
}
