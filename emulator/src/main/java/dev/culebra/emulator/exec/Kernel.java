package dev.culebra.emulator.exec;

import dev.culebra.emulator.ptx.Function;
import java.util.List;

/** An {@code .entry} of a loaded program. */
public final class Kernel {
  private final Program program;
  private final Function function;

  Kernel(Program program, Function function) {
    this.program = program;
    this.function = function;
  }

  public String name() {
    return function.name();
  }

  public Program program() {
    return program;
  }

  /** Where each parameter lies. */
  public List<KernelParameter> parameters() {
    return List.of();
  }

  /** Bytes of all parameters. */
  public int parameterBytes() {
    return 0;
  }

  /** Bytes of the shared variables of fixed size, of this kernel and what it calls. */
  public int staticSharedBytes() {
    return 0;
  }

  /** Bytes of local variables, of this kernel alone. */
  public int localBytes() {
    return 0;
  }

  /** What its launch bounds allow, or 1024. */
  public int maxThreadsPerBlock() {
    return 1024;
  }

  /** An estimate: the most values of 32 bits alive at once, at least 16, at most 255. */
  public int registers() {
    return 32;
  }

  /** Blocks of a cluster that it was compiled for; null without. */
  public Dim3 requiredCluster() {
    return null;
  }

  /** Threads of a block that it was compiled for; null without. */
  public Dim3 requiredBlock() {
    return null;
  }

  /**
   * Looks at all instructions of the kernel and of what it calls.
   *
   * @throws UnsupportedPtxException naming the first that is not emulated
   */
  public void requireSupported() {
    throw new UnsupportedPtxException("nothing is emulated yet");
  }
}
