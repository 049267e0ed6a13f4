package dev.culebra.data;

import dev.culebra.model.tokenizer.BytePairTrainer;
import dev.culebra.model.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.function.LongConsumer;

/** From a corpus to a tokenizer, and to a shard of tokens, on all cores. */
public final class Tokenization {
  private static final int THREADS = Runtime.getRuntime().availableProcessors();

  private Tokenization() {}

  /**
   * Counts a corpus for a tokenizer to be trained on it.
   *
   * @param progress told the bytes done
   */
  public static void count(Corpus corpus, BytePairTrainer trainer, LongConsumer progress)
      throws IOException {
    inParallel(
        corpus,
        chunk -> {
          int from = 0;
          for (int end : chunk.documentEnds()) {
            trainer.add(chunk.text(), from, end);
            from = end;
          }
          trainer.add(chunk.text(), from, chunk.text().length);
          return chunk.text().length;
        },
        new Bytes(progress)::add);
  }

  /**
   * Writes the tokens of a corpus into a file. Special tokens in the text are recognised: a
   * separator in it divides documents, as the end of a file does.
   *
   * @param progress told the bytes done
   */
  public static void write(Corpus corpus, Tokenizer tokenizer, Path shard, LongConsumer progress)
      throws IOException {
    byte[] separator = separator(tokenizer);
    Bytes bytes = new Bytes(progress);
    try (TokenShardWriter writer = new TokenShardWriter(shard, tokenizer)) {
      inParallel(
          corpus,
          chunk -> encode(chunk, tokenizer),
          encoded -> {
            for (Part part : encoded.parts) {
              long separators = 0;
              for (int id : part.ids) {
                separators += id == tokenizer.endOfText() ? 1 : 0;
              }
              writer.append(part.ids, part.bytes - separators * separator.length);
              if (part.endsDocument) {
                writer.endDocument();
              }
            }
            bytes.add(encoded.bytes);
          });
      writer.finish();
    }
  }

  /**
   * The shard of a corpus in a directory: the one that is there if it was made of the same text (by
   * paths, sizes and times of change) with the same tokenizer, else a new one.
   *
   * @param progress told the bytes done, if there is something to do
   */
  public static TokenShard cached(
      Corpus corpus, Tokenizer tokenizer, Path directory, LongConsumer progress)
      throws IOException {
    String key = corpus.key() + Long.toHexString(tokenizer.fingerprint());
    Path file = directory.resolve(digest(key).substring(0, 32) + ".tokens");
    if (Files.exists(file)) {
      try {
        TokenShard shard = TokenShard.open(file);
        if (shard.header().tokenizer() == tokenizer.fingerprint()) {
          return shard;
        }
        shard.close();
      } catch (ShardFormatException e) {
        // Damaged: it is only a copy, and made anew below.
        Files.delete(file);
      }
    }
    write(corpus, tokenizer, file, progress);
    return TokenShard.open(file);
  }

  private static String digest(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return HexFormat.of().formatHex(Digests.sha256().digest(bytes));
  }

  private static byte[] separator(Tokenizer tokenizer) {
    int id = tokenizer.endOfText();
    return id < 0 ? new byte[0] : tokenizer.decode(new int[] {id}, 0, 1);
  }

  private record Part(int[] ids, int bytes, boolean endsDocument) {}

  private record Encoded(List<Part> parts, int bytes) {}

  private static Encoded encode(Corpus.Chunk chunk, Tokenizer tokenizer) {
    List<Part> parts = new ArrayList<>();
    int from = 0;
    for (int end : chunk.documentEnds()) {
      parts.add(part(chunk, from, end, tokenizer, true));
      from = end;
    }
    if (from < chunk.text().length) {
      parts.add(part(chunk, from, chunk.text().length, tokenizer, false));
    }
    return new Encoded(parts, chunk.text().length);
  }

  private static Part part(
      Corpus.Chunk chunk, int from, int to, Tokenizer tokenizer, boolean endsDocument) {
    String text = new String(chunk.text(), from, to - from, StandardCharsets.UTF_8);
    boolean continues = from == 0 && chunk.continues();
    int[] ids = continues ? tokenizer.encodeContinuation(text) : tokenizer.encode(text);
    return new Part(ids, to - from, endsDocument);
  }

  /** Takes results in the order of the chunks. */
  private interface Results<T> {
    void accept(T result) throws IOException;
  }

  private static final class Bytes {
    private final LongConsumer progress;
    private long done;

    Bytes(LongConsumer progress) {
      this.progress = progress;
    }

    void add(int bytes) {
      done += bytes;
      progress.accept(done);
    }
  }

  /** Works on chunks with all cores, a bounded number of them in memory. */
  private static <T> void inParallel(
      Corpus corpus, Function<Corpus.Chunk, T> work, Results<T> results) throws IOException {
    ArrayDeque<Future<T>> pending = new ArrayDeque<>();
    try (ExecutorService workers = Executors.newFixedThreadPool(THREADS)) {
      try {
        corpus.read(
            chunk -> {
              Callable<T> task = () -> work.apply(chunk);
              pending.add(workers.submit(task));
              if (pending.size() > 2 * THREADS) {
                results.accept(get(pending.remove()));
              }
            });
        while (!pending.isEmpty()) {
          results.accept(get(pending.remove()));
        }
      } finally {
        pending.forEach(future -> future.cancel(true));
      }
    }
  }

  private static <T> T get(Future<T> future) throws IOException {
    try {
      return future.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while tokenizing", e);
    }
  }
}
