package dev.culebra.cli;

import dev.culebra.runtime.OutOfDeviceMemoryException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import picocli.CommandLine;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** What the user sees when something goes wrong: one line, with the stack only if asked for. */
final class Errors {
  private Errors() {}

  /** Wrong arguments: exit code 2. */
  static int usage(ParameterException failure, String[] args) {
    CommandLine command = failure.getCommandLine();
    command.getErr().println("culebra: " + oneLine(failure.getMessage()));
    UnmatchedArgumentException.printSuggestions(failure, command.getErr());
    command
        .getErr()
        .println("Try '" + command.getCommandSpec().qualifiedName() + " --help' for help.");
    return CommandLine.ExitCode.USAGE;
  }

  /** Anything else: exit code 1. */
  static int failure(Throwable failure, CommandLine command) {
    // Picocli wraps what a command that is a method throws.
    Throwable cause =
        failure instanceof ExecutionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    command.getErr().println("culebra: " + describe(cause));
    if (verbose(command)) {
      cause.printStackTrace(command.getErr());
    }
    return CommandLine.ExitCode.SOFTWARE;
  }

  private static boolean verbose(CommandLine command) {
    CommandLine top = command;
    while (top.getParent() != null) {
      top = top.getParent();
    }
    return ((CulebraCommand) top.getCommandSpec().userObject()).verbose();
  }

  /** The message for people; those of the file system are only a path until the kind is added. */
  static String describe(Throwable failure) {
    String message = failure.getMessage();
    if (failure instanceof OutOfMemoryError) {
      return "Java's memory is too small (%d MiB; %s); CULEBRA_JAVA_OPTS=-Xmx8g gives it more"
          .formatted(Runtime.getRuntime().maxMemory() >> 20, message);
    }
    if (failure instanceof OutOfDeviceMemoryException) {
      return oneLine(message)
          + "; a smaller batch, a shorter length or (in training) --recompute needs less";
    }
    if ((message == null || message.isBlank()) && failure.getCause() != null) {
      return describe(failure.getCause());
    }
    if (message == null || message.isBlank()) {
      return failure.getClass().getSimpleName() + " (--verbose shows where)";
    }
    if (failure instanceof FileSystemException file && file.getReason() == null) {
      return switch (file) {
        case NoSuchFileException _ -> message + ": no such file or folder";
        case AccessDeniedException _ -> message + ": permission denied";
        case NotDirectoryException _ -> message + ": not a folder";
        default -> message + ": " + file.getClass().getSimpleName();
      };
    }
    return oneLine(message);
  }

  private static String oneLine(String message) {
    return message.strip().replaceAll("\\s*\\R\\s*", " ");
  }
}
