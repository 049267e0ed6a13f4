package dev.culebra.emulator.exec;

/** Lanes that called the same function from the same place one after the other, come together. */
final class FrameMerge {
  private FrameMerge() {}

  /**
   * Moves lanes from a frame to another of the same code.
   *
   * @return false where their callers differ: then they stay apart
   */
  static boolean merge(Frame into, Frame from, int lanes) {
    if (into == from) {
      return true;
    }
    if (!mergeable(into, from)) {
      return false;
    }
    for (Frame target = into, source = from; target != source; ) {
      source.code.copyLanes(source, target, lanes);
      target.lanes |= lanes;
      source.lanes &= ~lanes;
      target = target.caller;
      source = source.caller;
    }
    return true;
  }

  private static boolean mergeable(Frame into, Frame from) {
    Frame target = into;
    Frame source = from;
    while (target != source) {
      if (target == null
          || source == null
          || target.code != source.code
          || target.callIndex != source.callIndex
          || target.localBase != source.localBase) {
        return false;
      }
      target = target.caller;
      source = source.caller;
    }
    return true;
  }
}
