package dev.culebra.data;

import java.io.IOException;

/** Text to learn from, read in chunks of a bounded size however large it is. */
public sealed interface Corpus permits TextFiles, TextDocuments {
  /** Bytes of a chunk, unless a word or a document alone is longer. */
  int CHUNK_BYTES = 1 << 20;

  /**
   * Text, cut where no tokenizer's piece is: behind a document or a word.
   *
   * @param text UTF-8
   * @param continues whether it begins inside a document, which the chunk before began
   * @param documentEnds where in it documents end, ascending; what is behind the last goes on
   */
  record Chunk(byte[] text, boolean continues, int[] documentEnds) {}

  /** Takes chunks in order. */
  interface Sink {
    void chunk(Chunk chunk) throws IOException;
  }

  /** UTF-8 bytes in all. */
  long bytes();

  /** Tells this text from others, without reading it through. */
  String key() throws IOException;

  /**
   * Reads the text through.
   *
   * @throws CorpusException if it is binary or no UTF-8
   */
  void read(Sink sink) throws IOException;
}
