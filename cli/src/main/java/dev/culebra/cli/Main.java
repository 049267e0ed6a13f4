package dev.culebra.cli;

import java.io.FileDescriptor;
import java.io.PrintWriter;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.TypeConversionException;

/** The {@code culebra} program. */
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    StandardStream stream = new StandardStream(FileDescriptor.out);
    PrintWriter out = stream.writer();
    PrintWriter err = new StandardStream(FileDescriptor.err).writer();
    int status = run(out, err, args);
    out.flush();
    if (status == CommandLine.ExitCode.OK && stream.failure() != null) {
      err.println("culebra: the output can't be written: " + stream.failure());
      status = CommandLine.ExitCode.SOFTWARE;
    }
    System.exit(status);
  }

  /** What one run of the program does, writing to streams that a test can read. */
  static int run(PrintWriter out, PrintWriter err, String... args) {
    CommandLine commandLine = commandLine().setOut(out).setErr(err);
    try {
      return commandLine.execute(args);
    } catch (Error e) {
      return Errors.failure(e, commandLine);
    }
  }

  static CommandLine commandLine() {
    CommandLine commandLine = new CommandLine(new CulebraCommand());
    commandLine.setCaseInsensitiveEnumValuesAllowed(true);
    commandLine.registerConverter(Path.class, Main::path);
    commandLine.setParameterExceptionHandler(Errors::usage);
    commandLine.setExecutionExceptionHandler(
        (failure, command, _) -> Errors.failure(failure, command));
    return commandLine;
  }

  /** An empty name, of an unset shell variable perhaps, would mean the folder that one is in. */
  private static Path path(String name) {
    if (name.isBlank()) {
      throw new TypeConversionException("an empty name is no file or folder");
    }
    return Path.of(name);
  }
}
