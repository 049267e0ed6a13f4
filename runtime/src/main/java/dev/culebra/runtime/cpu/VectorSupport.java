package dev.culebra.runtime.cpu;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import jdk.incubator.vector.FloatVector;

/**
 * Whether this JVM turns Vector API code into vector instructions. Where it does not, everything
 * still computes the same numbers, tens to hundreds of times slower: nobody should have to guess.
 */
public final class VectorSupport {
  private static final String MODULE = "jdk.incubator.vector";

  private static boolean warned;

  private VectorSupport() {}

  /**
   * Makes sure that the vector module is there, and warns once a JVM, in one line on the standard
   * error stream, where its code would be slow.
   *
   * @throws IllegalStateException when the module is missing; the message says which flag adds it
   */
  static synchronized void check() {
    if (ModuleLayer.boot().findModule(MODULE).isEmpty()) {
      throw new IllegalStateException(
          "the CPU device needs the Vector API: start java with --add-modules " + MODULE);
    }
    String problem = problem();
    if (problem != null && !warned) {
      warned = true;
      System.err.println("WARNING: the CPU device will be very slow: " + problem);
    }
  }

  /** Why vector code is slow or impossible on this JVM, and what to change; null when it is not. */
  public static String problem() {
    if (ModuleLayer.boot().findModule(MODULE).isEmpty()) {
      return "the Vector API is missing: start java with --add-modules " + MODULE;
    }
    if (System.getProperty("java.vm.info", "").contains("interpreted mode")
        || option("UseCompiler", "true").equals("false")) {
      return "this JVM only interprets: remove -Xint (or add -XX:+UseCompiler)";
    }
    if (option("UseJVMCICompiler", "false").equals("true")) {
      return "the Graal compiler does not compile the Vector API: add -XX:-UseJVMCICompiler";
    }
    if (!option("TieredStopAtLevel", "4").equals("4")) {
      return "the C2 compiler is off: remove -XX:TieredStopAtLevel or -client, its value must be 4";
    }
    if (option("EnableVectorSupport", "true").equals("false")) {
      return "vector support is off: add -XX:+UnlockExperimentalVMOptions -XX:+EnableVectorSupport";
    }
    return null;
  }

  /** Width of a vector in bits. Only where the vector module is there. */
  public static int bits() {
    return FloatVector.SPECIES_PREFERRED.vectorBitSize();
  }

  /** A flag's value, or what is assumed where this JVM has no such flag. */
  private static String option(String name, String assumed) {
    HotSpotDiagnosticMXBean flags =
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
    if (flags == null) {
      return assumed;
    }
    try {
      return flags.getVMOption(name).getValue();
    } catch (IllegalArgumentException noSuchFlag) {
      return assumed;
    }
  }
}
