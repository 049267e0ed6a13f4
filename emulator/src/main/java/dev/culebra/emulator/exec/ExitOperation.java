package dev.culebra.emulator.exec;

/** {@code exit}, and {@code ret} of a kernel (PTX ISA 9.7.12.6 and 9.7.12.7): threads end. */
final class ExitOperation extends ControlOperation {
  @Override
  boolean step(Warp warp, Strand strand) {
    warp.exit(strand);
    return false;
  }
}
