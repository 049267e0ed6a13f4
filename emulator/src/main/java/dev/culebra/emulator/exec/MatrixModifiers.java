package dev.culebra.emulator.exec;

import dev.culebra.emulator.profile.DeviceProfile;
import dev.culebra.emulator.ptx.Instruction;
import dev.culebra.emulator.ptx.Operand;
import dev.culebra.emulator.ptx.ScalarType;
import dev.culebra.emulator.tensorcore.ElementType;
import dev.culebra.emulator.tensorcore.TileShape;
import java.util.ArrayList;
import java.util.List;

/**
 * What the modifiers of {@code mma} and {@code wmma} say about matrices: a shape, layouts and types
 * in their order. Others have to be taken off before.
 */
final class MatrixModifiers {
  private final Instruction instruction;
  private final DecodeContext context;
  private final Modifiers modifiers;
  private final List<Boolean> rows = new ArrayList<>();
  private final List<ElementType> types = new ArrayList<>();
  private TileShape shape;

  /**
   * Takes off {@code .sync.aligned}, which all of these instructions have; for {@code wmma} the
   * second went without saying before PTX 6.3.
   */
  MatrixModifiers(Instruction instruction, DecodeContext context) {
    this.instruction = instruction;
    this.context = context;
    modifiers = context.modifiers(instruction);
    boolean sync = modifiers.take("sync");
    boolean aligned = modifiers.take("aligned") || instruction.opcode().equals("wmma");
    if (!sync || !aligned) {
      throw unsupported();
    }
  }

  /** Takes a modifier off wherever it stands; false where it is not there. */
  boolean take(String modifier) {
    return modifiers.take(modifier);
  }

  /** Takes off the first of several that is there; null where none is. */
  String takeOneOf(String... several) {
    return modifiers.takeOneOf(several);
  }

  /** Understands all that is left as shape, layouts and types. */
  void finish() {
    while (modifiers.peek() != null) {
      String next = modifiers.takeNext();
      ElementType type = ElementType.named(next);
      TileShape named = TileShape.named(next);
      if (next.equals("row") || next.equals("col")) {
        rows.add(next.equals("row"));
      } else if (named != null && shape == null) {
        shape = named;
      } else if (type != null) {
        types.add(type);
      } else {
        throw unsupported();
      }
    }
  }

  TileShape shape() {
    return shape;
  }

  /** Whether a layout is {@code .row}, in order. */
  List<Boolean> rows() {
    return rows;
  }

  List<ElementType> types() {
    return types;
  }

  /** Whether the shape is one of these. */
  boolean shaped(String... shapes) {
    return shape != null && List.of(shapes).contains(shape.toString());
  }

  UnsupportedPtxException unsupported() {
    return context.unsupported(instruction);
  }

  /**
   * Refuses devices that lack the instruction.
   *
   * @param architecture compute capability as {@code sm_90} has it
   */
  static void require(Instruction instruction, DecodeContext context, int architecture) {
    DeviceProfile profile = context.profile();
    if (profile.architecture() < architecture) {
      throw new UnsupportedPtxException(
          "PTX instruction "
              + instruction.spelling()
              + " needs sm_"
              + architecture
              + ", which "
              + profile.name()
              + " (sm_"
              + profile.architecture()
              + ") is not, "
              + context.module()
              + ":"
              + instruction.position());
    }
  }

  void require(int architecture) {
    require(instruction, context, architecture);
  }

  /** Slots of the registers that an operand's matrix is read from, {@code count} of them. */
  int[] sources(int operand, ElementType type, int count) {
    List<Operand> elements = elements(operand, count);
    int[] slots = new int[count];
    for (int i = 0; i < count; i++) {
      slots[i] = context.source(instruction, elements.get(i), registerType(type));
    }
    return slots;
  }

  /** Slots of the registers that an operand's matrix is written to, {@code count} of them. */
  int[] destinations(int operand, ElementType type, int count) {
    List<Operand> elements = elements(operand, count);
    int[] slots = new int[count];
    for (int i = 0; i < count; i++) {
      slots[i] = context.destination(instruction, elements.get(i), registerType(type));
    }
    return slots;
  }

  private List<Operand> elements(int operand, int count) {
    return vector(instruction, context, operand, count);
  }

  /** The elements of a vector operand, or the operand itself where there is one. */
  static List<Operand> vector(
      Instruction instruction, DecodeContext context, int operand, int count) {
    if (operand >= instruction.operands().size()) {
      throw context.unsupported(instruction);
    }
    Operand all = instruction.operands().get(operand);
    List<Operand> elements = all instanceof Operand.Vector(var several) ? several : List.of(all);
    if (elements.size() != count) {
      throw context.unsupported(instruction);
    }
    return elements;
  }

  private static ScalarType registerType(ElementType type) {
    return type == ElementType.F64 ? ScalarType.B64 : ScalarType.B32;
  }
}
