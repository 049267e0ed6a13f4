package dev.culebra.emulator.exec;

import static dev.culebra.emulator.ptx.ScalarType.BF16;
import static dev.culebra.emulator.ptx.ScalarType.E4M3X2;
import static dev.culebra.emulator.ptx.ScalarType.F16;
import static dev.culebra.emulator.ptx.ScalarType.F16X2;
import static dev.culebra.emulator.ptx.ScalarType.F32;
import static dev.culebra.emulator.ptx.ScalarType.TF32;

import dev.culebra.emulator.ptx.ScalarType;
import java.util.List;
import java.util.Set;

/**
 * Decodes the forms of {@code cvt} whose result is packed, tf32, or has {@code .relu} or {@code
 * .satfinite} (PTX ISA 9.7.9.21), and {@code cvt.pack} (9.7.9.22).
 */
final class PackedConvertDecoder {
  private static final ScalarMethods PACKED = new ScalarMethods(PackedConversions.class);
  private static final ScalarMethods FLOATS = new ScalarMethods(FloatConversions.class);
  private static final Set<String> MARKS =
      Set.of("relu", "satfinite", "pack", "tf32", "f16x2", "bf16x2", "e4m3x2", "e5m2x2");

  private PackedConvertDecoder() {}

  /** Whether an instruction is one of these. */
  static boolean decodes(Decoding decoding) {
    return MARKS.stream().anyMatch(decoding::has);
  }

  static Operation decode(Decoding decoding) {
    Modifiers modifiers = decoding.modifiers;
    if (modifiers.take("pack")) {
      return pack(decoding);
    }
    ScalarType source = modifiers.takeLastType();
    ScalarType target = modifiers.takeLastType();
    boolean relu = modifiers.take("relu");
    boolean finite = modifiers.take("satfinite");
    return switch (target) {
      case F16, BF16 -> {
        require(decoding, source == F32);
        LaneFunction function = half(decoding, "f32To", target, finite);
        yield decoding.lanes(relu ? function.then(PACKED.method("relu")) : function);
      }
      case BF16X2 -> {
        require(decoding, source == F32);
        LaneFunction function = half(decoding, "f32PairTo", BF16, finite);
        yield decoding.lanes(relu ? function.then(PACKED.method("reluPair")) : function);
      }
      case F16X2 -> {
        LaneFunction function =
            source == F32
                ? half(decoding, "f32PairTo", F16, finite)
                : fromBytes(decoding, source, finite);
        yield decoding.lanes(relu ? function.then(PACKED.method("reluPair")) : function);
      }
      case TF32 -> {
        require(decoding, source == F32);
        yield tf32(decoding, relu, finite);
      }
      case E4M3X2, E5M2X2 -> {
        require(decoding, finite && (source == F32 || source == F16X2));
        decoding.require("rn");
        String element = target == E4M3X2 ? "E4M3" : "E5M2";
        LaneFunction function = PACKED.find((source == F32 ? "f32PairTo" : "f16PairTo") + element);
        yield decoding.lanes(relu ? function.then(PACKED.method("reluBytes")) : function);
      }
      default -> throw decoding.unsupported();
    };
  }

  private static void require(Decoding decoding, boolean condition) {
    if (!condition) {
      throw decoding.unsupported();
    }
  }

  /** {@code f32ToRnSatfiniteF16} and the like. */
  private static LaneFunction half(
      Decoding decoding, String kind, ScalarType target, boolean finite) {
    String rounding = Names.capital(decoding.requireOneOf("rn", "rz"));
    String name = kind + rounding + (finite ? "Satfinite" : "") + target;
    LaneFunction function = PACKED.find(name);
    if (function == null) {
      function = FLOATS.find(name);
    }
    require(decoding, function != null);
    return function;
  }

  private static LaneFunction fromBytes(Decoding decoding, ScalarType source, boolean finite) {
    require(decoding, !finite);
    decoding.require("rn");
    return switch (source) {
      case E4M3X2 -> PACKED.find("e4m3PairToF16");
      case E5M2X2 -> PACKED.find("e5m2PairToF16");
      default -> throw decoding.unsupported();
    };
  }

  private static Operation tf32(Decoding decoding, boolean relu, boolean finite) {
    String rounding = decoding.requireOneOf("rn", "rz", "rna");
    require(decoding, !relu || !rounding.equals("rna"));
    LaneFunction function = PACKED.find("f32To" + Names.capital(rounding) + TF32);
    if (finite) {
      function =
          function.then(
              PACKED.method(rounding.equals("rna") ? "satfiniteRnaTF32" : "satfiniteTF32"));
    }
    return decoding.lanes(relu ? function.then(PACKED.method("reluTF32")) : function);
  }

  /** {@code cvt.pack.sat.u8.s32.b32 d, a, b, c}. */
  private static Operation pack(Decoding decoding) {
    decoding.require("sat");
    String target = decoding.requireOneOf("u16", "s16", "u8", "s8", "u4", "s4", "u2", "s2");
    decoding.require("s32");
    if (!List.of("u16", "s16").contains(target)) {
      decoding.require("b32");
    }
    return decoding.lanes(PACKED.find("pack" + Names.capital(target)));
  }
}
