package dev.culebra.emulator.exec;

/** Why a kernel did not run to its end. */
public enum KernelFault {
  ILLEGAL_ADDRESS,
  MISALIGNED_ADDRESS,
  /** An access of a kind that the space it lies in does not know. */
  INVALID_ADDRESS_SPACE,
  ILLEGAL_INSTRUCTION,
  /** A call to what is no function. */
  INVALID_PC,
  ASSERT,
  TRAP,
  /** All wait, and none can go on. */
  DEADLOCK,
  /** More instructions than {@link ExecutionOptions#instructionBudget} allows. */
  TIMEOUT,
  /** A checker found something. */
  CHECKER
}
