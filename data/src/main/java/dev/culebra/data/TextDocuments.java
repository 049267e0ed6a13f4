package dev.culebra.data;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** A corpus of documents in memory. */
public record TextDocuments(List<String> documents) implements Corpus {
  public TextDocuments {
    documents = List.copyOf(documents);
  }

  @Override
  public long bytes() {
    long bytes = 0;
    for (String document : documents) {
      bytes += document.getBytes(StandardCharsets.UTF_8).length;
    }
    return bytes;
  }

  @Override
  public String key() {
    MessageDigest digest = Digests.sha256();
    for (String document : documents) {
      byte[] text = document.getBytes(StandardCharsets.UTF_8);
      digest.update((text.length + ":").getBytes(StandardCharsets.US_ASCII));
      digest.update(text);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  @Override
  public void read(Sink sink) throws IOException {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    List<Integer> ends = new ArrayList<>();
    for (String document : documents) {
      text.writeBytes(document.getBytes(StandardCharsets.UTF_8));
      ends.add(text.size());
      if (text.size() >= CHUNK_BYTES) {
        emit(text, ends, sink);
      }
    }
    if (!ends.isEmpty()) {
      emit(text, ends, sink);
    }
  }

  private static void emit(ByteArrayOutputStream text, List<Integer> ends, Sink sink)
      throws IOException {
    sink.chunk(new Chunk(text.toByteArray(), false, ends.stream().mapToInt(end -> end).toArray()));
    text.reset();
    ends.clear();
  }
}
