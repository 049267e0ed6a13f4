package dev.culebra.emulator.exec;

import dev.culebra.emulator.check.Finding;

/** Ends a launch. */
final class KernelFaultException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final KernelFault fault;
  private final transient Finding finding;

  KernelFaultException(KernelFault fault, Finding finding) {
    super(finding.toString(), null, false, false);
    this.fault = fault;
    this.finding = finding;
  }

  KernelFault fault() {
    return fault;
  }

  Finding finding() {
    return finding;
  }
}
