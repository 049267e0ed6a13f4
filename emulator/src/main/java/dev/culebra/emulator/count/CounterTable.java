package dev.culebra.emulator.count;

import dev.culebra.emulator.count.LaunchCounters.Atomics;
import dev.culebra.emulator.count.LaunchCounters.Control;
import dev.culebra.emulator.count.LaunchCounters.Executed;
import dev.culebra.emulator.count.LaunchCounters.GlobalTraffic;
import dev.culebra.emulator.count.LaunchCounters.LaunchShape;
import dev.culebra.emulator.count.LaunchCounters.Place;
import dev.culebra.emulator.count.LaunchCounters.SharedTraffic;
import dev.culebra.emulator.memory.Footprint;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/** A launch's counters for people: lines of at most about a hundred characters. */
final class CounterTable {
  /** Instructions that are named, of each kind of waste. */
  private static final int WORST = 5;

  private static final int LANES = 32;
  private static final double PERCENT = 100;
  private static final String COLUMNS = "  %-24s %15s %17s %14s %12s %12s%n";

  private final LaunchCounters counters;
  private final StringBuilder text = new StringBuilder();

  private CounterTable(LaunchCounters counters) {
    this.counters = counters;
  }

  static String of(LaunchCounters counters) {
    CounterTable table = new CounterTable(counters);
    table.launch();
    table.instructions();
    table.operations();
    table.global();
    table.shared();
    table.control();
    table.bound();
    table.worst();
    return table.text.toString();
  }

  private void print(String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values));
  }

  private void row(Object... values) {
    Object[] all = new Object[COLUMNS.split("%", -1).length - 2];
    for (int i = 0; i < all.length; i++) {
      Object value = i < values.length ? values[i] : "";
      all[i] =
          switch (value) {
            case Long number -> number(number);
            case Double number -> String.format(Locale.ROOT, "%.2f", number);
            default -> value;
          };
    }
    text.append(String.format(Locale.ROOT, COLUMNS, all).stripTrailing()).append('\n');
  }

  private static String number(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", PERCENT * share);
  }

  private static String extent(List<Integer> all) {
    return all.stream().map(String::valueOf).collect(Collectors.joining(" x "));
  }

  private void launch() {
    LaunchShape launch = counters.launch();
    print("%s%n", launch.kernel());
    print(
        "  grid %s, block %s, %,d bytes of shared memory a block, %s%n",
        extent(launch.grid()), extent(launch.block()), launch.sharedBytes(), launch.device());
  }

  private void instructions() {
    print("%n");
    row("PTX instructions", "warp", "lane", "lanes of " + LANES, "share");
    Executed all = counters.executed();
    counters.classes().forEach((kind, executed) -> instructions(kind.title(), executed, all));
    instructions("all", all, all);
  }

  private void instructions(String title, Executed executed, Executed all) {
    row(
        title,
        executed.warp(),
        executed.lanes(),
        executed.lanesPerWarp(),
        percent((double) executed.warp() / Math.max(1, all.warp())));
  }

  private void operations() {
    if (counters.operations().isEmpty()) {
      return;
    }
    print("%n");
    row("Operations", "", "operations", "per byte");
    long moved = counters.footprint().leastMovedBytes();
    counters
        .operations()
        .forEach(
            (pipe, amount) ->
                row(pipe.title(), "", amount, moved == 0 ? "" : (double) amount / moved));
  }

  private void global() {
    Footprint.Size footprint = counters.footprint();
    if (!counters.global().isEmpty()) {
      print("%n");
      row("Global memory", "requests", "bytes asked for", "sectors", "a request", "used");
      counters.global().forEach((kind, traffic) -> global(kind.title(), traffic));
      if (counters.global().size() > 1) {
        global("all", counters.allGlobal());
      }
      print(
          "  distinct bytes: %,d (read %,d, written %,d); memory moves at least %,d%n",
          footprint.touchedBytes(),
          footprint.readBytes(),
          footprint.writtenBytes(),
          footprint.leastMovedBytes());
    }
    if (counters.local().requests() > 0) {
      print("%n");
      row("Local memory", "requests", "bytes asked for");
      row("loads and stores", counters.local().requests(), counters.local().bytes());
    }
  }

  private void global(String title, GlobalTraffic traffic) {
    row(
        title,
        traffic.requests(),
        traffic.bytes(),
        traffic.sectors(),
        traffic.sectorsPerRequest(),
        percent(traffic.usedShare()));
  }

  private void shared() {
    if (counters.shared().isEmpty()) {
      return;
    }
    print("%n");
    row("Shared memory", "requests", "bytes asked for", "wavefronts", "a request", "conflicts");
    counters.shared().forEach((kind, traffic) -> shared(kind.title(), traffic));
    if (counters.shared().size() > 1) {
      shared("all", counters.allShared());
    }
  }

  private void shared(String title, SharedTraffic traffic) {
    row(
        title,
        traffic.requests(),
        traffic.bytes(),
        traffic.wavefronts(),
        traffic.wavefrontsPerRequest(),
        traffic.bankConflicts());
  }

  private void control() {
    Control control = counters.control();
    print("%n");
    row("Control", "");
    row("branches", control.branches());
    double divergent = (double) control.divergentBranches() / Math.max(1, control.branches());
    row("divergent branches", control.divergentBranches(), percent(divergent));
    row("barriers of blocks", control.barriers());
    optional("barriers of warps", control.warpBarriers());
    optional("mbarrier operations", control.mbarrierOperations());
    optional("fences", control.fences());
    if (counters.globalAtomics().operations() + counters.sharedAtomics().operations() > 0) {
      print("%n");
      row("Atomics", "operations", "collisions in warp", "addresses", "busiest has");
      atomics("global", counters.globalAtomics());
      atomics("shared", counters.sharedAtomics());
    }
  }

  private void optional(String title, long amount) {
    if (amount > 0) {
      row(title, amount);
    }
  }

  private void atomics(String title, Atomics atomics) {
    if (atomics.operations() > 0) {
      row(
          title,
          atomics.operations(),
          atomics.collisions(),
          atomics.addresses(),
          atomics.busiest());
    }
  }

  private void bound() {
    Bound bound = counters.bound();
    if (bound.limits().isEmpty()) {
      return;
    }
    print("%nLower bound on time, %s: %s%n", counters.launch().profile(), Bound.NOTE);
    for (Bound.Limit limit : bound.limits()) {
      row(
          limit.name(),
          time(limit.seconds()),
          number(limit.amount()),
          limit.unit(),
          scaled(limit.perSecond()) + (limit.unit().equals("bytes") ? "B/s" : "/s"),
          limit == bound.binding() ? "binds" : "");
    }
  }

  /** Seconds in a unit that leaves few digits. */
  private static String time(double seconds) {
    String[] units = {"s", "ms", "us", "ns"};
    int unit = 0;
    double value = seconds;
    while (value < 1 && unit < units.length - 1) {
      value *= 1000;
      unit++;
    }
    return String.format(Locale.ROOT, "%.3f %s", value, units[unit]);
  }

  private static String scaled(double value) {
    String[] units = {" ", " k", " M", " G", " T", " P"};
    int unit = 0;
    double scaled = value;
    while (scaled >= 1000 && unit < units.length - 1) {
      scaled /= 1000;
      unit++;
    }
    return String.format(Locale.ROOT, "%.2f%s", scaled, units[unit]);
  }

  private void worst() {
    worst(
        "Sectors that a better layout would save",
        place -> place.global().excessSectors(),
        place ->
            String.format(
                Locale.ROOT, "%.1f sectors a request", place.global().sectorsPerRequest()));
    worst(
        "Bank conflicts",
        place -> place.shared().bankConflicts(),
        place ->
            String.format(
                Locale.ROOT, "%.1f wavefronts a request", place.shared().wavefrontsPerRequest()));
    worst("Divergent branches", Place::divergent, place -> "of " + number(place.executed().warp()));
    worst("Atomics that collide", Place::collisions, place -> "");
  }

  private void worst(String title, ToLongFunction<Place> waste, Function<Place, String> detail) {
    List<Place> places =
        counters.places().stream()
            .filter(place -> waste.applyAsLong(place) > 0)
            .sorted(Comparator.comparingLong(waste).reversed())
            .limit(WORST)
            .toList();
    if (places.isEmpty()) {
      return;
    }
    print("%n%s%n", title);
    for (Place place : places) {
      String where =
          place.source() == null
              ? place.ptx()
              : withoutFolders(place.source()) + ", " + place.ptx();
      print(
          "  %,12d  %-26s %s, %s%n",
          waste.applyAsLong(place), detail.apply(place), place.instruction(), where);
    }
  }

  private static String withoutFolders(String source) {
    return source.replaceAll("[^ ]*/", "");
  }
}
