package dev.culebra.model.training;

import java.lang.foreign.MemorySegment;

/** Where training and evaluation get their tokens from, in an order that a seed fixes. */
public interface BatchSource {
  /**
   * Where in the data a run stands; part of the checkpoint.
   *
   * @param epoch passes over the data done
   * @param sequence sequences of this epoch done
   */
  record DataPosition(long epoch, long sequence) {
    public static final DataPosition START = new DataPosition(0, 0);
  }

  /**
   * Writes the next batch and moves on.
   *
   * @param batch B
   * @param length T
   * @param tokens I32 {@code [B, T]}
   * @param targets I32 {@code [B, T]}: the token after each, or -1 where there is none to predict
   * @param documents I32 {@code [B, T]}: a number for each document of a row, or null when not
   *     wanted
   */
  void next(
      int batch, int length, MemorySegment tokens, MemorySegment targets, MemorySegment documents);

  DataPosition position();

  void seek(DataPosition position);

  /**
   * Which tokens these are, and in which order, in words: never the same for two sources that give
   * different batches from one position on. Part of the checkpoint, so that a run does not go on
   * with other data.
   */
  String identity();
}
