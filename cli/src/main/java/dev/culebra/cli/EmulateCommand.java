package dev.culebra.cli;

import dev.culebra.emulator.Emulator;
import dev.culebra.emulator.KernelArguments;
import dev.culebra.emulator.check.Checker;
import dev.culebra.emulator.exec.Dim3;
import dev.culebra.emulator.exec.ExecutionOptions;
import dev.culebra.emulator.exec.ExecutionResult;
import dev.culebra.emulator.exec.Kernel;
import dev.culebra.emulator.exec.KernelFault;
import dev.culebra.emulator.exec.Launch;
import dev.culebra.emulator.exec.Program;
import dev.culebra.emulator.exec.Schedule;
import dev.culebra.emulator.profile.DeviceProfile;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs a kernel of a PTX file on an emulated GPU. */
@Command(
    name = "emulate",
    description = {
      "Runs one kernel of a PTX file on an emulated NVIDIA GPU, and reports what hardware does",
      "silently: races, accesses out of bounds, missed barriers, memory that nobody wrote.",
      "Findings go to standard output, a line each that begins with the checker's name; what the",
      "kernel prints goes there too. Files of 'out' and 'inout' are written when the kernel ran to",
      "its end. With --counters json, standard output is one JSON object, findings in it; they go",
      "to standard error too."
    },
    exitCodeList = {
      "0:ran clean",
      "1:a checker found something, or the kernel failed",
      "2:wrong arguments"
    })
final class EmulateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE.ptx", description = "What nvcc -ptx writes.")
  private Path file;

  @Option(
      names = "--kernel",
      paramLabel = "NAME",
      description = "The kernel, as PTX spells it or as C++ does. Default: the file's only one.")
  private String kernel;

  @Option(
      names = "--grid",
      paramLabel = "X[,Y[,Z]]",
      required = true,
      description = "Blocks of the grid.")
  private String grid;

  @Option(
      names = "--block",
      paramLabel = "X[,Y[,Z]]",
      required = true,
      description = "Threads of a block.")
  private String block;

  @Option(
      names = "--shared",
      paramLabel = "BYTES",
      defaultValue = "0",
      description = "Dynamic shared memory of a block. Default: ${DEFAULT-VALUE}.")
  private int shared;

  @Option(names = "--cooperative", description = "Launch so that blocks can wait for one another.")
  private boolean cooperative;

  @Option(
      names = "--arg",
      paramLabel = "ARG",
      description = {
        "One for each parameter, in order: a number (i32:128, u64:0x10, f32:1.5), a structure's",
        "bytes (hex:0a0b), device memory of a size (buf:4096) or filled from a file (in:FILE),",
        "written to a file after the run (out:FILE:BYTES), or both (inout:FILE)."
      })
  private List<String> arguments = new ArrayList<>();

  @Option(
      names = "--profile",
      paramLabel = "GPU",
      defaultValue = "h100",
      description = "h100, a100 or rtx4090. Default: ${DEFAULT-VALUE}.")
  private String profile;

  @Option(
      names = "--schedule",
      paramLabel = "SCHEDULE",
      defaultValue = "fixed",
      description = {
        "fixed: asynchronous copies are done when issued; late: as late as waits allow;",
        "random:SEED: warps, lanes, blocks and copies interleaved at random.",
        "Default: ${DEFAULT-VALUE}."
      })
  private String schedule;

  @Option(
      names = "--check",
      paramLabel = "CHECKER[,CHECKER]",
      defaultValue = "all",
      description = {
        "all, none, or some of memory, initialised, race, barrier, async-copy.",
        "Default: ${DEFAULT-VALUE}."
      })
  private String checks;

  @Option(
      names = "--counters",
      paramLabel = "FORM",
      description = {
        "Count what the kernel does (sectors, bank conflicts, divergence, operations) and print"
            + " it:",
        "table for people, json for programs."
      })
  private Counters counters;

  /** How counters are printed. */
  private enum Counters {
    TABLE,
    JSON
  }

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "0",
      description = "Threads that run blocks; 0 for one a core. Default: ${DEFAULT-VALUE}.")
  private int threads;

  @Override
  public Integer call() throws IOException {
    ExecutionOptions options = options();
    DeviceProfile device = named("--profile", () -> DeviceProfile.byName(profile));
    Dim3 blocks = extent("--grid", grid);
    Dim3 threadsOfBlock = extent("--block", block);
    List<KernelArgument> parsed = new ArrayList<>();
    for (String argument : arguments) {
      parsed.add(usage(() -> KernelArgument.parse(argument)));
    }
    if (!Files.isRegularFile(file)) {
      throw new ParameterException(spec.commandLine(), "no file " + file);
    }
    StringWriter printed = new StringWriter();
    PrintWriter out =
        counters == Counters.JSON ? new PrintWriter(printed) : spec.commandLine().getOut();
    try (Emulator emulator = new Emulator(device, options, printStream(out))) {
      Kernel chosen = choose(emulator.load(file));
      KernelArguments packed = new KernelArguments(chosen);
      for (KernelArgument argument : parsed) {
        usage(
            () -> {
              argument.add(emulator, packed);
              return null;
            });
      }
      byte[] bytes = usage(packed::bytes);
      Launch launch =
          new Launch(chosen, blocks, threadsOfBlock, shared, bytes, cooperative, new Dim3(1));
      ExecutionResult result = usage(() -> emulator.launch(launch));
      out.flush();
      return report(result, chosen, emulator, parsed, printed.toString());
    }
  }

  private int report(
      ExecutionResult result,
      Kernel ran,
      Emulator emulator,
      List<KernelArgument> parsed,
      String printed)
      throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter told = counters == Counters.JSON ? spec.commandLine().getErr() : out;
    result.findings().forEach(told::println);
    told.flush();
    if (counters == Counters.JSON) {
      out.println(CountersJson.of(ran.name(), result, printed));
    } else if (result.counters() != null) {
      out.print(result.counters());
    }
    out.flush();
    boolean ended = result.fault() == null || result.fault() == KernelFault.CHECKER;
    if (ended) {
      for (KernelArgument argument : parsed) {
        argument.save(emulator);
      }
    } else {
      spec.commandLine()
          .getErr()
          .println("culebra: " + ran.name() + " failed: " + describe(result.fault()));
    }
    return result.clean() ? 0 : 1;
  }

  /** "illegal address". */
  static String describe(KernelFault fault) {
    return fault.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  private ExecutionOptions options() {
    if (threads < 0 || shared < 0) {
      throw new ParameterException(spec.commandLine(), "--threads and --shared must be at least 0");
    }
    ExecutionOptions options =
        ExecutionOptions.checked()
            .with(named("--check", this::checkers))
            .with(named("--schedule", () -> Schedule.parse(schedule)))
            .withCounters(counters != null);
    return threads == 0 ? options : options.withWorkers(threads);
  }

  private Set<Checker> checkers() {
    if (List.of(checks.split(",")).contains(Checker.HOST_API.spelling())) {
      throw new IllegalArgumentException("host-api is for programs that call the driver");
    }
    return Checker.parse(checks);
  }

  private Kernel choose(Program program) {
    List<Kernel> kernels = program.kernels();
    List<Kernel> fitting =
        kernel == null
            ? kernels
            : kernels.stream()
                .filter(each -> each.name().equals(kernel) || isMangled(each.name(), kernel))
                .toList();
    if (fitting.size() != 1) {
      String names = kernels.stream().map(Kernel::name).collect(Collectors.joining(", "));
      String wanted = kernel == null ? "--kernel is missing" : "--kernel '" + kernel + "'";
      String found = fitting.isEmpty() ? "is not there" : "is ambiguous";
      throw new ParameterException(
          spec.commandLine(),
          (kernel == null ? wanted : wanted + " " + found) + "; " + file + " has " + names);
    }
    return fitting.getFirst();
  }

  /** Whether a symbol is a C++ function of that plain name, whatever its parameters. */
  private static boolean isMangled(String symbol, String name) {
    return symbol.startsWith("_Z" + name.length() + name);
  }

  private Dim3 extent(String option, String text) {
    try {
      int[] numbers =
          Arrays.stream(text.split(",", -1))
              .map(String::strip)
              .mapToInt(Integer::parseInt)
              .toArray();
      if (numbers.length <= 3 && Arrays.stream(numbers).allMatch(number -> number > 0)) {
        return new Dim3(
            numbers[0], numbers.length > 1 ? numbers[1] : 1, numbers.length > 2 ? numbers[2] : 1);
      }
    } catch (NumberFormatException e) {
      // Told below.
    }
    throw new ParameterException(
        spec.commandLine(), option + " '" + text + "': give X, X,Y or X,Y,Z, each 1 or more");
  }

  /** An option's value, or why it is none. */
  private <T> T named(String option, Supplier<T> value) {
    try {
      return value.get();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), option + ": " + e.getMessage(), e);
    }
  }

  private interface Attempt<T> {
    T get() throws IOException;
  }

  /** What was asked for and can't be is wrong use. */
  private <T> T usage(Attempt<T> attempt) {
    try {
      return attempt.get();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException(Errors.describe(e), e);
    }
  }

  private static PrintStream printStream(PrintWriter out) {
    OutputStream bytes =
        new OutputStream() {
          @Override
          public void write(int value) {
            write(new byte[] {(byte) value}, 0, 1);
          }

          @Override
          public void write(byte[] text, int from, int count) {
            out.write(new String(text, from, count, StandardCharsets.UTF_8));
          }
        };
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }
}
