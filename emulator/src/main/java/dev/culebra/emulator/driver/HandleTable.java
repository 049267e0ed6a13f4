package dev.culebra.emulator.driver;

import java.util.ArrayList;
import java.util.List;

/**
 * What the handles that callers hold stand for. A handle is never given twice, so a freed one is
 * told from one that never was.
 */
final class HandleTable {
  /** No address of the host or the device, so that a handle taken for a pointer is found out. */
  private static final long BASE = 0x00ff_c0de_0000_0000L;

  private static final int STEP = 16;

  private final List<Object> objects = new ArrayList<>();

  /** What stands where an object was. */
  private record Freed(String what) {}

  /** What a handle stands for. */
  interface Resource {
    /** For people: "stream". */
    String what();
  }

  long add(Resource resource) {
    objects.add(resource);
    return BASE + (objects.size() - 1L) * STEP;
  }

  /** Forgets a handle's object; the handle stays known as freed. */
  void free(long handle) {
    int index = index(handle);
    if (objects.get(index) instanceof Resource resource) {
      objects.set(index, new Freed(resource.what()));
    }
  }

  /** The object of that type; null where the handle stands for none. */
  <T extends Resource> T find(long handle, Class<T> type) {
    int index = index(handle);
    if (index < 0) {
      return null;
    }
    Object object = objects.get(index);
    return type.isInstance(object) ? type.cast(object) : null;
  }

  /** What a handle is that is not what was expected, for people. */
  String describe(long handle) {
    if (handle == 0) {
      return "a null handle";
    }
    int index = index(handle);
    String number = "0x" + Long.toHexString(handle);
    if (index < 0) {
      return number + ", which this driver never gave";
    }
    return switch (objects.get(index)) {
      case Freed freed -> number + ", a " + freed.what + " that was destroyed";
      case Resource resource -> number + ", a " + resource.what();
      default -> number;
    };
  }

  private int index(long handle) {
    long offset = handle - BASE;
    return offset >= 0 && offset % STEP == 0 && offset / STEP < objects.size()
        ? (int) (offset / STEP)
        : -1;
  }
}
