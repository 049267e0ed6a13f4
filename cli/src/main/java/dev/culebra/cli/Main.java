package dev.culebra.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;

/** The {@code culebra} program. */
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    System.exit(run(standard(FileDescriptor.out), standard(FileDescriptor.err), args));
  }

  /** What one run of the program does, writing to streams that a test can read. */
  static int run(PrintWriter out, PrintWriter err, String... args) {
    try {
      return commandLine().setOut(out).setErr(err).execute(args);
    } catch (OutOfMemoryError e) {
      err.println("culebra: " + Errors.describe(e));
      err.flush();
      return CommandLine.ExitCode.SOFTWARE;
    }
  }

  /** UTF-8 whatever the locale says: what a model writes may be in any script. */
  private static PrintWriter standard(FileDescriptor stream) {
    return new PrintWriter(
        new OutputStreamWriter(new FileOutputStream(stream), StandardCharsets.UTF_8), true);
  }

  static CommandLine commandLine() {
    CommandLine commandLine = new CommandLine(new CulebraCommand());
    commandLine.setCaseInsensitiveEnumValuesAllowed(true);
    commandLine.setParameterExceptionHandler(Errors::usage);
    commandLine.setExecutionExceptionHandler(Errors::failure);
    return commandLine;
  }
}
