package dev.culebra.emulator.exec;

import dev.culebra.emulator.ptx.Operand;
import dev.culebra.emulator.ptx.ScalarType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Where the operands of one function lie in a {@link Frame}: grows while the function is decoded.
 * Slots of words come in this order: registers, then constants and special registers as they are
 * met.
 */
final class FrameLayout {
  /** What fills a slot when a frame is made, other than the function itself. */
  sealed interface Source {
    /** The same value in all lanes of all warps. */
    record Word(int value) implements Source {}

    /** The same value in all lanes of all warps. */
    record Wide(long value) implements Source {}

    /** A special register that stays as it is while a warp runs: {@code tid.x}. */
    record Special(String name) implements Source {}

    /**
     * A place among the local memory of the call that the frame is made for.
     *
     * @param generic whether its generic address is meant, not that in local space
     */
    record FrameAddress(long offset, boolean generic) implements Source {}
  }

  private final int[] slots;
  private final List<Source> words = new ArrayList<>();
  private final List<Source> longs = new ArrayList<>();
  private final Map<Source, Integer> knownWords = new HashMap<>();
  private final Map<Source, Integer> knownLongs = new HashMap<>();
  private int predicates;

  FrameLayout(List<Operand.Register> registers) {
    slots = new int[registers.size()];
    for (Operand.Register register : registers) {
      slots[register.index()] =
          switch (bank(register.type())) {
            case WORD -> add(words, null);
            case LONG -> add(longs, null);
            case PREDICATE -> predicates++;
          };
    }
  }

  /** Which array a register lies in. */
  enum Bank {
    WORD,
    LONG,
    PREDICATE
  }

  static Bank bank(ScalarType type) {
    return type == ScalarType.PRED
        ? Bank.PREDICATE
        : type.bits() <= 32 ? Bank.WORD : type.bits() == 64 ? Bank.LONG : refuse(type);
  }

  private static Bank refuse(ScalarType type) {
    throw new UnsupportedPtxException(
        "registers of type ." + type.spelling() + " are not emulated");
  }

  /** Slot of a register in its bank. */
  int slot(Operand.Register register) {
    return slots[register.index()];
  }

  /** Slot of a constant of up to 32 bits. */
  int word(int value) {
    return source(words, new Source.Word(value));
  }

  /** Slot of a constant of 64 bits. */
  int wide(long value) {
    return source(longs, new Source.Wide(value));
  }

  /** Slot in words of a special register that stays as it is while a warp runs. */
  int special(String name) {
    return source(words, new Source.Special(name));
  }

  /** Slot in longs of a special register of 64 bits that stays as it is while a warp runs. */
  int specialLong(String name) {
    return source(longs, new Source.Special(name));
  }

  /** Slot in longs, or in words, of the address of a place in the frame's local memory. */
  int frameAddress(long offset, boolean generic, boolean wide) {
    return source(wide ? longs : words, new Source.FrameAddress(offset, generic));
  }

  /** A word of its own for the decoder's use. */
  int temporaryWord() {
    return add(words, null);
  }

  /** 64 bits of its own for the decoder's use. */
  int temporaryLong() {
    return add(longs, null);
  }

  /** A predicate of its own for the decoder's use. */
  int temporaryPredicate() {
    return predicates++;
  }

  private int source(List<Source> bank, Source source) {
    Map<Source, Integer> known = bank == words ? knownWords : knownLongs;
    return known.computeIfAbsent(source, key -> add(bank, key));
  }

  private static int add(List<Source> bank, Source source) {
    bank.add(source);
    return bank.size() - 1;
  }

  /** What fills the slots of words; null for registers. */
  List<Source> words() {
    return words;
  }

  /** What fills the slots of longs; null for registers. */
  List<Source> longs() {
    return longs;
  }

  int predicates() {
    return predicates;
  }

  @Override
  public String toString() {
    return "FrameLayout" + Arrays.toString(slots);
  }
}
