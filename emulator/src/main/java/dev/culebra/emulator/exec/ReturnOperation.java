package dev.culebra.emulator.exec;

/** {@code ret} of a function (PTX ISA 9.7.12.6): lanes go on in their caller. */
final class ReturnOperation extends ControlOperation {
  @Override
  boolean step(Warp warp, Strand strand) {
    Frame frame = strand.frame;
    frame.call.giveResults(warp, frame, strand.mask);
    strand.frame = frame.caller;
    strand.pc = frame.callIndex + 1;
    warp.leave(frame, strand.mask);
    return false;
  }
}
