package dev.culebra.cli;

import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Prints a completion script. */
@Command(
    name = "completion",
    description = {
      "Prints a script that completes commands and options in bash and zsh.",
      "Use it with: source <(culebra completion)"
    })
final class CompletionCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    CommandLine culebra = spec.commandLine().getParent();
    spec.commandLine().getOut().print(AutoComplete.bash(culebra.getCommandName(), culebra));
    spec.commandLine().getOut().flush();
  }
}
