package dev.culebra.emulator.driver;

import java.util.LinkedHashMap;
import java.util.Map;

/** The user objects that one graph, or one executable graph, refers to. */
final class GraphObjects {
  private final Map<UserObject, Long> references = new LinkedHashMap<>();

  void retain(UserObject object, long count) {
    object.retain(count);
    references.merge(object, count, Long::sum);
  }

  void release(UserObject object, long count) {
    long held = references.getOrDefault(object, 0L);
    if (count > held) {
      throw Status.INVALID_VALUE.because(
          "the graph holds " + held + " references of the user object, not " + count);
    }
    if (count == held) {
      references.remove(object);
    } else {
      references.put(object, held - count);
    }
    object.release(count);
  }

  /** As many references of the same objects, for a graph that is made of this one. */
  GraphObjects copy() {
    GraphObjects copy = new GraphObjects();
    references.forEach(copy::retain);
    return copy;
  }

  void releaseAll() {
    Map<UserObject, Long> held = new LinkedHashMap<>(references);
    references.clear();
    held.forEach(UserObject::release);
  }
}
