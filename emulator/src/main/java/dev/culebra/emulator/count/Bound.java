package dev.culebra.emulator.count;

import dev.culebra.emulator.profile.DeviceProfile;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * A time that no device of a kind can finish a launch in, at its peak rates: a bound, never a
 * prediction. It is the largest of several, of which each takes one thing to be all that there is
 * to do: moving the footprint to and from memory with caches that held none of it, and the
 * operations of each pipe. Blocks can't use more multiprocessors than there are blocks.
 *
 * @param limits largest first; empty where a launch did nothing that has a rate
 */
public record Bound(List<Limit> limits) {
  /** Goes with every bound. */
  public static final String NOTE = "not a prediction; for caches empty before and after";

  /** What the limit of the device's memory is called. */
  public static final String MEMORY = "device memory";

  /** What the limit of shared memory is called. */
  public static final String SHARED = "shared memory";

  private static final int WAVEFRONT_BYTES = 128;

  /**
   * @param name of the pipe or memory
   * @param amount of {@code unit}
   * @param unit bytes, operations or wavefronts
   * @param perSecond amount that the device can do at most, with the multiprocessors that are used
   */
  public record Limit(String name, long amount, String unit, double perSecond) {
    public double seconds() {
      return amount / perSecond;
    }
  }

  /** The limit that binds; null where there is none. */
  public Limit binding() {
    return limits.isEmpty() ? null : limits.getFirst();
  }

  /** The bound; 0 where nothing limits. */
  public double seconds() {
    return limits.isEmpty() ? 0 : limits.getFirst().seconds();
  }

  /**
   * @param movedBytes to and from the device's memory
   * @param wavefronts of shared memory, at least
   * @param blocks of the grid
   */
  static Bound of(
      DeviceProfile profile,
      long movedBytes,
      Map<Pipe, Long> operations,
      long wavefronts,
      long blocks) {
    double used = Math.min(blocks, profile.multiprocessors()) / (double) profile.multiprocessors();
    List<Limit> limits = new ArrayList<>();
    add(limits, new Limit(MEMORY, movedBytes, "bytes", profile.memoryBytesPerSecond()));
    operations.forEach(
        (pipe, amount) -> {
          double perSecond = profile.perSecond(pipe.rate(profile.rates())) * used;
          add(limits, new Limit(pipe.title(), amount, "operations", perSecond));
        });
    double wavefrontsPerSecond =
        profile.perSecond(profile.rates().sharedBytes()) / WAVEFRONT_BYTES * used;
    add(limits, new Limit(SHARED, wavefronts, "wavefronts", wavefrontsPerSecond));
    limits.sort(Comparator.comparingDouble(Limit::seconds).reversed());
    return new Bound(List.copyOf(limits));
  }

  private static void add(List<Limit> limits, Limit limit) {
    if (limit.amount > 0 && limit.perSecond > 0) {
      limits.add(limit);
    }
  }
}
