package dev.culebra.cli;

import dev.culebra.data.Corpus;
import java.io.IOException;
import java.io.OutputStream;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/** What a good general compressor makes of a text: a yardstick for bits per byte. */
final class XzReference {
  /** {@code -9}. */
  private static final int PRESET = 9;

  /** What {@code -e} changes of it: longer matches, searched for more deeply. */
  private static final int NICE_LENGTH = LZMA2Options.NICE_LEN_MAX;

  private static final int DEPTH = 512;

  private XzReference() {}

  /** Bits of {@code xz -9e} for each byte of the text. */
  static double bitsPerByte(Corpus corpus) throws IOException {
    LZMA2Options options = new LZMA2Options(PRESET);
    // A window beyond the text finds nothing more, and takes ten times its size in memory.
    options.setDictSize(
        Math.clamp(corpus.bytes(), LZMA2Options.DICT_SIZE_MIN, options.getDictSize()));
    options.setNiceLen(NICE_LENGTH);
    options.setDepthLimit(DEPTH);
    Count count = new Count();
    long[] bytes = {0};
    try (XZOutputStream xz = new XZOutputStream(count, options)) {
      corpus.read(
          chunk -> {
            xz.write(chunk.text());
            bytes[0] += chunk.text().length;
          });
    }
    return 8.0 * count.bytes / bytes[0];
  }

  /** Counts what is written. */
  private static final class Count extends OutputStream {
    private long bytes;

    @Override
    public void write(int value) {
      bytes++;
    }

    @Override
    public void write(byte[] buffer, int from, int length) {
      bytes += length;
    }
  }
}
