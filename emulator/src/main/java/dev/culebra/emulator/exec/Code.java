package dev.culebra.emulator.exec;

import dev.culebra.emulator.ptx.Function;
import dev.culebra.emulator.ptx.Operand;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** A decoded function. */
final class Code {
  private final Function function;
  private final int index;
  private final FrameLayout layout;
  private final int localBytes;
  private final List<Argument> parameters;
  private final List<Argument> results;
  private final int[][] constantWords;
  private final long[][] constantLongs;
  private final int[] addressWords;
  private final int[] addressLongs;
  private final Invariants invariants;

  /** What executes each instruction, and a return behind the last. */
  final Operation[] operations;

  /** Those that are no {@link ControlOperation} and do something, in order. */
  final Operation[] steps;

  /** For each instruction the number of steps before it. */
  final int[] firstSteps;

  /** For each instruction the next, itself included, that is a {@link ControlOperation}. */
  final int[] runEnds;

  /**
   * @param index among the functions of its kernel
   * @param localBytes of local memory that a call takes in each lane
   * @param invariants the function's operations, and what need not be done again and again
   */
  Code(
      Function function,
      int index,
      FrameLayout layout,
      int localBytes,
      List<Argument> parameters,
      List<Argument> results,
      Invariants invariants) {
    this.function = function;
    this.index = index;
    this.layout = layout;
    this.localBytes = localBytes;
    this.parameters = parameters;
    this.results = results;
    this.invariants = invariants;
    operations = invariants.rest();
    firstSteps = new int[operations.length];
    List<Operation> all = new ArrayList<>();
    for (int pc = 0; pc < operations.length; pc++) {
      firstSteps[pc] = all.size();
      if (!(operations[pc] instanceof ControlOperation) && !Invariants.isNothing(operations[pc])) {
        all.add(operations[pc]);
      }
    }
    steps = all.toArray(Operation[]::new);
    runEnds = new int[operations.length];
    int end = operations.length - 1;
    for (int pc = end; pc >= 0; pc--) {
      if (operations[pc] instanceof ControlOperation) {
        end = pc;
      }
      runEnds[pc] = end;
    }
    constantWords = new int[layout.words().size()][];
    for (int slot = 0; slot < constantWords.length; slot++) {
      if (layout.words().get(slot) instanceof FrameLayout.Source.Word(int value)) {
        constantWords[slot] = filled(value);
      }
    }
    constantLongs = new long[layout.longs().size()][];
    for (int slot = 0; slot < constantLongs.length; slot++) {
      if (layout.longs().get(slot) instanceof FrameLayout.Source.Wide(long value)) {
        constantLongs[slot] = filled(value);
      }
    }
    for (Operation operation : operations) {
      if (Guarded.unguarded(operation) instanceof ShuffleOperation shuffle) {
        shuffle.bind(this);
      }
    }
    addressWords = addresses(layout.words());
    addressLongs = addresses(layout.longs());
  }

  private static int[] addresses(List<FrameLayout.Source> slots) {
    return IntStream.range(0, slots.size())
        .filter(slot -> slots.get(slot) instanceof FrameLayout.Source.FrameAddress)
        .toArray();
  }

  /** The instruction that a step executes. */
  int instructionOf(int step) {
    int pc = 0;
    while (pc + 1 < firstSteps.length && firstSteps[pc + 1] <= step) {
      pc++;
    }
    return pc;
  }

  /** The value of a word that is the same for all lanes whenever it is read; null for others. */
  Integer constant(int slot) {
    return layout.words().get(invariants.wordArrays()[slot])
            instanceof FrameLayout.Source.Word(int value)
        ? value
        : null;
  }

  /** Slot of a register in its bank. */
  int slot(Operand.Register register) {
    return layout.slot(register);
  }

  /** Where its parameters lie. */
  List<Argument> parameters() {
    return parameters;
  }

  /** Where its results lie. */
  List<Argument> results() {
    return results;
  }

  /** The functions that it calls by name. */
  List<FunctionReference> callees() {
    List<FunctionReference> callees = new ArrayList<>();
    for (Operation operation : operations) {
      if (Guarded.unguarded(operation) instanceof CallOperation call && call.target() != null) {
        callees.add(call.target());
      }
    }
    return callees;
  }

  /** Whether it asks for shared memory that the system reserves. */
  boolean usesReservedShared() {
    return layout.words().stream()
        .anyMatch(
            source ->
                source instanceof FrameLayout.Source.Special(String name)
                    && name.startsWith("reserved_smem"));
  }

  /** Whether it calls what only its run can tell. */
  boolean callsIndirectly() {
    for (Operation operation : operations) {
      if (Guarded.unguarded(operation) instanceof CallOperation call && call.target() == null) {
        return true;
      }
    }
    return false;
  }

  /** Copies the registers of some lanes from one frame of this code to another. */
  void copyLanes(Frame from, Frame to, int lanes) {
    for (int slot = 0; slot < from.words.length; slot++) {
      copyLanes(from.words[slot], to.words[slot], lanes);
    }
    for (int slot = 0; slot < from.longs.length; slot++) {
      copyLanes(from.longs[slot], to.longs[slot], lanes);
    }
    for (int slot = 0; slot < from.predicates.length; slot++) {
      to.predicates[slot] = to.predicates[slot] & ~lanes | from.predicates[slot] & lanes;
    }
  }

  /** Arrays that both share hold constants. */
  private static void copyLanes(int[] from, int[] to, int lanes) {
    for (int left = from == to ? 0 : lanes; left != 0; left &= left - 1) {
      int lane = Integer.numberOfTrailingZeros(left);
      to[lane] = from[lane];
    }
  }

  private static void copyLanes(long[] from, long[] to, int lanes) {
    for (int left = from == to ? 0 : lanes; left != 0; left &= left - 1) {
      int lane = Integer.numberOfTrailingZeros(left);
      to[lane] = from[lane];
    }
  }

  Function function() {
    return function;
  }

  int index() {
    return index;
  }

  int localBytes() {
    return localBytes;
  }

  /** A frame for a warp of a block: constants are shared by all, special registers by the warp. */
  Frame newFrame(Warp warp) {
    int[][] words = constantWords.clone();
    for (int slot = 0; slot < words.length; slot++) {
      if (words[slot] == null) {
        words[slot] =
            layout.words().get(slot) instanceof FrameLayout.Source.Special(String name)
                ? warp.specials.word(name)
                : new int[Operation.LANES];
      }
    }
    long[][] longs = constantLongs.clone();
    for (int slot = 0; slot < longs.length; slot++) {
      if (longs[slot] == null) {
        longs[slot] =
            layout.longs().get(slot) instanceof FrameLayout.Source.Special(String name)
                ? warp.specials.wide(name)
                : new long[Operation.LANES];
      }
    }
    int[] wordArrays = invariants.wordArrays();
    for (int slot = 0; slot < words.length; slot++) {
      words[slot] = words[wordArrays[slot]];
    }
    int[] longArrays = invariants.longArrays();
    for (int slot = 0; slot < longs.length; slot++) {
      longs[slot] = longs[longArrays[slot]];
    }
    Frame frame = new Frame(words, longs, new int[layout.predicates()]);
    frame.code = this;
    return frame;
  }

  /** Executes what need not be executed in each of a launch's blocks. */
  void enterLaunch(Warp warp, Frame frame) {
    warp.enter(frame);
    for (Operation operation : invariants.prologue()) {
      operation.execute(warp, Operation.ALL);
    }
  }

  /** Writes the addresses of local variables into a frame whose place in local memory is known. */
  void place(Frame frame) {
    for (int slot : addressWords) {
      Arrays.fill(frame.words[slot], (int) at(frame, layout.words().get(slot)));
    }
    for (int slot : addressLongs) {
      Arrays.fill(frame.longs[slot], at(frame, layout.longs().get(slot)));
    }
  }

  private static long at(Frame frame, FrameLayout.Source source) {
    FrameLayout.Source.FrameAddress address = (FrameLayout.Source.FrameAddress) source;
    return (address.generic() ? Windows.LOCAL : 0) + frame.localBase + address.offset();
  }

  private static int[] filled(int value) {
    int[] lanes = new int[Operation.LANES];
    Arrays.fill(lanes, value);
    return lanes;
  }

  private static long[] filled(long value) {
    long[] lanes = new long[Operation.LANES];
    Arrays.fill(lanes, value);
    return lanes;
  }
}
