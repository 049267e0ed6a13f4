package dev.culebra.emulator.exec;

import dev.culebra.emulator.count.AddressTally;
import dev.culebra.emulator.count.CounterSummary;
import dev.culebra.emulator.count.InstructionCounts;
import dev.culebra.emulator.count.LaunchCounters;
import dev.culebra.emulator.memory.Footprint;
import dev.culebra.emulator.profile.DeviceProfile;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** What all blocks of a launch counted. Threads use it at once. */
final class LaunchCount {
  private final Footprint footprint;
  private final List<InstructionCounts[]> counts = new ArrayList<>();
  private final AddressTally globalAtomics = new AddressTally();
  private long sharedAddresses;
  private long busiestShared;
  private long barriers;

  LaunchCount(Footprint footprint) {
    this.footprint = footprint;
  }

  /** Where accesses of global memory are noted. */
  Footprint footprint() {
    return footprint;
  }

  /**
   * Adds what a block did.
   *
   * @param ofBlock by the index of a function's code, then by instruction
   */
  synchronized void add(
      List<InstructionCounts[]> ofBlock,
      AddressTally blockGlobalAtomics,
      AddressTally blockSharedAtomics,
      long blockBarriers) {
    for (int code = 0; code < ofBlock.size(); code++) {
      InstructionCounts[] from = ofBlock.get(code);
      if (counts.size() <= code) {
        counts.add(new InstructionCounts[0]);
      }
      if (counts.get(code).length < from.length) {
        counts.set(code, new InstructionCounts[from.length]);
      }
      add(from, counts.get(code));
    }
    globalAtomics.add(blockGlobalAtomics);
    sharedAddresses += blockSharedAtomics.addresses();
    busiestShared = Math.max(busiestShared, blockSharedAtomics.busiest());
    barriers += blockBarriers;
  }

  private static void add(InstructionCounts[] from, InstructionCounts[] to) {
    for (int i = 0; i < from.length; i++) {
      if (from[i] == null) {
        continue;
      }
      if (to[i] == null) {
        to[i] = from[i].another();
      }
      to[i].add(from[i]);
    }
  }

  /** All that was counted. */
  synchronized LaunchCounters result(Launch launch, DeviceProfile profile) {
    List<InstructionCounts> executed =
        counts.stream().flatMap(ofCode -> Stream.of(ofCode)).filter(Objects::nonNull).toList();
    return new CounterSummary(executed)
        .of(
            new LaunchCounters.LaunchShape(
                launch.kernel().name(),
                profile.name(),
                profile.displayName(),
                extents(launch.grid()),
                extents(launch.block()),
                launch.kernel().staticSharedBytes() + launch.dynamicSharedBytes()),
            profile,
            footprint.drain(),
            barriers,
            globalAtomics,
            sharedAddresses,
            busiestShared);
  }

  private static List<Integer> extents(Dim3 all) {
    return List.of(all.x(), all.y(), all.z());
  }
}
