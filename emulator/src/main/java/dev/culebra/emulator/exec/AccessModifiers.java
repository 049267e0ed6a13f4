package dev.culebra.emulator.exec;

import dev.culebra.emulator.ptx.StateSpace;

/** Modifiers that accesses of memory have in common (PTX ISA 9.7.9.1 to 9.7.9.3). */
final class AccessModifiers {
  private static final String[] HINTS = {
    "L1::evict_normal",
    "L1::evict_unchanged",
    "L1::evict_first",
    "L1::evict_last",
    "L1::no_allocate",
    "L2::evict_normal",
    "L2::evict_first",
    "L2::evict_last",
    "L2::64B",
    "L2::128B",
    "L2::256B"
  };

  private AccessModifiers() {}

  /** Takes off what only makes an access faster or slower. */
  static void takeHints(Modifiers modifiers) {
    while (modifiers.takeOneOf(HINTS) != null) {
      // There may be one for each cache.
    }
  }

  /** Takes off the state space; null for generic addresses. */
  static StateSpace takeSpace(Modifiers modifiers) {
    String name =
        modifiers.takeOneOf(
            "global",
            "shared",
            "shared::cta",
            "shared::cluster",
            "local",
            "const",
            "param",
            "param::entry",
            "param::func");
    if (name == null) {
      return null;
    }
    return switch (name) {
      case "global" -> StateSpace.GLOBAL;
      case "local" -> StateSpace.LOCAL;
      case "const" -> StateSpace.CONST;
      case "param", "param::entry", "param::func" -> StateSpace.PARAM;
      default -> StateSpace.SHARED;
    };
  }

  /** Takes off order and scope of an access that is weak by default. */
  static MemoryOrder takeOrder(Modifiers modifiers) {
    boolean mmio = modifiers.take("mmio");
    String name = modifiers.takeOneOf("weak", "volatile", "relaxed", "acquire", "release");
    MemoryOrder order =
        switch (name) {
          case null -> MemoryOrder.WEAK;
          case "weak" -> MemoryOrder.WEAK;
          case "acquire" -> MemoryOrder.ACQUIRE;
          case "release" -> MemoryOrder.RELEASE;
          default -> MemoryOrder.RELAXED;
        };
    boolean scoped = order != MemoryOrder.WEAK && !"volatile".equals(name);
    if (mmio && !"relaxed".equals(name) || takeScope(modifiers) != scoped) {
      throw modifiers.unsupported();
    }
    return order;
  }

  /** Takes off a scope; false where there is none. */
  static boolean takeScope(Modifiers modifiers) {
    return modifiers.takeOneOf("cta", "cluster", "gpu", "sys") != null;
  }

  /** Takes off the number of elements of a vector; 1 without. */
  static int takeVector(Modifiers modifiers) {
    String vector = modifiers.takeOneOf("v2", "v4", "v8");
    return vector == null ? 1 : Integer.parseInt(vector.substring(1));
  }
}
