package dev.culebra.model.generation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.culebra.fixtures.DeviceExtension;
import dev.culebra.model.ModelConfig;
import dev.culebra.model.tokenizer.BytePairTrainer;
import dev.culebra.model.tokenizer.Splitter;
import dev.culebra.model.tokenizer.Tokenizer;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.Device;
import dev.culebra.runtime.WeightFormat;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Random weights make random bytes of text, half of them no UTF-8. */
@ExtendWith(DeviceExtension.class)
final class TextGeneratorTest {
  private static final int TOKENS = 60;

  /** More than the tokenizer's 257, as published models are padded. */
  private static final ModelConfig MODEL = ModelConfig.gpt2(300, 80, 24, 2, 3);

  private static final List<String> PROMPTS = List.of("pearl", "a", "été 😀");

  private final long seed = DeviceExtension.seed();

  /** Of 257 tokens, none of which ends a text. */
  private final Tokenizer tokenizer = tokenizer(List.of("<|turn|>"));

  private static Tokenizer tokenizer(List<String> specials) {
    return new BytePairTrainer(256 + specials.size(), Splitter.GPT2, specials).train(_ -> {});
  }

  private SamplingOptions sampled(List<String> stop) {
    return new SamplingOptions(2, 0, 1, 0, 1, seed, TOKENS, stop);
  }

  private List<GeneratedText> generate(
      Device device, List<String> prompts, SamplingOptions options, TextListener listener) {
    return generate(device, tokenizer, prompts, options, listener);
  }

  private List<GeneratedText> generate(
      Device device,
      Tokenizer tokenizer,
      List<String> prompts,
      SamplingOptions options,
      TextListener listener) {
    Random random = new Random(seed);
    ParameterSource source =
        (name, shape) -> {
          float[] values = new float[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
          for (int i = 0; i < values.length; i++) {
            values[i] =
                (name.endsWith("norm.weight") ? 1 : 0) + 0.2f * (float) random.nextGaussian();
          }
          return MemorySegment.ofArray(values);
        };
    try (GenerationWeights weights =
            GenerationWeights.load(device, MODEL, source, WeightFormat.SOURCE);
        TokenGenerator generator =
            new TokenGenerator(weights, PROMPTS.size(), MODEL.contextLength(), DType.F32)) {
      return new TextGenerator(generator, tokenizer).generate(prompts, options, listener);
    }
  }

  private static List<StringBuilder> shown() {
    return PROMPTS.stream().map(_ -> new StringBuilder()).toList();
  }

  @Test
  void the_text_shown_in_parts_is_that_of_all_tokens_and_ids_without_a_token_are_no_text(
      Device device) {
    List<StringBuilder> shown = shown();
    List<GeneratedText> texts =
        generate(
            device,
            PROMPTS,
            sampled(List.of()),
            (sequence, text) -> shown.get(sequence).append(text).length() > 0);
    int padding = 0;
    for (int i = 0; i < PROMPTS.size(); i++) {
      GeneratedText text = texts.get(i);
      int[] known =
          text.ids().stream()
              .mapToInt(id -> id)
              .filter(id -> id < tokenizer.vocabularySize())
              .toArray();
      padding += text.ids().size() - known.length;
      String expected =
          new String(tokenizer.decode(known, 0, known.length), StandardCharsets.UTF_8);
      assertEquals(expected, text.text(), "seed " + seed);
      assertEquals(expected, shown.get(i).toString(), "seed " + seed);
      int[] prompt = text.promptIds().stream().mapToInt(id -> id).toArray();
      assertEquals(
          PROMPTS.get(i),
          new String(tokenizer.decode(prompt, 0, prompt.length), StandardCharsets.UTF_8));
    }
    assertTrue(padding > 0, "no id beyond the tokenizer's was drawn, seed " + seed);
  }

  @Test
  void a_stop_string_ends_its_own_sequence_before_it(Device device) {
    List<GeneratedText> free = generate(device, PROMPTS, sampled(List.of()), (_, _) -> true);
    String whole = free.get(1).text();
    int at = new Random(seed).nextInt(whole.length() / 4, whole.length() / 2);
    String stop = whole.substring(at, at + 2);
    List<StringBuilder> shown = shown();
    List<GeneratedText> stopped =
        generate(
            device,
            PROMPTS,
            sampled(List.of(stop)),
            (sequence, text) -> shown.get(sequence).append(text).length() > 0);
    for (int i = 0; i < PROMPTS.size(); i++) {
      String expected = free.get(i).text();
      boolean ends = expected.contains(stop);
      expected = ends ? expected.substring(0, expected.indexOf(stop)) : expected;
      assertEquals(expected, stopped.get(i).text(), "seed " + seed);
      assertEquals(expected, shown.get(i).toString(), "seed " + seed);
      FinishReason reason = ends ? FinishReason.STOP : free.get(i).reason();
      assertEquals(reason, stopped.get(i).reason(), "seed " + seed);
    }
    assertEquals(FinishReason.STOP, stopped.get(1).reason());
  }

  @Test
  void a_listener_that_has_enough_is_told_no_more(Device device) {
    int[] calls = new int[PROMPTS.size()];
    List<GeneratedText> texts =
        generate(
            device,
            PROMPTS,
            sampled(List.of("a stop string that never comes")),
            (sequence, _) -> ++calls[sequence] < 3 || sequence > 0);
    assertEquals(3, calls[0]);
    assertEquals(FinishReason.CANCELLED, texts.getFirst().reason());
    assertTrue(calls[1] > 3, "the other sequences go on, seed " + seed);
  }

  @Test
  void an_empty_prompt_begins_where_another_text_has_ended(Device device) {
    SamplingOptions options = SamplingOptions.GREEDY.withMaxTokens(2);
    Tokenizer ending = tokenizer(List.of("<|endoftext|>"));
    List<GeneratedText> texts = generate(device, ending, List.of(""), options, (_, _) -> true);
    assertEquals(List.of(ending.endOfText()), texts.getFirst().promptIds());
    List<String> told = new ArrayList<>();
    TextGenerator without = new TextGenerator(null, tokenizer);
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> without.generate(List.of(""), options, (_, text) -> told.add(text)))
            .getMessage();
    assertTrue(message.contains("the prompt is empty"), message);
    assertEquals(List.of(), told);
  }
}
