package dev.culebra.model.generation;

import dev.culebra.model.tokenizer.Tokenizer;
import dev.culebra.model.tokenizer.Utf8Stream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Generates text from text: a {@link TokenGenerator} with a tokenizer before and behind it. */
public final class TextGenerator {
  private final TokenGenerator generator;
  private final Tokenizer tokenizer;

  /** Both stay the caller's. */
  public TextGenerator(TokenGenerator generator, Tokenizer tokenizer) {
    this.generator = generator;
    this.tokenizer = tokenizer;
  }

  /**
   * Goes on from each prompt, telling the listener of new text as it comes.
   *
   * @param prompts at most as many as the generator has sequences
   */
  public List<GeneratedText> generate(
      List<String> prompts, SamplingOptions options, TextListener listener) {
    List<int[]> ids = prompts.stream().map(this::promptIds).toList();
    List<Sequence> sequences = new ArrayList<>();
    for (int i = 0; i < prompts.size(); i++) {
      sequences.add(new Sequence(i, ids.get(i), options, listener));
    }
    FinishReason[] reasons =
        generator.generate(
            ids,
            options,
            tokenizer.endOfText(),
            (sequence, token) -> sequences.get(sequence).add(token));
    return sequences.stream().map(sequence -> sequence.finish(reasons)).toList();
  }

  private int[] promptIds(String prompt) {
    int[] ids = tokenizer.encodePrompt(prompt);
    if (ids.length > 0) {
      return ids;
    }
    if (tokenizer.endOfText() < 0) {
      throw new IllegalArgumentException(
          "the prompt is empty, and the model's tokenizer has no token to begin a text with; give a"
              + " prompt");
    }
    return new int[] {tokenizer.endOfText()}; // a text begins where another has ended
  }

  /** The text of one prompt as it grows. */
  private final class Sequence {
    private final int index;
    private final List<Integer> promptIds;
    private final TextListener listener;
    private final Utf8Stream characters = new Utf8Stream();
    private final StopStrings stops;
    private final List<Integer> ids = new ArrayList<>();
    private final StringBuilder text = new StringBuilder();
    private int previous;
    private boolean listening = true;

    Sequence(int index, int[] prompt, SamplingOptions options, TextListener listener) {
      this.index = index;
      this.promptIds = Arrays.stream(prompt).boxed().toList();
      this.previous = prompt[prompt.length - 1];
      this.listener = listener;
      this.stops = new StopStrings(options.stop());
    }

    boolean add(int token) {
      ids.add(token);
      byte[] bytes = bytes(token);
      previous = token;
      return show(stops.append(characters.add(bytes))) && !stops.found();
    }

    private byte[] bytes(int token) {
      if (token >= tokenizer.vocabularySize()) {
        return new byte[0]; // vocabularies of models are padded to round numbers
      }
      // Some tokenizers write a token differently by what comes before it.
      return tokenizer.decode(new int[] {previous, token}, 1, 2);
    }

    private boolean show(String shown) {
      text.append(shown);
      if (listening && !shown.isEmpty()) {
        listening = listener.onText(index, shown);
      }
      return listening;
    }

    GeneratedText finish(FinishReason[] reasons) {
      show(stops.append(characters.finish()));
      show(stops.finish());
      FinishReason reason = stops.found() ? FinishReason.STOP : reasons[index];
      return new GeneratedText(promptIds, List.copyOf(ids), text.toString(), reason);
    }
  }
}
