package dev.culebra.model.exchange;

import dev.culebra.model.ModelConfig;
import dev.culebra.model.checkpoint.CheckpointFormatException;
import dev.culebra.model.generation.ParameterSource;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;

/**
 * A model of llama2.c in its first format: seven integers (width, MLP width, layers, heads, key
 * heads, vocabulary, negative where the head is not the embedding, context), then F32 tensors, each
 * kind for all layers together.
 *
 * <p>Its rotary positions turn neighbouring elements (Meta's order), ours those half a head apart;
 * rows of queries and keys are put into our order.
 */
final class Llama2cFile implements AutoCloseable {
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int HEADER_INTS = 7;
  private static final long HEADER_BYTES = (long) HEADER_INTS * Integer.BYTES;

  /** First integer of llama2.c's later formats: "ak42". */
  private static final int LATER_FORMAT = 0x616b3432;

  private final Path file;
  private final Arena arena;
  private final MemorySegment bytes;
  private final ModelConfig config;
  private final Map<String, Long> offsets = new HashMap<>();

  private Llama2cFile(Path file, Arena arena, MemorySegment bytes) {
    this.file = file;
    this.arena = arena;
    this.bytes = bytes;
    this.config = readConfig();
    long end = layOut();
    if (end != bytes.byteSize()) {
      throw new CheckpointFormatException(
          file
              + ": "
              + bytes.byteSize()
              + " bytes, but a model of its sizes takes "
              + end
              + "; truncated, or no llama2.c model");
    }
  }

  /**
   * Maps a file and checks its sizes.
   *
   * @throws CheckpointFormatException if it is no llama2.c model
   */
  static Llama2cFile open(Path file) throws IOException {
    Arena arena = Arena.ofShared();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      if (channel.size() < HEADER_BYTES) {
        throw new CheckpointFormatException(
            file + ": " + channel.size() + " bytes are too few for a llama2.c model");
      }
      MemorySegment bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
      return new Llama2cFile(file, arena, bytes);
    } catch (IOException | RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  private ModelConfig readConfig() {
    if (header(0) == LATER_FORMAT) {
      throw new CheckpointFormatException(
          file
              + " is in a later format of llama2.c; only its first is read: export it as version"
              + " 0");
    }
    int hidden = header(0);
    int heads = header(3);
    try {
      if (heads < 1 || hidden % heads != 0) {
        throw new IllegalArgumentException(heads + " heads do not divide the width " + hidden);
      }
      ModelConfig tied =
          ModelConfig.llama(
              Math.abs(header(5)), header(6), hidden, header(2), heads, header(4), header(1));
      return header(5) > 0 ? tied.withTiedEmbeddings(true) : tied;
    } catch (IllegalArgumentException e) {
      throw new CheckpointFormatException(file + " is no llama2.c model: " + e.getMessage(), e);
    }
  }

  private int header(int index) {
    return bytes.getAtIndex(INT, index);
  }

  ModelConfig config() {
    return config;
  }

  /** Notes where each of our parameters' parts begin; returns the end of the file. */
  private long layOut() {
    long hidden = config.hiddenSize();
    long queries = (long) config.heads() * config.headDim();
    long keys = (long) config.kvHeads() * config.headDim();
    long mlp = config.mlpSize();
    long at = HEADER_BYTES;
    at = place(at, "embedding.tokens", config.vocabularySize() * hidden);
    at = placeLayers(at, "attention.norm.weight", hidden);
    at = placeLayers(at, "q", queries * hidden);
    at = placeLayers(at, "k", keys * hidden);
    at = placeLayers(at, "v", keys * hidden);
    at = placeLayers(at, "attention.output.weight", hidden * queries);
    at = placeLayers(at, "mlp.norm.weight", hidden);
    at = placeLayers(at, "gate", mlp * hidden);
    at = placeLayers(at, "mlp.down.weight", hidden * mlp);
    at = placeLayers(at, "up", mlp * hidden);
    at = place(at, "norm.weight", hidden);
    at += (long) config.contextLength() * config.headDim() * Float.BYTES; // cosines and sines
    return config.tiedEmbeddings()
        ? at
        : place(at, "head.weight", config.vocabularySize() * hidden);
  }

  private long placeLayers(long at, String name, long elements) {
    long end = at;
    for (int i = 0; i < config.layers(); i++) {
      end = place(end, "layers." + i + "." + name, elements);
    }
    return end;
  }

  private long place(long at, String name, long elements) {
    offsets.put(name, at);
    return at + elements * Float.BYTES;
  }

  /** Our parameters, each put together when it is asked for. */
  ParameterSource parameters() {
    return (name, shape) -> {
      long elements = shape.length == 2 ? shape[0] * shape[1] : shape[0];
      MemorySegment whole = Arena.ofAuto().allocate(elements * Float.BYTES, Float.BYTES);
      if (name.endsWith("attention.qkv.weight")) {
        String layer = name.substring(0, name.indexOf("attention"));
        long queries = (long) config.heads() * config.headDim();
        long keys = (long) config.kvHeads() * config.headDim();
        copyHalves(layer + "q", config.heads(), rows(whole, 0, queries));
        copyHalves(layer + "k", config.kvHeads(), rows(whole, queries, keys));
        copy(layer + "v", rows(whole, queries + keys, keys));
      } else if (name.endsWith("mlp.up.weight")) {
        String layer = name.substring(0, name.indexOf("mlp"));
        copy(layer + "gate", rows(whole, 0, config.mlpSize()));
        copy(layer + "up", rows(whole, config.mlpSize(), config.mlpSize()));
      } else {
        copy(name, whole);
      }
      return whole;
    };
  }

  private MemorySegment rows(MemorySegment whole, long from, long count) {
    long rowBytes = (long) config.hiddenSize() * Float.BYTES;
    return whole.asSlice(from * rowBytes, count * rowBytes);
  }

  private void copy(String name, MemorySegment to) {
    to.copyFrom(bytes.asSlice(offsets.get(name), to.byteSize()));
  }

  /** Of each head, even rows become its first half, odd rows its second. */
  private void copyHalves(String name, int heads, MemorySegment to) {
    long rowBytes = (long) config.hiddenSize() * Float.BYTES;
    int dim = config.headDim();
    for (int head = 0; head < heads; head++) {
      for (int row = 0; row < dim; row++) {
        long from = (long) head * dim + row;
        long target = (long) head * dim + row / 2 + (row % 2) * (dim / 2);
        MemorySegment.copy(
            bytes, offsets.get(name) + from * rowBytes, to, target * rowBytes, rowBytes);
      }
    }
  }

  @Override
  public void close() {
    arena.close();
  }
}
