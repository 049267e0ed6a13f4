package dev.culebra.cli;

import dev.culebra.runtime.Device;
import dev.culebra.runtime.Devices;
import dev.culebra.runtime.LibraryReport;
import dev.culebra.runtime.cpu.VectorSupport;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Says what was found on this machine and how fast it is. */
@Command(
    name = "doctor",
    description = {
      "Shows what Culebra finds on this machine (Java, libraries, devices) and measures its speed.",
      "Takes a few seconds. Exit code 0 when the device works."
    })
final class DoctorCommand implements Callable<Integer> {
  private static final double GIB = 1L << 30;

  @Spec private CommandSpec spec;
  @Mixin private DeviceOptions device;

  @Override
  public Integer call() {
    device.check();
    PrintWriter out = spec.commandLine().getOut();
    machine(out);
    libraries(out);
    return devices(out) ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
  }

  private static void machine(PrintWriter out) {
    line(out, "Culebra", Version.culebra());
    line(out, "Java", Runtime.version() + ", " + System.getProperty("java.vm.vendor"));
    line(out, "system", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    line(out, "cores", Runtime.getRuntime().availableProcessors() + " usable");
    line(out, "vectors", vectors());
    line(out, "memory", memory());
    line(out, "cache", LibraryReport.cacheFolder().toString());
  }

  private static String vectors() {
    String problem = VectorSupport.problem();
    return problem == null ? VectorSupport.bits() + " bits, compiled by C2" : "SLOW: " + problem;
  }

  private static String memory() {
    var system =
        ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class);
    return String.format(
        "%.1f GiB, %.1f GiB of it free; Java heap at most %.1f GiB",
        system.getTotalMemorySize() / GIB,
        system.getFreeMemorySize() / GIB,
        Runtime.getRuntime().maxMemory() / GIB);
  }

  private static void libraries(PrintWriter out) {
    out.println();
    out.println("Libraries");
    for (LibraryReport library : LibraryReport.all()) {
      line(out, "  " + library.name(), (library.found() ? "" : "no: ") + library.text());
    }
  }

  private boolean devices(PrintWriter out) {
    out.println();
    out.println("Devices");
    if (!Devices.isCudaAvailable()) {
      line(out, "  cuda", "no: " + Devices.reasonForAuto());
    }
    try (Device opened = device.open()) {
      line(out, "  " + opened.name(), opened.description());
      out.println();
      out.println("Speed of " + opened.name());
      out.flush();
      for (SpeedCheck check : SpeedCheck.values()) {
        line(out, "  " + check.title(), check.measure(opened));
        out.flush();
      }
      return true;
    } catch (RuntimeException failure) {
      line(out, "  failed", Errors.describe(failure));
      out.flush();
      return false;
    }
  }

  private static void line(PrintWriter out, String name, String text) {
    out.printf("%-22s %s%n", name, text);
  }
}
