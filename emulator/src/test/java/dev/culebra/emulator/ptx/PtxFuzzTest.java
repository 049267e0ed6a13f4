package dev.culebra.emulator.ptx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.culebra.emulator.CudaToolkit;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Broken PTX: an error with its place, never anything else, and soon. */
final class PtxFuzzTest {
  private static final boolean EXHAUSTIVE = Boolean.getBoolean("culebra.exhaustive");
  private static final Duration LIMIT = Duration.ofMinutes(EXHAUSTIVE ? 30 : 2);

  /** What a mutant of some kilobytes may take on a machine that does something else as well. */
  private static final long SLOW_NANOSECONDS = 5_000_000_000L;

  static String constructs() throws IOException {
    try (InputStream text = PtxFuzzTest.class.getResourceAsStream("constructs.ptx")) {
      return new String(text.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /**
   * What makes a name unique depends on what is declared before it: a function may be named like a
   * register of one that comes earlier, but the printer declares all functions first.
   */
  private static String withoutNumbers(String printed) {
    return printed.replaceAll("\\$\\d+", "");
  }

  /** Whether a text is well formed; what it is refused with is judged. */
  private static boolean parses(String text) {
    try {
      String printed = PtxPrinter.print(PtxParser.parse("mutant.ptx", text));
      String again = PtxPrinter.print(PtxParser.parse("printed.ptx", printed));
      assertEquals(withoutNumbers(printed), withoutNumbers(again));
      return true;
    } catch (PtxException refused) {
      String message = refused.getMessage();
      assertTrue(message.startsWith("mutant.ptx:" + refused.position() + ": "), message);
      assertEquals(1, message.lines().count(), message);
      long lines = text.chars().filter(c -> c == '\n').count() + 1;
      assertTrue(refused.position().line() >= 1 && refused.position().line() <= lines, message);
      assertTrue(refused.position().column() >= 1, message);
      return false;
    }
  }

  @Test
  void mutants_are_parsed_or_refused_with_their_place() throws IOException {
    String text = constructs();
    assertTrue(parses(text));
    int rounds = EXHAUSTIVE ? 1_000_000 : 2_500;
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    AtomicReference<String> mutant = new AtomicReference<>(text);
    int[] parsed = new int[1];
    try {
      assertTimeoutPreemptively(
          LIMIT,
          () -> {
            PtxMutator mutator = new PtxMutator(text, random);
            for (int i = 0; i < rounds; i++) {
              mutant.set(mutator.mutate());
              long start = System.nanoTime();
              parsed[0] += parses(mutant.get()) ? 1 : 0;
              long time = System.nanoTime() - start;
              assertTrue(time < SLOW_NANOSECONDS, "took " + time + " ns");
            }
          });
    } catch (Throwable failure) {
      fail("seed " + seed + ", mutant:\n" + mutant.get(), failure);
    }
    System.out.printf(
        "PTX fuzz: seed %d, %,d mutants, %,d of them well formed%n", seed, rounds, parsed[0]);
    assertTrue(parsed[0] > rounds / 100, "nearly no mutant parses: the fuzzer tests too little");
    assertTrue(parsed[0] < rounds / 2, "most mutants parse: the fuzzer tests too little");
  }

  @Test
  void a_function_may_be_named_like_a_register_of_an_earlier_one() {
    assertTrue(
        parses(
            PtxTexts.HEAD
                + ".entry k() { .reg .pred p; { .reg .pred p; @p ret; } @p ret; }\n"
                + ".entry p() { ret; }"));
  }

  @Test
  void every_beginning_of_a_module_is_parsed_or_refused() throws IOException {
    String text = constructs();
    for (int end = 0; end < text.length(); end += EXHAUSTIVE ? 1 : 17) {
      parses(text.substring(0, end));
    }
  }

  @Test
  void texts_that_repeat_one_token_are_refused_soon() {
    for (String token :
        new String[] {
          "(", "{", "[", "<", "-", "!", "~", ".", ".a", "a", "a ", "a,", "a:", "1", "1 ", "1,",
          "\"", "/*", "//", "@", "@!", "%", "%a", "?", "1?", "1:", ",", ";", "=", "{{", "a;",
          "a a;", "\n"
        }) {
      String many = token.repeat(1_000_000);
      for (String before :
          new String[] {
            "",
            PtxTexts.HEAD,
            PtxTexts.HEAD + ".global .b8 x[] = ",
            PtxTexts.HEAD + ".entry k(",
            PtxTexts.HEAD + ".entry k() { ",
            PtxTexts.HEAD + ".entry k() { .reg .b32 a; mov.b32 a, ",
            PtxTexts.HEAD + ".entry k() { .reg .b32 ",
          }) {
        long start = System.nanoTime();
        parses(before + many);
        long time = System.nanoTime() - start;
        assertTrue(time < SLOW_NANOSECONDS, before + token + " took " + time + " ns");
      }
    }
  }

  @Test
  void what_ptxas_takes_is_parsed() throws IOException, InterruptedException {
    String text = constructs();
    assertTrue(CudaToolkit.assembles(text, "sm_90a"), "ptxas refuses the unchanged text");
    int rounds = EXHAUSTIVE ? 3_000 : 25;
    long seed = System.nanoTime();
    PtxMutator mutator = new PtxMutator(text, new SplittableRandom(seed));
    for (int i = 0; i < rounds; i++) {
      String mutant = mutator.mutateOnce();
      try {
        parses(mutant);
        PtxParser.parse("mutant.ptx", mutant);
      } catch (PtxException refused) {
        if (CudaToolkit.assembles(mutant, "sm_90a")) {
          fail("seed " + seed + ": " + refused.getMessage() + "\n" + mutant);
        }
      }
    }
  }
}
