package dev.culebra.model.generation;

import dev.culebra.model.ModelConfig;
import dev.culebra.runtime.Allocator;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.KeyValueCache;
import dev.culebra.runtime.Tensor;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Keys and values of all layers for a fixed number of sequences, one page each: the page of
 * sequence s is page s. All layers share one block table.
 *
 * @param layers a cache for each layer
 * @param blockTable I32 {@code [sequences, 1]}
 */
record DecoderCache(List<KeyValueCache> layers, Tensor blockTable) {
  static DecoderCache allocate(
      Allocator allocator, ModelConfig config, int sequences, int length, DType dtype) {
    Tensor blockTable = allocator.allocate(DType.I32, sequences, 1);
    long rows = (long) sequences * length;
    long columns = (long) config.kvHeads() * config.headDim();
    List<KeyValueCache> layers =
        IntStream.range(0, config.layers())
            .mapToObj(
                i ->
                    new KeyValueCache(
                        allocator.allocate(dtype, rows, columns),
                        allocator.allocate(dtype, rows, columns),
                        blockTable,
                        length))
            .toList();
    return new DecoderCache(layers, blockTable);
  }

  /** Gives each sequence its page. */
  void assignPages() {
    int[] pages = IntStream.range(0, (int) blockTable.rows()).toArray();
    blockTable.device().write(blockTable, pages);
  }
}
