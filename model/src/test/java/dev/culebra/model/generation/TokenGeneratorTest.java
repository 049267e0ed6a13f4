package dev.culebra.model.generation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.culebra.model.ModelConfig;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.Device;
import dev.culebra.runtime.Devices;
import dev.culebra.runtime.WeightFormat;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TokenGeneratorTest {
  private static final ModelConfig GPT2 = ModelConfig.gpt2(53, 48, 40, 2, 4);
  private static final ModelConfig LLAMA = ModelConfig.llama(53, 48, 40, 2, 4, 2, 56);

  private final long seed = System.nanoTime();
  private final Device device = Devices.open(System.getProperty("culebra.device", "cpu"), 2);

  @AfterEach
  void close() {
    device.close();
  }

  @Test
  void a_token_at_a_time_gives_what_reading_the_whole_text_again_gives() {
    for (ModelConfig config : List.of(GPT2, LLAMA)) {
      try (GenerationWeights weights = weights(config, WeightFormat.SOURCE)) {
        int[] prompt = tokens(5, config);
        List<Integer> cached = generate(weights, List.of(prompt), greedy(12)).getFirst();
        List<Integer> reread = new ArrayList<>();
        int[] text = prompt;
        for (int i = 0; i < 12; i++) {
          int next = generate(weights, List.of(text), greedy(1)).getFirst().getFirst();
          reread.add(next);
          text = Arrays.copyOf(text, text.length + 1);
          text[text.length - 1] = next;
        }
        assertEquals(reread, cached, "seed " + seed);
      }
    }
  }

  @Test
  void prompts_of_different_lengths_go_on_as_they_would_alone() {
    try (GenerationWeights weights = weights(LLAMA, WeightFormat.SOURCE)) {
      List<int[]> prompts = List.of(tokens(1, LLAMA), tokens(17, LLAMA), tokens(6, LLAMA));
      List<List<Integer>> together = generate(weights, prompts, greedy(10));
      for (int i = 0; i < prompts.size(); i++) {
        assertEquals(
            generate(weights, List.of(prompts.get(i)), greedy(10)).getFirst(),
            together.get(i),
            "seed " + seed);
      }
    }
  }

  @Test
  void the_same_seed_draws_the_same_tokens_and_another_seed_others() {
    try (GenerationWeights weights = weights(GPT2, WeightFormat.SOURCE)) {
      int[] prompt = tokens(3, GPT2);
      List<Integer> first = generate(weights, List.of(prompt), sampled(7)).getFirst();
      assertEquals(first, generate(weights, List.of(prompt), sampled(7)).getFirst());
      assertTrue(!first.equals(generate(weights, List.of(prompt), sampled(8)).getFirst()));
    }
  }

  @Test
  void generation_in_bf16_and_int8_stays_close_enough_to_choose_mostly_the_same() {
    try (GenerationWeights exact = weights(GPT2, WeightFormat.SOURCE);
        GenerationWeights rounded = weights(GPT2, WeightFormat.BF16);
        GenerationWeights quantised = weights(GPT2, WeightFormat.INT8)) {
      int same = 0;
      int all = 0;
      for (int length = 1; length <= 20; length++) {
        List<int[]> prompt = List.of(tokens(length, GPT2));
        int expected = generate(exact, prompt, greedy(1)).getFirst().getFirst();
        same += generate(rounded, prompt, greedy(1)).getFirst().getFirst() == expected ? 1 : 0;
        same += generate(quantised, prompt, greedy(1)).getFirst().getFirst() == expected ? 1 : 0;
        all += 2;
      }
      assertTrue(same > all * 3 / 4, same + " of " + all + ", seed " + seed);
    }
  }

  @Test
  void ends_where_the_context_is_full_and_where_the_limit_or_the_listener_says() {
    try (GenerationWeights weights = weights(GPT2, WeightFormat.SOURCE);
        TokenGenerator generator = new TokenGenerator(weights, 1, 20, DType.F32)) {
      List<int[]> prompt = List.of(tokens(15, GPT2));
      int[] count = {0};
      TokenListener counting = (sequence, token) -> ++count[0] > 0;
      FinishReason[] full = generator.generate(prompt, SamplingOptions.GREEDY, -1, counting);
      assertArrayEquals(new FinishReason[] {FinishReason.CONTEXT_FULL}, full);
      assertEquals(5, count[0]);
      assertEquals(FinishReason.MAX_TOKENS, generator.generate(prompt, greedy(2), -1, counting)[0]);
      assertEquals(7, count[0]);
      TokenListener enough = (sequence, token) -> false;
      assertEquals(
          FinishReason.CANCELLED,
          generator.generate(prompt, SamplingOptions.GREEDY, -1, enough)[0]);
    }
  }

  @Test
  void the_end_of_text_token_ends_a_sequence_and_is_not_told() {
    try (GenerationWeights weights = weights(GPT2, WeightFormat.SOURCE);
        TokenGenerator generator = new TokenGenerator(weights, 1, 48, DType.F32)) {
      List<int[]> prompt = List.of(tokens(4, GPT2));
      List<Integer> free = new ArrayList<>();
      generator.generate(prompt, greedy(8), -1, (sequence, token) -> free.add(token));
      int end = free.get(3);
      List<Integer> ended = new ArrayList<>();
      FinishReason[] reasons =
          generator.generate(prompt, greedy(8), end, (sequence, token) -> ended.add(token));
      assertEquals(FinishReason.END_OF_TEXT, reasons[0]);
      assertEquals(free.subList(0, free.indexOf(end)), ended);
    }
  }

  @Test
  void each_end_token_of_the_config_ends_a_sequence_beside_the_end_of_text() {
    List<int[]> prompt = List.of(tokens(4, GPT2));
    List<Integer> free;
    try (GenerationWeights weights = weights(GPT2, WeightFormat.SOURCE)) {
      free = generate(weights, prompt, sampled(9)).getFirst().stream().distinct().toList();
    }
    assertTrue(free.size() > 3, "seed " + seed);
    // Whatever of the three comes first ends it: the later ones are looked for by taking it away.
    for (int first = 0; first < 3; first++) {
      List<Integer> ends = free.subList(first, 3);
      ModelConfig config = GPT2.withEndTokens(ends.subList(1, ends.size()));
      List<Integer> told = new ArrayList<>();
      try (GenerationWeights weights = weights(config, WeightFormat.SOURCE);
          TokenGenerator generator = new TokenGenerator(weights, 1, 48, DType.F32)) {
        FinishReason[] reasons =
            generator.generate(
                prompt, sampled(9), ends.getFirst(), (sequence, token) -> told.add(token));
        assertEquals(FinishReason.END_OF_TEXT, reasons[0], "seed " + seed);
        assertTrue(told.stream().noneMatch(ends::contains), told + ", seed " + seed);
      }
    }
  }

  @Test
  void refuses_prompts_that_do_not_fit() {
    try (GenerationWeights weights = weights(GPT2, WeightFormat.SOURCE);
        TokenGenerator generator = new TokenGenerator(weights, 1, 10, DType.F32)) {
      assertMessage("the prompt has 11 tokens", generator, new int[11]);
      assertMessage("a prompt has no tokens", generator, new int[0]);
      assertMessage("prompt token 53 is outside the vocabulary of 53", generator, new int[] {53});
    }
  }

  private static void assertMessage(String expected, TokenGenerator generator, int[] prompt) {
    Exception e =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                generator.generate(
                    List.of(prompt), SamplingOptions.GREEDY, -1, (sequence, token) -> true));
    assertTrue(e.getMessage().contains(expected), e.getMessage());
  }

  private static SamplingOptions greedy(int tokens) {
    return SamplingOptions.GREEDY.withMaxTokens(tokens);
  }

  private static SamplingOptions sampled(long seed) {
    return new SamplingOptions(1.5f, 0, 1, 0, 1, seed, 20, List.of());
  }

  private List<List<Integer>> generate(
      GenerationWeights weights, List<int[]> prompts, SamplingOptions options) {
    List<List<Integer>> ids = new ArrayList<>();
    prompts.forEach(prompt -> ids.add(new ArrayList<>()));
    int length = weights.config().contextLength();
    try (TokenGenerator generator =
        new TokenGenerator(weights, prompts.size(), length, DType.F32)) {
      generator.generate(prompts, options, -1, (sequence, token) -> ids.get(sequence).add(token));
    }
    return ids;
  }

  private int[] tokens(int count, ModelConfig config) {
    return new SplittableRandom(seed + count).ints(count, 0, config.vocabularySize()).toArray();
  }

  /** Random weights, large enough that logits differ clearly. */
  private GenerationWeights weights(ModelConfig config, WeightFormat format) {
    SplittableRandom random = new SplittableRandom(seed);
    ParameterSource source =
        (name, shape) -> {
          float[] values = new float[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
          boolean norm = name.endsWith("norm.weight");
          for (int i = 0; i < values.length; i++) {
            values[i] = (norm ? 1 : 0) + 0.2f * (float) random.nextGaussian();
          }
          return MemorySegment.ofArray(values);
        };
    return GenerationWeights.load(device, config, source, format);
  }
}
