package dev.culebra.model.generation;

import java.util.List;

/**
 * Holds back the end of a growing text while it could still become a stop string, so that no part
 * of one is ever shown.
 */
final class StopStrings {
  private final List<String> stops;
  private final StringBuilder held = new StringBuilder();
  private boolean found;

  StopStrings(List<String> stops) {
    this.stops = stops;
  }

  /** Takes more text and returns what may be shown of all so far: up to the first stop string. */
  String append(String text) {
    if (found) {
      return "";
    }
    held.append(text);
    int end = firstStop();
    found = end >= 0;
    return release(found ? end : held.length() - possibleBeginning());
  }

  /** Whether a stop string has come; nothing after it is shown. */
  boolean found() {
    return found;
  }

  /** The text has ended: what was held back turned out to be no stop string. */
  String finish() {
    return found ? "" : release(held.length());
  }

  private String release(int end) {
    String shown = held.substring(0, end);
    held.delete(0, end);
    return shown;
  }

  private int firstStop() {
    int first = -1;
    for (String stop : stops) {
      int at = held.indexOf(stop);
      if (at >= 0 && (first < 0 || at < first)) {
        first = at;
      }
    }
    return first;
  }

  /** Length of the longest end of the held text that some stop string begins with. */
  private int possibleBeginning() {
    int longest = 0;
    for (String stop : stops) {
      for (int n = Math.min(stop.length() - 1, held.length()); n > longest; n--) {
        if (stop.startsWith(held.substring(held.length() - n))) {
          longest = n;
        }
      }
    }
    return longest;
  }
}
