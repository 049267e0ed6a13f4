package dev.culebra.model.tokenizer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Tokenizers in files and by name. Read are Hugging Face's {@code tokenizer.json} (byte-level BPE,
 * and SentencePiece's BPE with byte fallback), tiktoken's ranks ({@code *.tiktoken}) and llama2.c's
 * {@code tokenizer.bin}, each recognised by what is in it; written is {@code tokenizer.json}.
 */
public final class Tokenizers {
  /** Name of the file in a model directory. */
  public static final String FILE = "tokenizer.json";

  private static final String CONFIG = "tokenizer_config.json";

  private static final ObjectMapper JSON = new ObjectMapper();

  private Tokenizers() {}

  /** Names that {@link #published} knows. */
  public static List<String> publishedNames() {
    return TiktokenRanks.names();
  }

  /**
   * A published tokenizer.
   *
   * @param name {@code gpt2}, {@code cl100k_base} or {@code o200k_base}
   * @throws TokenizerFormatException if none is called so
   */
  public static ByteLevelTokenizer published(String name) throws IOException {
    return TiktokenRanks.published(name);
  }

  /**
   * Reads a tokenizer.
   *
   * @param path a file, or a directory with a {@value #FILE}
   * @throws TokenizerFormatException if it is damaged or of a kind that is not supported; the
   *     message names the file and what is wrong
   */
  public static Tokenizer read(Path path) throws IOException {
    Path file = Files.isDirectory(path) ? path.resolve(FILE) : path;
    if (!Files.exists(file)) {
      throw new NoSuchFileException(file.toString(), null, "no tokenizer there");
    }
    byte[] head;
    try (InputStream in = Files.newInputStream(file)) {
      head = in.readNBytes(1024);
    }
    if (head.length == 0) {
      throw new TokenizerFormatException(file + " is empty");
    }
    try {
      if (new String(head, StandardCharsets.ISO_8859_1).stripLeading().startsWith("{")) {
        return readJson(file);
      }
      if (TiktokenRanks.looksLikeRanks(head)) {
        return TiktokenRanks.read(file);
      }
      if (Llama2cVocabulary.looksLikeOne(head)) {
        return Llama2cVocabulary.read(file);
      }
    } catch (TokenizerFormatException e) {
      throw e.getMessage().startsWith(file.toString())
          ? e
          : new TokenizerFormatException(file + ": " + e.getMessage(), e);
    }
    throw new TokenizerFormatException(
        file + " is no tokenizer.json, tiktoken rank file or llama2.c tokenizer");
  }

  private static Tokenizer readJson(Path file) throws IOException {
    JsonNode root;
    try {
      root = JSON.readTree(file.toFile());
    } catch (JsonProcessingException e) {
      throw new TokenizerFormatException(
          "broken JSON at line "
              + e.getLocation().getLineNr()
              + ": "
              + e.getOriginalMessage().lines().findFirst().orElse(""),
          e);
    }
    if (!root.has("model")) {
      throw new TokenizerFormatException("JSON, but no tokenizer: there is no field \"model\"");
    }
    String kind = JsonFields.type(root.path("model"));
    // Old files leave the type out; BPE is what has merges.
    if (!kind.equals("BPE") && !(kind.equals("(none)") && root.path("model").has("merges"))) {
      throw new TokenizerFormatException("model of type " + kind + " is not supported; BPE is");
    }
    Tokenizer tokenizer =
        SentencePieceJson.isOne(root) ? SentencePieceJson.read(root) : TokenizerJson.read(root);
    return withConfiguredEnd(tokenizer, file.resolveSibling(CONFIG));
  }

  /** With the end-of-sequence token that the configuration beside the file names, if any. */
  private static Tokenizer withConfiguredEnd(Tokenizer tokenizer, Path config) throws IOException {
    if (!Files.exists(config)) {
      return tokenizer;
    }
    JsonNode token;
    try {
      token = JSON.readTree(config.toFile()).path("eos_token");
    } catch (JsonProcessingException e) {
      throw new TokenizerFormatException(config.getFileName() + " beside it is broken JSON", e);
    }
    String text = token.isObject() ? token.path("content").asText() : token.asText("");
    if (token.isNull() || text.isEmpty()) {
      return tokenizer;
    }
    Integer id = tokenizer.specialTokens().get(text);
    if (id == null) {
      throw new TokenizerFormatException(
          "the eos_token \"" + text + "\" of " + CONFIG + " is no added token");
    }
    return id == tokenizer.endOfText() ? tokenizer : withEndOfText(tokenizer, id);
  }

  private static Tokenizer withEndOfText(Tokenizer tokenizer, int id) {
    return switch (tokenizer) {
      case ByteLevelTokenizer byteLevel -> byteLevel.withEndOfText(id);
      case SentencePieceTokenizer sentencePiece -> sentencePiece.withEndOfText(id);
      default -> throw new AssertionError(tokenizer);
    };
  }

  /**
   * Writes {@value #FILE} into a directory, and beside it Hugging Face's {@code
   * tokenizer_config.json} with the token that ends a text. Each is the old file or the whole new
   * one, never a part.
   */
  public static void write(Tokenizer tokenizer, Path directory) throws IOException {
    Map<String, Object> root =
        switch (tokenizer) {
          case ByteLevelTokenizer byteLevel -> TokenizerJson.write(byteLevel);
          case SentencePieceTokenizer sentencePiece -> SentencePieceJson.write(sentencePiece);
          default ->
              throw new IllegalArgumentException(
                  "no way to write a " + tokenizer.getClass().getSimpleName());
        };
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("tokenizer_class", "PreTrainedTokenizerFast");
    tokenizer
        .specialTokens()
        .forEach(
            (text, id) -> {
              if (id == tokenizer.endOfText()) {
                config.put("eos_token", text);
              }
            });
    Files.createDirectories(directory);
    write(config, directory.resolve(CONFIG));
    write(root, directory.resolve(FILE));
  }

  private static void write(Map<String, Object> json, Path file) throws IOException {
    byte[] bytes = JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(json);
    Path temporary = file.resolveSibling(file.getFileName() + ".part");
    try {
      Files.write(
          temporary,
          bytes,
          StandardOpenOption.CREATE,
          StandardOpenOption.TRUNCATE_EXISTING,
          StandardOpenOption.WRITE,
          StandardOpenOption.SYNC);
      Files.move(
          temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (FileSystemException e) {
      throw e;
    } catch (IOException e) { // a full disk, say, which Java reports without the file
      throw new FileSystemException(file.toString(), null, e.getMessage());
    } finally {
      Files.deleteIfExists(temporary);
    }
  }
}
