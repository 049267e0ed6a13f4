package dev.culebra.emulator.driver;

/** {@code CUgraphNodeType}, in the order of its numbers. */
enum NodeType {
  KERNEL,
  MEMCPY,
  MEMSET,
  HOST,
  GRAPH,
  EMPTY,
  WAIT_EVENT,
  EVENT_RECORD,
  EXT_SEMAS_SIGNAL,
  EXT_SEMAS_WAIT,
  MEM_ALLOC,
  MEM_FREE,
  BATCH_MEM_OP,
  CONDITIONAL;

  int code() {
    return ordinal();
  }

  /** The type of that number; null where there is none. */
  static NodeType of(int code) {
    return code >= 0 && code < values().length ? values()[code] : null;
  }
}
