package dev.culebra.cli;

import java.io.Console;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Progress bars on the error stream of a terminal; nothing where there is none. */
public final class Progress {
  private static final int UPDATE_MILLISECONDS = 200;
  private static final int PLAIN_WIDTH = 120;

  private Progress() {}

  /** Whether people are watching. */
  public static boolean isTerminal() {
    Console console = System.console();
    return console != null && console.isTerminal();
  }

  /** A bar of bytes, in MiB. */
  static ProgressBar bytes(String task, long bytes) {
    return bar(task, bytes).setUnit(" MiB", 1 << 20).build();
  }

  /** A bar of tokens, say. */
  static ProgressBar count(String task, long count) {
    return bar(task, count).build();
  }

  /** A bar of training steps. */
  public static ProgressBar steps(String task, long steps, long done) {
    return bar(task, steps).startsFrom(done, java.time.Duration.ZERO).build();
  }

  private static ProgressBarBuilder bar(String task, long maximum) {
    ProgressBarBuilder builder =
        ProgressBar.builder()
            .setTaskName(task)
            .setInitialMax(maximum)
            .setStyle(ProgressBarStyle.ASCII)
            .setUpdateIntervalMillis(UPDATE_MILLISECONDS);
    if (!isTerminal()) {
      builder.setConsumer(new Silent());
    }
    return builder;
  }

  /** Takes a bar's lines and shows none. */
  private static final class Silent implements me.tongfei.progressbar.ProgressBarConsumer {
    @Override
    public int getMaxRenderedLength() {
      return PLAIN_WIDTH;
    }

    @Override
    public void accept(String line) {}

    @Override
    public void close() {}
  }
}
