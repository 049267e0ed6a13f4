package dev.culebra.emulator.ptx;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Breaks PTX at random. */
public final class PtxMutator {
  private static final Pattern TOKEN =
      Pattern.compile(
          "[%$.]?[A-Za-z0-9_$]+|//[^\\n]*|/\\*.*?\\*/|\"[^\"\\n]*\"|\\s+|.", Pattern.DOTALL);

  /** Tokens that are rare in code that works. */
  private static final List<String> STRANGE =
      List.of(
          "(",
          ")",
          "{",
          "}",
          "[",
          "]",
          "<",
          ">",
          "<<",
          ">>",
          "?",
          ":",
          "::",
          "=",
          "==",
          "!=",
          "!",
          "~",
          "%",
          "%%",
          "^",
          "&",
          "&&",
          "|",
          "||",
          "*",
          "/",
          "//",
          "/*",
          "*/",
          "\"",
          "'",
          "\\",
          "#",
          "@",
          "@@",
          "@!",
          ".",
          "..",
          ",",
          ";",
          "+",
          "-",
          "+-",
          "_",
          "$",
          "0x",
          "0f",
          "0d",
          "0f7fc00000",
          "0dffffffffffffffff",
          "9223372036854775807",
          "18446744073709551615",
          "99999999999999999999",
          "-1",
          "1e999",
          "08",
          "WARP_SZ",
          ".align",
          ".v4",
          ".b128",
          ".pred",
          ".reg",
          ".param",
          ".entry",
          ".func",
          ".extern",
          ".version",
          ".section",
          ".loc",
          ".file",
          "call",
          "bra",
          "brx.idx",
          ".callprototype",
          ".calltargets",
          ".branchtargets",
          "<5>",
          "<99999999>",
          "[1<<40]",
          "[]",
          "= {{",
          "(.s64)",
          "generic(",
          "0xff(",
          "\0",
          "\r\n",
          "\uFEFF",
          "é",
          ".x",
          ".r",
          ".b0",
          ".unified",
          "%tid",
          "%tid.x",
          "%envreg9");

  private final SplittableRandom random;
  private final List<String> tokens = new ArrayList<>();

  public PtxMutator(String text, SplittableRandom random) {
    this.random = random;
    Matcher matcher = TOKEN.matcher(text);
    while (matcher.find()) {
      tokens.add(matcher.group());
    }
  }

  /** The text with some tokens or characters deleted, doubled, swapped, replaced or cut off. */
  public String mutate() {
    List<String> mutant = new ArrayList<>(tokens);
    int changes = 1 + random.nextInt(4);
    for (int i = 0; i < changes; i++) {
      if (random.nextInt(3) == 0) {
        changeStrangely(mutant);
      } else {
        change(mutant);
      }
    }
    String text = String.join("", mutant);
    return random.nextInt(3) == 0 ? flip(text) : text;
  }

  /** The text with one token deleted, doubled, swapped or replaced by another of the text. */
  public String mutateOnce() {
    List<String> mutant = new ArrayList<>(tokens);
    change(mutant);
    return String.join("", mutant);
  }

  private void change(List<String> mutant) {
    int at = token(mutant);
    switch (random.nextInt(4)) {
      case 0 -> mutant.remove(at);
      case 1 -> mutant.add(at, mutant.get(at));
      case 2 -> {
        int other = token(mutant);
        String kept = mutant.set(at, mutant.get(other));
        mutant.set(other, kept);
      }
      default -> mutant.set(at, tokens.get(token(tokens)));
    }
    if (mutant.isEmpty()) {
      mutant.add(" ");
    }
  }

  private void changeStrangely(List<String> mutant) {
    int at = token(mutant);
    String strange = STRANGE.get(random.nextInt(STRANGE.size()));
    switch (random.nextInt(5)) {
      case 0 -> mutant.set(at, strange);
      case 1 -> mutant.set(at, strange.repeat(1 + random.nextInt(2_000)));
      case 2 -> mutant.set(at, mutant.get(at).repeat(1 + random.nextInt(2_000)));
      case 3 -> mutant.subList(at, Math.min(mutant.size(), at + random.nextInt(40))).clear();
      default -> {
        int from = token(mutant);
        List<String> part =
            List.copyOf(mutant.subList(from, Math.min(mutant.size(), from + random.nextInt(200))));
        mutant.addAll(at, part);
      }
    }
    if (mutant.isEmpty()) {
      mutant.add(strange);
    }
  }

  /** A token that is more than blanks, where there is one soon. */
  private int token(List<String> all) {
    int at = random.nextInt(all.size());
    for (int i = 0; i < 5 && all.get(at).isBlank(); i++) {
      at = random.nextInt(all.size());
    }
    return at;
  }

  private String flip(String text) {
    if (text.isEmpty()) {
      return text;
    }
    int at = random.nextInt(text.length());
    return switch (random.nextInt(3)) {
      case 0 -> text.substring(0, at);
      case 1 -> text.substring(0, at) + (char) random.nextInt(128) + text.substring(at + 1);
      default -> text.substring(0, at) + (char) random.nextInt(1 << 16) + text.substring(at);
    };
  }
}
