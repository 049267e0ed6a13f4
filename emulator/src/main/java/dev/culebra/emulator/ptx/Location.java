package dev.culebra.emulator.ptx;

import java.util.Map;

/** What a {@code .loc} says; its file may be named later in the module. */
final class Location {
  /** Longer chains of inlined functions are cut. */
  private static final int MAXIMUM_DEPTH = 32;

  private final Place place;
  private final Location inlinedAt;
  private final int depth;
  private SourceLine resolved;

  Location(Place place, Location inlinedAt) {
    this.place = place;
    this.inlinedAt = inlinedAt != null && inlinedAt.depth < MAXIMUM_DEPTH ? inlinedAt : null;
    depth = this.inlinedAt == null ? 0 : this.inlinedAt.depth + 1;
  }

  /** Where it stands in the source, without what it was inlined into. */
  record Place(int file, int line, int column) {}

  /** The line in a file of that name; null where the module doesn't name the file. */
  SourceLine resolve(Map<Integer, String> files) {
    if (resolved == null) {
      String name = files.get(place.file);
      if (name != null) {
        resolved =
            new SourceLine(name, place.line, inlinedAt == null ? null : inlinedAt.resolve(files));
      }
    }
    return resolved;
  }
}
