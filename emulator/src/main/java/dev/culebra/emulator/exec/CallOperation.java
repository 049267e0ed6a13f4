package dev.culebra.emulator.exec;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** {@code call} of a function of the module (PTX ISA 9.7.12.5), by name or by address. */
final class CallOperation extends ControlOperation {
  private static final int DEEPEST = 1 << 14;

  /** How one callee gets its arguments and gives its results. */
  private record Binding(List<Transfer> arguments, List<Transfer> results) {}

  private final FunctionReference target;
  private final int addressSlot;
  private final List<Argument> arguments;
  private final List<Argument> results;
  private final Site site;
  private final Map<Code, Binding> bindings = new IdentityHashMap<>();

  /**
   * @param target null where a register chooses
   * @param addressSlot of that register
   * @param arguments of the caller
   * @param results where the caller wants them
   */
  CallOperation(
      FunctionReference target,
      int addressSlot,
      List<Argument> arguments,
      List<Argument> results,
      Site site) {
    this.target = target;
    this.addressSlot = addressSlot;
    this.arguments = arguments;
    this.results = results;
    this.site = site;
  }

  /** The function that is called; null where that is known only when it runs. */
  FunctionReference target() {
    return target;
  }

  @Override
  boolean step(Warp warp, Strand strand) {
    Code callee = target != null ? target.code() : calleeOfFirst(warp, strand);
    Frame caller = strand.frame;
    long localBase = caller.localBase + caller.code.localBytes();
    if (caller.depth >= DEEPEST
        || localBase + callee.localBytes() > warp.block.localBytesPerLane()) {
      throw warp.fault(
          KernelFault.ILLEGAL_ADDRESS,
          site,
          Integer.numberOfTrailingZeros(strand.mask),
          "stack overflow: call number " + (caller.depth + 1) + " within calls");
    }
    Frame frame = warp.frame(callee);
    frame.caller = caller;
    frame.call = this;
    frame.callIndex = strand.pc;
    frame.depth = caller.depth + 1;
    frame.localBase = localBase;
    frame.lanes = strand.mask;
    callee.place(frame);
    for (Transfer transfer : binding(callee).arguments) {
      transfer.apply(warp, caller, frame, strand.mask);
    }
    strand.frame = frame;
    strand.pc = 0;
    return false;
  }

  /** Lanes that call another function than the first do so later. */
  private Code calleeOfFirst(Warp warp, Strand strand) {
    long[] addresses = warp.longs[addressSlot];
    int first = Integer.numberOfTrailingZeros(strand.mask);
    int others = 0;
    for (int left = strand.mask; left != 0; left &= left - 1) {
      int lane = Integer.numberOfTrailingZeros(left);
      if (addresses[lane] != addresses[first]) {
        others |= 1 << lane;
      }
    }
    if (others != 0) {
      warp.diverged();
      warp.split(strand, others, strand.pc).resumes = true;
    }
    Kernel kernel = warp.block.grid().kernel();
    var function = kernel.program().functionAt(addresses[first]);
    if (function == null || function.entry() || function.body() == null) {
      throw warp.fault(
          KernelFault.INVALID_PC,
          site,
          first,
          "call of 0x" + Long.toHexString(addresses[first]) + ", which is no function's address");
    }
    return kernel.reference(function).code();
  }

  private synchronized Binding binding(Code callee) {
    return bindings.computeIfAbsent(
        callee,
        code ->
            new Binding(
                Transfer.between(arguments, code.parameters(), site),
                Transfer.between(code.results(), results, site)));
  }

  /** Hands the results of a callee's lanes to its caller. */
  void giveResults(Warp warp, Frame callee, int lanes) {
    for (Transfer transfer : binding(callee.code).results) {
      transfer.apply(warp, callee, callee.caller, lanes);
    }
  }
}
