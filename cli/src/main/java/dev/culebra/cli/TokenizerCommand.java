package dev.culebra.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.culebra.data.Corpus;
import dev.culebra.model.tokenizer.ByteLevelTokenizer;
import dev.culebra.model.tokenizer.Tokenizer;
import dev.culebra.model.tokenizer.Tokenizers;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Tokenizers by themselves. */
@Command(
    name = "tokenizer",
    description = "Trains tokenizers, and turns text into token ids and back.")
final class TokenizerCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "name a command: train, encode or decode");
  }

  @Command(
      name = "train",
      description = "Trains a byte-level BPE tokenizer and writes it as tokenizer.json.")
  int train(
      @Mixin CorpusOptions data,
      @Option(
              names = "--vocabulary",
              paramLabel = "N",
              defaultValue = "8192",
              description = "Tokens in all. Default: ${DEFAULT-VALUE}.")
          int vocabulary,
      @Option(
              names = "--split",
              paramLabel = "RULE",
              defaultValue = "gpt2",
              description =
                  "How text is split before merging: gpt2, cl100k or o200k. Default:"
                      + " ${DEFAULT-VALUE}.")
          TokenizerChoice.Split split,
      @Option(
              names = "--out",
              paramLabel = "DIR",
              required = true,
              description = "Folder for tokenizer.json.")
          Path out)
      throws IOException {
    Path file = out.resolve(Tokenizers.FILE);
    if (Files.exists(file)) {
      throw new FileAlreadyExistsException(
          file.toString(), null, "already there; choose another --out or remove it");
    }
    Corpus corpus = data.corpus();
    Tokenizer tokenizer = CorpusOptions.train(corpus, vocabulary, split);
    Tokenizers.write(tokenizer, out);
    out().printf("%s: %d tokens%n", file, tokenizer.vocabularySize());
    if (tokenizer.vocabularySize() < vocabulary) {
      out().printf("(the text has no pairs for more of the %d asked for)%n", vocabulary);
    }
    out().flush();
    return 0;
  }

  @Command(name = "encode", description = "Prints the token ids of a text.")
  int encode(
      @Option(
              names = "--tokenizer",
              paramLabel = "FILE|DIR|NAME",
              required = true,
              description = TokenizerChoice.KINDS)
          String name,
      @Option(
              names = "--ordinary",
              description = "Take special tokens in the text as ordinary text.")
          boolean ordinary,
      @Option(names = "--json", description = "Print a JSON array with each token's text, too.")
          boolean json,
      @Parameters(
              paramLabel = "TEXT",
              arity = "0..1",
              description = "The text; read from standard input where it is left out.")
          String text)
      throws IOException {
    Tokenizer tokenizer = TokenizerChoice.find(name);
    byte[] given = text != null ? text.getBytes(StandardCharsets.UTF_8) : System.in.readAllBytes();
    int[] ids = encode(tokenizer, given, ordinary);
    if (json) {
      out().println(new ObjectMapper().writeValueAsString(tokens(tokenizer, ids)));
    } else {
      out().println(Arrays.stream(ids).mapToObj(String::valueOf).collect(Collectors.joining(" ")));
    }
    out().flush();
    return 0;
  }

  private static int[] encode(Tokenizer tokenizer, byte[] text, boolean ordinary)
      throws IOException {
    if (tokenizer instanceof ByteLevelTokenizer any) {
      return ordinary ? any.encodeOrdinary(text) : any.encode(text);
    }
    try {
      String valid = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text)).toString();
      return ordinary ? tokenizer.encodeOrdinary(valid) : tokenizer.encode(valid);
    } catch (CharacterCodingException e) {
      throw new IOException("the text is not valid UTF-8, which this tokenizer needs", e);
    }
  }

  /** One token of a text; half a character shows as U+FFFD. */
  private record Token(int id, String text) {}

  private static List<Token> tokens(Tokenizer tokenizer, int[] ids) {
    return java.util.stream.IntStream.range(0, ids.length)
        .mapToObj(
            i ->
                new Token(
                    ids[i], new String(tokenizer.decode(ids, i, i + 1), StandardCharsets.UTF_8)))
        .toList();
  }

  @Command(
      name = "decode",
      description = "Prints the text of token ids; bytes that are no UTF-8 show as U+FFFD.")
  int decode(
      @Option(
              names = "--tokenizer",
              paramLabel = "FILE|DIR|NAME",
              required = true,
              description = TokenizerChoice.KINDS)
          String name,
      @Parameters(
              paramLabel = "ID",
              arity = "0..*",
              description = "The ids; read from standard input where they are left out.")
          List<String> words)
      throws IOException {
    Tokenizer tokenizer = TokenizerChoice.find(name);
    int[] ids = ids(words == null ? fromStandardInput() : words, tokenizer.vocabularySize());
    out().println(new String(tokenizer.decode(ids, 0, ids.length), StandardCharsets.UTF_8));
    out().flush();
    return 0;
  }

  private static List<String> fromStandardInput() throws IOException {
    String all = new String(System.in.readAllBytes(), StandardCharsets.UTF_8).strip();
    return all.isEmpty() ? List.of() : List.of(all.split("[\\s,\\[\\]]+"));
  }

  private int[] ids(List<String> words, int vocabularySize) {
    return words.stream()
        .filter(word -> !word.isEmpty())
        .mapToInt(
            word -> {
              if (!word.matches("\\d{1,9}") || Integer.parseInt(word) >= vocabularySize) {
                throw new ParameterException(
                    spec.commandLine().getParseResult().subcommand().commandSpec().commandLine(),
                    "'" + word + "' is no token id: ids go from 0 to " + (vocabularySize - 1));
              }
              return Integer.parseInt(word);
            })
        .toArray();
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }
}
