package dev.culebra.emulator.tensorcore;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Holds the layouts against the tables of PTX ISA 9.7.14.5.1 to 13, written out here shape by shape
 * as the manual has them: g is the lane's group, t its number in it, i the element.
 */
class FragmentLayoutTest {
  private static final int LANES = 32;

  /** Row or column of element i of a lane. */
  private interface Coordinate {
    int of(int g, int t, int i);
  }

  private record Table(
      String name,
      FragmentLayout layout,
      int width,
      int elements,
      Coordinate row,
      Coordinate column) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Table> tables() {
    return Stream.of(floats16(), words(), doubles(), bytes(), nibbles(), bits(), results())
        .flatMap(List::stream);
  }

  private static Table a(
      String shape, ElementType type, int elements, Coordinate row, Coordinate column) {
    TileShape tile = TileShape.named(shape);
    FragmentLayout layout = FragmentLayout.a(tile, type);
    return new Table("A of " + shape + " " + type, layout, tile.k(), elements, row, column);
  }

  private static Table b(String shape, ElementType type, int elements, Coordinate row) {
    FragmentLayout layout = FragmentLayout.b(TileShape.named(shape), type);
    return new Table("B of " + shape + " " + type, layout, 8, elements, row, (g, t, i) -> g);
  }

  private static Table c(String shape, ElementType type, int elements, Coordinate row) {
    FragmentLayout layout = FragmentLayout.accumulators(TileShape.named(shape), type);
    return new Table(
        "C of " + shape + " " + type, layout, 8, elements, row, (g, t, i) -> t * 2 + (i & 1));
  }

  private static List<Table> floats16() {
    return List.of(
        a(
            "m16n8k8",
            ElementType.BF16,
            4,
            (g, t, i) -> i < 2 ? g : g + 8,
            (g, t, i) -> t * 2 + (i & 1)),
        b("m16n8k8", ElementType.F16, 2, (g, t, i) -> t * 2 + i),
        a(
            "m16n8k16",
            ElementType.F16,
            8,
            (g, t, i) -> i < 2 || 4 <= i && i < 6 ? g : g + 8,
            (g, t, i) -> i < 4 ? t * 2 + (i & 1) : t * 2 + (i & 1) + 8),
        b("m16n8k16", ElementType.BF16, 4, (g, t, i) -> t * 2 + (i & 1) + (i < 2 ? 0 : 8)));
  }

  private static List<Table> words() {
    return List.of(
        a("m16n8k4", ElementType.TF32, 2, (g, t, i) -> i == 0 ? g : g + 8, (g, t, i) -> t),
        b("m16n8k4", ElementType.TF32, 1, (g, t, i) -> t),
        a(
            "m16n8k8",
            ElementType.TF32,
            4,
            (g, t, i) -> i == 0 || i == 2 ? g : g + 8,
            (g, t, i) -> i < 2 ? t : t + 4),
        b("m16n8k8", ElementType.TF32, 2, (g, t, i) -> i == 0 ? t : t + 4));
  }

  private static List<Table> doubles() {
    return List.of(
        a("m8n8k4", ElementType.F64, 1, (g, t, i) -> g, (g, t, i) -> t),
        b("m8n8k4", ElementType.F64, 1, (g, t, i) -> t),
        a("m16n8k4", ElementType.F64, 2, (g, t, i) -> i == 0 ? g : g + 8, (g, t, i) -> t),
        b("m16n8k4", ElementType.F64, 1, (g, t, i) -> t),
        a(
            "m16n8k8",
            ElementType.F64,
            4,
            (g, t, i) -> i == 0 || i == 2 ? g : g + 8,
            (g, t, i) -> i < 2 ? t : t + 4),
        b("m16n8k8", ElementType.F64, 2, (g, t, i) -> i == 0 ? t : t + 4),
        a(
            "m16n8k16",
            ElementType.F64,
            8,
            (g, t, i) -> i % 2 == 0 ? g : g + 8,
            (g, t, i) -> i % 2 == 0 ? i * 2 + t : i * 2 - 2 + t),
        b("m16n8k16", ElementType.F64, 4, (g, t, i) -> t + i * 4));
  }

  private static List<Table> bytes() {
    return List.of(
        a("m8n8k16", ElementType.S8, 4, (g, t, i) -> g, (g, t, i) -> t * 4 + i),
        b("m8n8k16", ElementType.U8, 4, (g, t, i) -> t * 4 + i),
        a(
            "m16n8k16",
            ElementType.U8,
            8,
            (g, t, i) -> i < 4 ? g : g + 8,
            (g, t, i) -> t * 4 + (i & 3)),
        b("m16n8k16", ElementType.E5M2, 4, (g, t, i) -> t * 4 + i),
        a(
            "m16n8k32",
            ElementType.E4M3,
            16,
            (g, t, i) -> i < 4 || 8 <= i && i < 12 ? g : g + 8,
            (g, t, i) -> i < 8 ? t * 4 + (i & 3) : t * 4 + (i & 3) + 16),
        b("m16n8k32", ElementType.S8, 8, (g, t, i) -> t * 4 + (i & 3) + (i < 4 ? 0 : 16)));
  }

  private static List<Table> nibbles() {
    return List.of(
        a("m8n8k32", ElementType.S4, 8, (g, t, i) -> g, (g, t, i) -> t * 8 + i),
        b("m8n8k32", ElementType.U4, 8, (g, t, i) -> t * 8 + i),
        a(
            "m16n8k32",
            ElementType.U4,
            16,
            (g, t, i) -> i < 8 ? g : g + 8,
            (g, t, i) -> t * 8 + (i & 7)),
        b("m16n8k32", ElementType.S4, 8, (g, t, i) -> t * 8 + (i & 7)),
        a(
            "m16n8k64",
            ElementType.S4,
            32,
            (g, t, i) -> i < 8 || 16 <= i && i < 24 ? g : g + 8,
            (g, t, i) -> i < 16 ? t * 8 + (i & 7) : t * 8 + (i & 7) + 32),
        b("m16n8k64", ElementType.U4, 16, (g, t, i) -> t * 8 + (i & 7) + (i < 8 ? 0 : 32)));
  }

  private static List<Table> bits() {
    return List.of(
        a("m8n8k128", ElementType.B1, 32, (g, t, i) -> g, (g, t, i) -> t * 32 + i),
        b("m8n8k128", ElementType.B1, 32, (g, t, i) -> t * 32 + i),
        a(
            "m16n8k128",
            ElementType.B1,
            64,
            (g, t, i) -> i < 32 ? g : g + 8,
            (g, t, i) -> t * 32 + (i & 0x1f)),
        b("m16n8k128", ElementType.B1, 32, (g, t, i) -> t * 32 + i),
        a(
            "m16n8k256",
            ElementType.B1,
            128,
            (g, t, i) -> i < 32 || 64 <= i && i < 96 ? g : g + 8,
            (g, t, i) -> t * 32 + (i & 0x1f) + (i < 64 ? 0 : 128)),
        b("m16n8k256", ElementType.B1, 64, (g, t, i) -> t * 32 + (i & 0x1f) + (i < 32 ? 0 : 128)));
  }

  private static List<Table> results() {
    Coordinate halves = (g, t, i) -> i < 2 ? g : g + 8;
    return List.of(
        c("m16n8k16", ElementType.F32, 4, halves),
        c("m16n8k8", ElementType.F16, 4, halves),
        c("m16n8k256", ElementType.S32, 4, halves),
        c("m16n8k16", ElementType.F64, 4, halves),
        c("m8n8k16", ElementType.S32, 2, (g, t, i) -> g),
        c("m8n8k4", ElementType.F64, 2, (g, t, i) -> g));
  }

  @ParameterizedTest
  @MethodSource("tables")
  void a_lane_holds_the_elements_that_the_manual_gives_it(Table table) {
    FragmentLayout layout = table.layout;
    assertEquals(table.elements, layout.registers() * layout.perRegister());
    for (int lane = 0; lane < LANES; lane++) {
      for (int i = 0; i < table.elements; i++) {
        int row = table.row.of(lane >> 2, lane % 4, i);
        int column = table.column.of(lane >> 2, lane % 4, i);
        assertEquals(
            row * table.width + column,
            layout.element(i / layout.perRegister(), lane, i % layout.perRegister()),
            "lane " + lane + ", element " + i);
      }
    }
  }

  static Stream<Table> quarters() {
    // g stands for the lane here, and matrices of the four products lie one after the other.
    Coordinate low = (lane, t, i) -> lane % 4 + (lane < 16 ? 0 : 4);
    Coordinate element = (lane, t, i) -> i;
    Coordinate high = (lane, t, i) -> i % 4 + (lane < 16 ? 0 : 4);
    Coordinate four = (lane, t, i) -> lane % 4;
    return Stream.of(
        new Table("A row", FragmentLayout.quartersOfA(true), 4, 4, low, element),
        new Table("A col", FragmentLayout.quartersOfA(false), 4, 4, high, four),
        new Table("B row", FragmentLayout.quartersOfB(true), 8, 4, four, high),
        new Table("B col", FragmentLayout.quartersOfB(false), 8, 4, element, low),
        new Table(
            "C f16", FragmentLayout.quartersOfAccumulators(ElementType.F16), 8, 8, low, element),
        new Table(
            "C f32",
            FragmentLayout.quartersOfAccumulators(ElementType.F32),
            8,
            8,
            (lane, t, i) -> (lane & 1) + (i & 2) + (lane < 16 ? 0 : 4),
            (lane, t, i) -> (i & 4) + (lane & 2) + (i & 1)));
  }

  @ParameterizedTest
  @MethodSource("quarters")
  void the_four_products_of_m8n8k4_lie_as_the_manual_says(Table table) {
    int size = table.elements == 8 ? 64 : 32;
    for (int lane = 0; lane < LANES; lane++) {
      int quarter = lane % 16 / 4;
      for (int i = 0; i < table.elements; i++) {
        int row = table.row.of(lane, 0, i);
        int column = table.column.of(lane, 0, i);
        int per = table.layout.perRegister();
        assertEquals(
            quarter * size + row * table.width + column,
            table.layout.element(i / per, lane, i % per),
            "lane " + lane + ", element " + i);
      }
    }
  }
}
