package dev.culebra.runtime.cpu;

import dev.culebra.runtime.DType;
import dev.culebra.runtime.Tensor;
import dev.culebra.runtime.TensorChecks;

/** Table look-ups and their gradient. */
final class Embeddings {
  private final CpuStream stream;

  Embeddings(CpuStream stream) {
    this.stream = stream;
  }

  void embedding(Tensor tokens, Tensor table, Tensor positions, Tensor positionTable, Tensor out) {
    TensorChecks.present("embedding", "tokens", tokens);
    TensorChecks.present("embedding", "table", table);
    long rows = tokens.elements();
    int columns = Math.toIntExact(table.columns());
    DType dtype = table.dtype();
    TensorChecks.vector("embedding", "tokens", tokens, rows, DType.I32);
    TensorChecks.dtype("embedding", "table", table, DType.F32, DType.BF16);
    TensorChecks.matrix("embedding", "out", out, rows, columns, dtype);
    TensorChecks.require(
        "embedding",
        (positions == null) == (positionTable == null),
        "positions and positionTable go together");
    if (positions != null) {
      TensorChecks.vector("embedding", "positions", positions, rows, DType.I32);
      TensorChecks.matrix(
          "embedding", "positionTable", positionTable, positionTable.rows(), columns, dtype);
    }
    int bytes = dtype.bytes();
    long vocabulary = table.rows();
    long places = positions == null ? 0 : positionTable.rows();
    stream.enqueue(
        out.elements(),
        worker -> {
          long blocks = worker.blocks();
          long end = worker.to(rows);
          for (long row = worker.from(rows); row < end; row++) {
            long source =
                table.rowAddress(Moves.index("embedding", "token", tokens, row, vocabulary));
            long target = out.rowAddress(row);
            if (positions == null) {
              Moves.copy(source, target, (long) columns * bytes);
            } else {
              int position = Moves.index("embedding", "position", positions, row, places);
              long place = positionTable.rowAddress(position);
              for (int i = 0; i < columns; i += Spans.LONGEST) {
                long at = (long) i * bytes;
                int length = Math.min(Spans.LONGEST, columns - i);
                Moves.add(source + at, place + at, target + at, length, bytes, blocks);
              }
            }
          }
        });
  }

  /**
   * Each worker has some columns of all rows, so that nobody else writes where it adds, and adds
   * the rows in their order whatever the number of workers.
   */
  void embeddingBackward(Tensor indices, Tensor dout, Tensor dtable) {
    TensorChecks.present("embeddingBackward", "indices", indices);
    TensorChecks.present("embeddingBackward", "dtable", dtable);
    long rows = indices.elements();
    long columns = dtable.columns();
    TensorChecks.vector("embeddingBackward", "indices", indices, rows, DType.I32);
    TensorChecks.matrix("embeddingBackward", "dout", dout, rows, columns, DType.F32, DType.BF16);
    TensorChecks.dtype("embeddingBackward", "dtable", dtable, DType.F32);
    long limit = dtable.rows();
    int bytes = dout.dtype().bytes();
    stream.enqueue(
        dout.elements(),
        worker -> {
          long from = worker.from(columns, Lanes.LENGTH);
          int length = Math.toIntExact(worker.to(columns, Lanes.LENGTH) - from);
          long block = worker.scratch(TileRows.padded(length) * (long) Float.BYTES);
          for (long row = 0; row < rows; row++) {
            int index = Moves.index("embeddingBackward", "index", indices, row, limit);
            long source = Blocks.read(Spans.address(dout, row, from), bytes, block, length);
            long target = Spans.address(dtable, index, from);
            Moves.add(target, source, target, length);
          }
        });
  }
}
