package dev.culebra.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The program itself: every command is one class, listed here. */
@Command(
    name = "culebra",
    description = {
      "Trains GPT language models and generates text with them.",
      "Beside the commands below, the launcher has 'test', which runs all tests, and 'bench', which"
          + " measures."
    },
    subcommands = {
      QuickstartCommand.class,
      TrainCommand.class,
      GenerateCommand.class,
      EvalCommand.class,
      TokenizerCommand.class,
      ImportCommand.class,
      ExportCommand.class,
      DoctorCommand.class,
      EmulateCommand.class,
      CompletionCommand.class
    },
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    versionProvider = Version.class,
    usageHelpAutoWidth = true,
    sortOptions = false,
    synopsisSubcommandLabel = "COMMAND",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done", "1:failed; one line says why", "2:wrong arguments"})
final class CulebraCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "Show where in the program an error arose.")
  private boolean verbose;

  boolean verbose() {
    return verbose;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "name a command");
  }
}
