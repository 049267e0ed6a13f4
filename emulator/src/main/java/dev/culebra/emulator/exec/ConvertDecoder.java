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
  private static final ScalarMethods ROUNDED = new ScalarMethods(RoundedConversions.class);
  private static final ScalarMethods HALVES = new ScalarMethods(HalfArithmetic.class);
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
    if (PackedConvertDecoder.decodes(decoding)) {
      return PackedConvertDecoder.decode(decoding);
    }
    ScalarType source = decoding.modifiers.takeLastType();
    ScalarType target = decoding.modifiers.takeLastType();
    if (!SCALARS.contains(source) || !SCALARS.contains(target)) {
      throw decoding.unsupported();
    }
    return new ConvertDecoder(decoding, target, source).scalar();
  }

  private Operation scalar() {
    Modifiers modifiers = decoding.modifiers;
    List<Operand> operands = decoding.operands(2);
    boolean ftz = modifiers.take("ftz");
    boolean saturated = modifiers.take("sat");
    String rounding = modifiers.takeOneOf("rn", "rz", "rm", "rp", "rni", "rzi", "rmi", "rpi");
    if (ftz && source != ScalarType.F32 && target != ScalarType.F32) {
      throw decoding.unsupported();
    }
    int from = read(operands.get(1));
    // to f16 an H100 rounds subnormal sources all the same
    if (ftz && source == ScalarType.F32 && target != ScalarType.F16) {
      steps.add(FLOATS.method("flushSource"));
    }
    convert(rounding, saturated, ftz);
    if (ftz && target == ScalarType.F32 && source != ScalarType.F64) {
      steps.add(ARITHMETIC.method("flush"));
    }
    keepNan(ftz, rounding, saturated);
    int to = write(operands.get(0));
    LaneFunction function =
        steps.isEmpty()
            ? BITS.find(source.bits() == Long.SIZE ? "move64" : "move32")
            : LaneFunction.chain(steps);
    return decoding.lanes(function, to, from);
  }

  /** Sees to it that a NaN which is only moved or widened stays what it is. */
  private void keepNan(boolean ftz, String rounding, boolean saturated) {
    if (!isFloat(source) || saturated) {
      return;
    }
    boolean integral = rounding != null && rounding.endsWith("i");
    boolean canonical = source == ScalarType.F16 || source == ScalarType.BF16 && ftz || integral;
    if (target == ScalarType.F32 && !canonical && !steps.isEmpty()) {
      steps.add(FLOATS.method("rawBits"));
    } else if (target == ScalarType.F64 && source == ScalarType.F64 && integral) {
      steps.add(FLOATS.method("quietBits"));
    }
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

  private void convert(String rounding, boolean saturated, boolean ftz) {
    if (isFloat(source) && isFloat(target)) {
      floatToFloat(rounding, ftz);
    } else if (isFloat(source)) {
      floatToInteger(rounding);
      return;
    } else if (isFloat(target)) {
      integerToFloat(rounding);
    } else {
      integerToInteger(rounding, saturated);
      return;
    }
    if (saturated) {
      saturate();
    }
  }

  private void saturate() {
    switch (target) {
      case F16 -> steps.add(HALVES.method("saturateF16"));
      case F32 -> steps.add(ARITHMETIC.method("saturateF32"));
      case F64 -> steps.add(ARITHMETIC.method("saturateF64"));
      default -> throw decoding.unsupported();
    }
  }

  /** The result is clamped in any case: {@code .sat} adds nothing. */
  private void floatToInteger(String rounding) {
    if (rounding == null || !rounding.endsWith("i")) {
      throw decoding.unsupported();
    }
    boolean wide = source == ScalarType.F64;
    steps.add(FLOATS.method("round" + Names.capital(rounding) + (wide ? "F64" : "F32")));
    steps.add(FLOATS.method((wide ? "f64To" : "f32To") + target));
  }

  private void integerToInteger(String rounding, boolean saturated) {
    if (rounding != null || saturated && contains(target, source)) {
      throw decoding.unsupported();
    }
    boolean wide = source.bits() == Long.SIZE;
    boolean signed = source.kind() == ScalarType.Kind.SIGNED;
    if (saturated) {
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

  private void integerToFloat(String rounding) {
    if (rounding == null || rounding.endsWith("i")) {
      throw decoding.unsupported();
    }
    boolean signed = source.kind() == ScalarType.Kind.SIGNED;
    String mode = Names.capital(rounding);
    if (source.bits() < Long.SIZE) {
      String direct = signed ? "s32To" : "u32To";
      LaneFunction function = FLOATS.find(direct + target);
      if (function == null) {
        function = FLOATS.find(direct + mode + target);
      }
      if (function != null) {
        steps.add(function.core());
        return;
      }
      steps.add(INTEGERS.method(signed ? "widenSigned" : "widenUnsigned"));
    }
    boolean positive = source.bits() < Long.SIZE || signed;
    addFound((positive ? "s64To" : "u64To") + mode + target);
  }

  private void floatToFloat(String rounding, boolean ftz) {
    boolean integral = rounding != null && rounding.endsWith("i");
    boolean wide = source == ScalarType.F64;
    boolean halves = source.bits() == Short.SIZE && target.bits() == Short.SIZE;
    boolean narrows = source.bits() > target.bits() || halves && source != target;
    if (integral && source != target || !integral && !isAllowed(rounding, narrows)) {
      throw decoding.unsupported();
    }
    String from = wide ? "f64" : "f32";
    if (integral) {
      steps.add(FLOATS.method("round" + Names.capital(rounding) + (wide ? "F64" : "F32")));
    }
    if (target == ScalarType.F64 && !wide) {
      steps.add(FLOATS.method("f32ToF64"));
    } else if (wide ? narrows : target.bits() == Short.SIZE) {
      boolean nearest = rounding == null || integral;
      addFound(
          from
              + "To"
              + (nearest ? "Rn" : Names.capital(rounding))
              + (wide && ftz ? "Ftz" : "")
              + target);
    }
  }

  /** Only what loses precision is rounded; ptxas asks it of f16 to bf16 no more than of bf16. */
  private boolean isAllowed(String rounding, boolean narrows) {
    boolean bf16 = source == ScalarType.BF16 || target == ScalarType.BF16;
    boolean optional = bf16 && source.bits() <= target.bits();
    return optional || narrows == (rounding != null);
  }

  private void addFound(String name) {
    LaneFunction function = ROUNDED.find(name);
    if (function == null) {
      function = FLOATS.find(name);
    }
    if (function == null) {
      throw decoding.unsupported();
    }
    steps.add(function.core());
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
          case F32 -> steps.isEmpty() || steps.getLast().result() == 'I' ? 'I' : 'F';
          case F64 -> !steps.isEmpty() && steps.getLast().result() == 'J' ? 'J' : 'D';
          case F16, BF16 -> 'C';
          default -> target.bits() == Long.SIZE ? 'J' : 'I';
        };
    if (wideRegister && target.bits() < Long.SIZE) {
      switch (letter) {
        case 'F' -> {
          steps.add(ARITHMETIC.method("bits"));
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
