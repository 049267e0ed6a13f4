package dev.culebra.emulator.count;

import dev.culebra.emulator.count.LaunchCounters.Atomics;
import dev.culebra.emulator.count.LaunchCounters.Control;
import dev.culebra.emulator.count.LaunchCounters.Executed;
import dev.culebra.emulator.count.LaunchCounters.GlobalTraffic;
import dev.culebra.emulator.count.LaunchCounters.LaunchShape;
import dev.culebra.emulator.count.LaunchCounters.LocalTraffic;
import dev.culebra.emulator.count.LaunchCounters.Place;
import dev.culebra.emulator.count.LaunchCounters.SharedTraffic;
import dev.culebra.emulator.memory.Footprint;
import dev.culebra.emulator.profile.DeviceProfile;
import dev.culebra.emulator.ptx.Instruction;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Makes a launch's counters of those of its instructions. */
public final class CounterSummary {
  private static final Set<String> BRANCHES = Set.of("bra", "brx");
  private static final Set<String> BARRIERS = Set.of("bar", "barrier");
  private static final Set<String> FENCES = Set.of("fence", "membar");

  private final Map<InstructionClass, Executed> classes = new EnumMap<>(InstructionClass.class);
  private final Map<Pipe, Long> operations = new EnumMap<>(Pipe.class);
  private final Map<AccessKind, GlobalTraffic> global = new EnumMap<>(AccessKind.class);
  private final Map<AccessKind, SharedTraffic> shared = new EnumMap<>(AccessKind.class);
  private final List<Place> places = new ArrayList<>();
  private final List<InstructionCounts> instructions;

  /**
   * @param instructions those that were executed, in the program's order
   */
  public CounterSummary(List<InstructionCounts> instructions) {
    this.instructions = instructions;
    for (InstructionCounts counts : instructions) {
      Work work = counts.work();
      classes.merge(work.kind(), Executed.of(counts), Executed::plus);
      for (Work.Use use : work.uses()) {
        long amount = use.operations() * counts.get(Counter.LANE_INSTRUCTIONS);
        operations.merge(use.pipe(), amount, Long::sum);
      }
      AccessKind access = AccessKind.of(counts.instruction());
      if (counts.get(Counter.GLOBAL_REQUESTS) > 0) {
        global.merge(access, GlobalTraffic.of(counts), GlobalTraffic::plus);
      }
      if (counts.get(Counter.SHARED_REQUESTS) > 0) {
        shared.merge(access, SharedTraffic.of(counts), SharedTraffic::plus);
      }
      addPlace(counts);
    }
  }

  private void addPlace(InstructionCounts counts) {
    long divergent = counts.get(Counter.DIVERGENT_BRANCHES);
    GlobalTraffic inGlobal = GlobalTraffic.of(counts);
    SharedTraffic inShared = SharedTraffic.of(counts);
    if (divergent + inGlobal.requests() + inShared.requests() == 0) {
      return;
    }
    Instruction instruction = counts.instruction();
    places.add(
        new Place(
            counts.module() + ":" + instruction.position(),
            instruction.source() == null ? null : instruction.source().toString(),
            instruction.spelling(),
            Executed.of(counts),
            inGlobal,
            inShared,
            counts.get(Counter.GLOBAL_COLLISIONS) + counts.get(Counter.SHARED_COLLISIONS),
            divergent));
  }

  /**
   * @param barriers of blocks that opened
   * @param globalAtomics where atomic operations of global memory went
   * @param sharedAddresses of each block that atomic operations went to
   * @param busiestShared operations on the one of these that had most
   */
  public LaunchCounters of(
      LaunchShape launch,
      DeviceProfile profile,
      Footprint.Size footprint,
      long barriers,
      AddressTally globalAtomics,
      long sharedAddresses,
      long busiestShared) {
    long leastWavefronts = shared.values().stream().mapToLong(SharedTraffic::leastWavefronts).sum();
    return new LaunchCounters(
        launch,
        Collections.unmodifiableMap(classes),
        Collections.unmodifiableMap(operations),
        Collections.unmodifiableMap(global),
        footprint,
        Collections.unmodifiableMap(shared),
        new LocalTraffic(sum(Counter.LOCAL_REQUESTS), sum(Counter.LOCAL_BYTES)),
        new Atomics(
            sum(Counter.GLOBAL_ATOMICS),
            sum(Counter.GLOBAL_COLLISIONS),
            globalAtomics.addresses(),
            globalAtomics.busiest()),
        new Atomics(
            sum(Counter.SHARED_ATOMICS),
            sum(Counter.SHARED_COLLISIONS),
            sharedAddresses,
            busiestShared),
        control(barriers),
        Bound.of(
            profile, footprint.leastMovedBytes(), operations, leastWavefronts, launch.blocks()),
        List.copyOf(places));
  }

  private long sum(Counter counter) {
    return instructions.stream().mapToLong(counts -> counts.get(counter)).sum();
  }

  private Control control(long barriers) {
    long branches = 0;
    long arrivals = 0;
    long warpBarriers = 0;
    long mbarriers = 0;
    long fences = 0;
    for (InstructionCounts counts : instructions) {
      Instruction instruction = counts.instruction();
      String opcode = instruction.opcode();
      long warps = counts.get(Counter.WARP_INSTRUCTIONS);
      if (BRANCHES.contains(opcode)) {
        branches += warps;
      } else if (BARRIERS.contains(opcode) && instruction.modifiers().contains("warp")) {
        warpBarriers += warps;
      } else if (BARRIERS.contains(opcode) && !instruction.modifiers().contains("cluster")) {
        arrivals += warps;
      } else if (opcode.equals("mbarrier")) {
        mbarriers += warps;
      } else if (FENCES.contains(opcode)) {
        fences += warps;
      }
    }
    return new Control(
        branches,
        sum(Counter.DIVERGENT_BRANCHES),
        barriers,
        arrivals,
        warpBarriers,
        mbarriers,
        fences);
  }
}
