package dev.culebra.emulator.check;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** What is looked for while a program runs. */
public enum Checker {
  /** Accesses outside allocations, after free, misaligned, to memory that is read only. */
  MEMORY,
  /** Reads of bytes that nobody wrote. */
  INITIALISED,
  /** Conflicting accesses that nothing orders. */
  RACE,
  /** Barriers that some threads miss. */
  BARRIER,
  /** Shared memory that an asynchronous copy fills, touched before that was waited for. */
  ASYNC_COPY,
  /** Misuse of the driver's functions. */
  HOST_API;

  /** As reports spell it: {@code async-copy}. */
  public String spelling() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * The checkers of a list with commas between, of {@code all} or of {@code none}.
   *
   * @throws IllegalArgumentException for a name that is none's, and for all or none beside others
   */
  public static Set<Checker> parse(String list) {
    return switch (list) {
      case "all" -> EnumSet.allOf(Checker.class);
      case "none" -> EnumSet.noneOf(Checker.class);
      default ->
          Arrays.stream(list.split(",", -1))
              .map(Checker::named)
              .collect(Collectors.toCollection(() -> EnumSet.noneOf(Checker.class)));
    };
  }

  private static Checker named(String name) {
    return Arrays.stream(values())
        .filter(checker -> checker.spelling().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no checker '%s'; there are all or none, or some of %s"
                        .formatted(name, spellings())));
  }

  private static String spellings() {
    return Arrays.stream(values()).map(Checker::spelling).collect(Collectors.joining(", "));
  }
}
