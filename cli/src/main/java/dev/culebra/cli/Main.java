package dev.culebra.cli;

import java.io.PrintWriter;
import picocli.CommandLine;

/** The {@code culebra} program. */
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  /** What one run of the program does, writing to streams that a test can read. */
  static int run(PrintWriter out, PrintWriter err, String... args) {
    return commandLine().setOut(out).setErr(err).execute(args);
  }

  static CommandLine commandLine() {
    CommandLine commandLine = new CommandLine(new CulebraCommand());
    commandLine.setCaseInsensitiveEnumValuesAllowed(true);
    commandLine.setParameterExceptionHandler(Errors::usage);
    commandLine.setExecutionExceptionHandler(Errors::failure);
    return commandLine;
  }
}
