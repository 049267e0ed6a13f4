package dev.culebra.emulator.exec;

import dev.culebra.emulator.check.Checker;
import dev.culebra.emulator.memory.WrittenBytes;
import dev.culebra.emulator.ptx.Instruction;
import dev.culebra.emulator.ptx.Operand;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Registers of a warp that hold what nobody wrote, or what a lane had that took no part in a
 * shuffle, until that is of consequence: it decides a branch or an address, or leaves the lane; in
 * a vector with others that are defined it may, as a structure's padding. Compilers load ahead of
 * the test that would forbid it, and fill structures with padding; that is no defect, and so a load
 * is reported when its value is used (Seward and Nethercote, "Using Valgrind to detect undefined
 * value errors with bit-precision", 2005; here whole registers, and single bits for predicates
 * alone).
 */
final class UndefinedValues {
  /** What only computes: an undefined operand makes an undefined result. */
  private static final Set<String> COMPUTING =
      Set.of(
          ("mov cvt add sub mul mad fma mul24 mad24 addc subc madc min max neg abs and or xor not"
                  + " cnot lop3 shl shr shf prmt bfe bfi brev clz popc bfind sad dp4a dp2a setp set"
                  + " selp slct div rem rcp sqrt rsqrt sin cos lg2 ex2 tanh copysign testp cvta"
                  + " szext bmsk fns")
              .split(" "));

  /** Where a value comes from: what to report when it is used. */
  private record Origin(Checker checker, Site site, String message) {}

  private record Place(Frame frame, int register) {}

  private static final class Value {
    private int lanes;
    private Origin origin;
  }

  private final Map<Place, Value> values = new HashMap<>();

  /** Lanes of the store at hand that write an undefined element, and which elements. */
  private final List<Integer> stored = new ArrayList<>();

  private int storing;

  /** A lane has loaded what nobody wrote. */
  void loaded(Warp warp, Operand target, Site site, int lane, String message) {
    if (target instanceof Operand.Register register) {
      set(warp.current.frame, register, 1 << lane, new Origin(Checker.INITIALISED, site, message));
    }
  }

  /** Lanes whose value that a shuffle passes on is undefined. */
  int shuffled(Warp warp, Instruction shuffle) {
    Value value = shuffling(warp.current.frame, shuffle);
    return value == null ? 0 : value.lanes;
  }

  private Value shuffling(Frame frame, Instruction shuffle) {
    return shuffle.operands().get(1) instanceof Operand.Register register
        ? values.get(new Place(frame, register.index()))
        : null;
  }

  /**
   * Lanes have shuffled.
   *
   * @param undefined those that got an undefined value
   */
  void shuffle(Warp warp, Instruction shuffle, int lanes, int undefined) {
    Frame frame = warp.current.frame;
    Value value = shuffling(frame, shuffle);
    Origin origin = value == null ? null : value.origin;
    Operand result = shuffle.operands().getFirst();
    define(frame, result, lanes);
    if (undefined != 0) {
      spread(frame, first(result), undefined, origin);
    }
  }

  /** A lane has got what a lane had that took no part in a shuffle. */
  void shuffledFromAbsent(Warp warp, Site site, int lane, int source) {
    String message =
        site.instruction().spelling()
            + " reads lane "
            + source
            + ", which does not take part: the value is undefined";
    Operand result = first(site.instruction().operands().getFirst());
    spread(warp.current.frame, result, 1 << lane, new Origin(Checker.BARRIER, site, message));
  }

  private static Operand first(Operand result) {
    return result instanceof Operand.Pair(Operand value, Operand _) ? value : result;
  }

  boolean isEmpty() {
    return values.isEmpty();
  }

  /** Before lanes, those whose guard holds, execute an instruction of a strand. */
  void before(Warp warp, Strand strand, int lanes) {
    Frame frame = strand.frame;
    List<Instruction> instructions = frame.code.function().body().instructions();
    storing = 0;
    if (strand.pc >= instructions.size()) {
      return;
    }
    Instruction instruction = instructions.get(strand.pc);
    if (instruction.guard() != null) {
      use(warp, frame, instruction.guard().predicate(), strand.mask);
    }
    List<Operand> operands = instruction.operands();
    switch (instruction.opcode()) {
      case "ld" -> {
        useAll(warp, frame, operands.subList(1, operands.size()), lanes);
        define(frame, operands.getFirst(), lanes);
      }
      case "shfl" -> useAll(warp, frame, operands.subList(2, operands.size()), lanes);
      case "st" -> {
        use(warp, frame, operands.getFirst(), lanes);
        store(warp, strand, operands.get(1), lanes);
      }
      default -> {
        if (COMPUTING.contains(instruction.opcode())) {
          compute(frame, instruction, lanes);
        } else {
          consume(warp, frame, instruction, lanes);
        }
      }
    }
  }

  /** Whatever the instruction does with its sources, it is of consequence. */
  private void consume(Warp warp, Frame frame, Instruction instruction, int lanes) {
    List<Operand> operands = instruction.operands();
    boolean results =
        operands.size() > 1
            && !(operands.getFirst() instanceof Operand.Address)
            && !onlyReads(instruction);
    useAll(warp, frame, operands.subList(results ? 1 : 0, operands.size()), lanes);
    if (results) {
      define(frame, operands.getFirst(), lanes);
    }
  }

  /** Whether its first operand, a target's index or a barrier's number, is no result. */
  private static boolean onlyReads(Instruction instruction) {
    return switch (instruction.opcode()) {
      case "brx" -> true;
      case "bar", "barrier" -> !instruction.modifiers().contains("red");
      default -> false;
    };
  }

  /** After a store: what it wrote is as undefined as it was. */
  void after(Warp warp, Operation operation) {
    if (storing == 0 || !(Guarded.unguarded(operation) instanceof StoreOperation store)) {
      return;
    }
    WrittenBytes written = warp.block.shared.written();
    for (int left = storing; left != 0; left &= left - 1) {
      long address = store.address(warp, Integer.numberOfTrailingZeros(left));
      long at = store.space == Space.SHARED ? address : address - Windows.SHARED;
      int bytes = store.elementBytes();
      stored.forEach(element -> written.clear(at + (long) element * bytes, bytes));
    }
  }

  private void store(Warp warp, Strand strand, Operand data, int lanes) {
    StoreOperation store =
        (StoreOperation) Guarded.unguarded(strand.frame.code.operations[strand.pc]);
    List<Operand> elements =
        data instanceof Operand.Vector(List<Operand> all) ? all : List.of(data);
    int some = 0;
    int all = lanes;
    stored.clear();
    for (int i = 0; i < elements.size(); i++) {
      int lanesOfElement = undefined(strand.frame, elements.get(i)) & lanes;
      if (lanesOfElement != 0) {
        stored.add(i);
      }
      some |= lanesOfElement;
      all &= lanesOfElement;
    }
    for (int left = some; left != 0; left &= left - 1) {
      int lane = Integer.numberOfTrailingZeros(left);
      boolean inShared =
          store.space == Space.SHARED
              || store.space == Space.GENERIC && Windows.isShared(store.address(warp, lane));
      if (inShared) {
        storing |= 1 << lane;
      } else if ((all >>> lane & 1) != 0) {
        use(warp, strand.frame, data, 1 << lane);
      }
    }
  }

  private void compute(Frame frame, Instruction instruction, int lanes) {
    List<Operand> operands = instruction.operands();
    List<Operand> sources = operands.subList(1, operands.size());
    int undefined = 0;
    Origin origin = null;
    for (Operand source : sources) {
      int lanesOfSource = undefined(frame, source);
      undefined |= lanesOfSource;
      if ((lanesOfSource & lanes) != 0) {
        origin = origin(frame, source);
      }
    }
    if ((undefined & lanes) != 0) {
      undefined = selected(frame, instruction, sources, undefined);
    }
    define(frame, operands.getFirst(), lanes);
    if ((undefined & lanes) != 0) {
      spread(frame, operands.getFirst(), undefined & lanes, origin);
    }
  }

  /** Lanes with an undefined result, of an instruction that may not look at all its operands. */
  private int selected(Frame frame, Instruction instruction, List<Operand> sources, int otherwise) {
    boolean predicates = instruction.modifiers().getLast().equals("pred");
    return switch (instruction.opcode()) {
      case "selp" -> {
        int choice = truth(frame, sources.get(2));
        yield undefined(frame, sources.get(2))
            | undefined(frame, sources.get(0)) & choice
            | undefined(frame, sources.get(1)) & ~choice;
      }
      case "and" -> predicates ? combined(frame, sources.get(0), sources.get(1), 0) : otherwise;
      case "or" -> predicates ? combined(frame, sources.get(0), sources.get(1), ~0) : otherwise;
      case "setp" -> {
        if (sources.size() < 3 || instruction.modifiers().contains("xor")) {
          yield otherwise;
        }
        int flip = instruction.modifiers().contains("or") ? ~0 : 0;
        int third = undefined(frame, sources.get(2));
        int compared = undefined(frame, sources.get(0)) | undefined(frame, sources.get(1));
        yield third | compared & (truth(frame, sources.get(2)) ^ flip);
      }
      default -> otherwise;
    };
  }

  /** Of {@code a and b}; with {@code flip} ~0, of {@code a or b}. */
  private int combined(Frame frame, Operand a, Operand b, int flip) {
    int first = undefined(frame, a);
    int second = undefined(frame, b);
    return first & second | first & (truth(frame, b) ^ flip) | second & (truth(frame, a) ^ flip);
  }

  /** Lanes in which a predicate holds. */
  private static int truth(Frame frame, Operand predicate) {
    return switch (predicate) {
      case Operand.NegatedPredicate(Operand.Register register) -> ~truth(frame, register);
      case Operand.Register register -> frame.predicates[frame.code.slot(register)];
      case Operand.IntegerConstant(long value) -> value != 0 ? ~0 : 0;
      default -> throw new IllegalArgumentException(predicate.toString());
    };
  }

  private void useAll(Warp warp, Frame frame, List<Operand> operands, int lanes) {
    operands.forEach(operand -> use(warp, frame, operand, lanes));
  }

  /** Reports what is undefined of an operand, once: afterwards it counts as defined. */
  private void use(Warp warp, Frame frame, Operand operand, int lanes) {
    for (Operand.Register register : registers(operand)) {
      Value value = values.get(new Place(frame, register.index()));
      if (value != null && (value.lanes & lanes) != 0) {
        int lane = Integer.numberOfTrailingZeros(value.lanes & lanes);
        Origin origin = value.origin;
        warp.block.report(origin.checker(), origin.site(), warp, lane, origin.message());
        define(frame, register, lanes);
      }
    }
  }

  private int undefined(Frame frame, Operand operand) {
    int lanes = 0;
    for (Operand.Register register : registers(operand)) {
      Value value = values.get(new Place(frame, register.index()));
      lanes |= value == null ? 0 : value.lanes;
    }
    return lanes;
  }

  private Origin origin(Frame frame, Operand operand) {
    return registers(operand).stream()
        .map(register -> values.get(new Place(frame, register.index())))
        .filter(value -> value != null)
        .map(value -> value.origin)
        .findFirst()
        .orElseThrow();
  }

  private void define(Frame frame, Operand operand, int lanes) {
    for (Operand.Register register : registers(operand)) {
      Place place = new Place(frame, register.index());
      Value value = values.get(place);
      if (value != null && (value.lanes &= ~lanes) == 0) {
        values.remove(place);
      }
    }
  }

  private void spread(Frame frame, Operand operand, int lanes, Origin origin) {
    registers(operand).forEach(register -> set(frame, register, lanes, origin));
  }

  private void set(Frame frame, Operand.Register register, int lanes, Origin origin) {
    Value value = values.computeIfAbsent(new Place(frame, register.index()), key -> new Value());
    value.lanes |= lanes;
    value.origin = origin;
  }

  private static List<Operand.Register> registers(Operand operand) {
    return switch (operand) {
      case Operand.Register register -> List.of(register);
      case Operand.NegatedPredicate(Operand.Register register) -> List.of(register);
      case Operand.Negated(Operand inner) -> registers(inner);
      case Operand.Selected(Operand.Register register, String _) -> List.of(register);
      case Operand.Address(Operand base, long _) -> base == null ? List.of() : registers(base);
      case Operand.UnifiedAddress(Operand.Address address) -> registers(address);
      case Operand.ElementAddress element -> List.of(element.index());
      case Operand.Vector(List<Operand> elements) -> registersOf(elements);
      case Operand.Arguments(List<Operand> elements) -> registersOf(elements);
      case Operand.Pair(Operand first, Operand second) -> registersOf(List.of(first, second));
      default -> List.of();
    };
  }

  private static List<Operand.Register> registersOf(List<Operand> operands) {
    return operands.stream().flatMap(operand -> registers(operand).stream()).toList();
  }
}
