package dev.culebra.emulator.exec;

import dev.culebra.emulator.count.AddressTally;
import dev.culebra.emulator.count.Counter;
import dev.culebra.emulator.count.GlobalRequest;
import dev.culebra.emulator.count.InstructionCounts;
import dev.culebra.emulator.count.SharedRequest;
import dev.culebra.emulator.memory.Footprint;
import dev.culebra.emulator.ptx.Instruction;
import dev.culebra.emulator.ptx.SourcePosition;
import java.util.ArrayList;
import java.util.List;

/**
 * Counts what the warps of a block do, for each instruction apart; at the block's end, all is added
 * to the launch's. Sums and sets: the order of blocks makes no difference.
 */
final class WarpCounter extends BlockObserver {
  private static final int BANKS_BYTES = 128;

  private final Block block;

  /** By the index of a function's code, then by instruction; null where not executed. */
  private final List<InstructionCounts[]> counts = new ArrayList<>();

  private final GlobalRequest global = new GlobalRequest();
  private final SharedRequest shared = new SharedRequest();
  private final AddressTally globalAtomics = new AddressTally();
  private final AddressTally sharedAtomics = new AddressTally();
  private InstructionCounts current;

  /** Whether the instruction has accessed something already. */
  private boolean requested;

  private Footprint footprint;
  private long barriers;

  WarpCounter(Block block) {
    this.block = block;
  }

  @Override
  void begin() {
    footprint = block.grid().count().footprint();
    barriers = 0;
    globalAtomics.clear();
    sharedAtomics.clear();
    for (InstructionCounts[] ofCode : counts) {
      for (InstructionCounts one : ofCode) {
        if (one != null) {
          one.clear();
        }
      }
    }
  }

  @Override
  void end() {
    block.grid().count().add(counts, globalAtomics, sharedAtomics, barriers);
  }

  @Override
  boolean counts() {
    return true;
  }

  @Override
  void executes(Warp warp, Code code, int pc, int lanes) {
    current = of(code, pc);
    requested = false;
    global.clear();
    boolean together =
        lanes == 0
            || lanes == Operation.ALL
            || !(Guarded.unguarded(code.operations[pc]) instanceof AlignedOperation);
    if (together && !warp.current.resumes) {
      current.add(Counter.WARP_INSTRUCTIONS, 1);
      current.add(Counter.LANE_INSTRUCTIONS, Integer.bitCount(lanes));
    }
  }

  private InstructionCounts of(Code code, int pc) {
    while (counts.size() <= code.index()) {
      counts.add(new InstructionCounts[0]);
    }
    InstructionCounts[] ofCode = counts.get(code.index());
    if (ofCode.length == 0) {
      ofCode = new InstructionCounts[code.operations.length];
      counts.set(code.index(), ofCode);
    }
    if (ofCode[pc] == null) {
      String module = block.grid().kernel().program().module().name();
      ofCode[pc] = new InstructionCounts(module, instruction(code, pc));
    }
    return ofCode[pc];
  }

  /** An instruction of a function, or the return behind its last. */
  private static Instruction instruction(Code code, int pc) {
    List<Instruction> all = code.function().body().instructions();
    if (pc < all.size()) {
      return all.get(pc);
    }
    SourcePosition position = all.isEmpty() ? new SourcePosition(1, 1) : all.getLast().position();
    return new Instruction(null, "ret", List.of(), List.of(), position, null);
  }

  @Override
  void diverges(Warp warp) {
    current.add(Counter.DIVERGENT_BRANCHES, 1);
  }

  @Override
  void opens(NamedBarrier barrier) {
    barriers++;
  }

  @Override
  void access(Warp warp, MemoryOperation operation, int lanes) {
    if (!current.countsAccesses() || operation.kind == MemoryOperation.Kind.BARRIER) {
      return;
    }
    int inShared = 0;
    int inLocal = 0;
    int inGlobal = 0;
    switch (operation.space) {
      case GLOBAL -> inGlobal = lanes;
      case SHARED -> inShared = lanes;
      case LOCAL -> inLocal = lanes;
      case GENERIC -> {
        for (int left = lanes; left != 0; left &= left - 1) {
          int bit = Integer.lowestOneBit(left);
          long address = warp.addresses[Integer.numberOfTrailingZeros(left)];
          if (Windows.isShared(address)) {
            inShared |= bit;
          } else if (Windows.isLocal(address)) {
            inLocal |= bit;
          } else if (!Windows.isParam(address)) {
            inGlobal |= bit;
          }
        }
      }
    }
    if (inShared != 0) {
      shared(warp, operation, inShared);
    }
    if (inLocal != 0) {
      current.add(Counter.LOCAL_REQUESTS, 1);
      current.add(Counter.LOCAL_BYTES, (long) operation.bytes * Integer.bitCount(inLocal));
    }
    if (inGlobal != 0) {
      global(warp, operation, inGlobal);
    }
  }

  private void shared(Warp warp, MemoryOperation operation, int lanes) {
    int wavefronts = 0;
    int conflicts = 0;
    int least = 0;
    if (!isPart()) {
      current.add(Counter.SHARED_REQUESTS, 1);
      shared.serve(warp.addresses, lanes, operation.bytes);
    } else {
      if (!requested) {
        current.add(Counter.SHARED_REQUESTS, 1);
        shared.clear();
      }
      wavefronts = shared.wavefronts();
      conflicts = shared.conflicts();
      least = shared.leastWavefronts();
      shared.add(warp.addresses, lanes, operation.bytes);
    }
    requested = true;
    current.add(Counter.SHARED_BYTES, (long) operation.bytes * Integer.bitCount(lanes));
    current.add(Counter.SHARED_WAVEFRONTS, shared.wavefronts() - wavefronts);
    current.add(Counter.BANK_CONFLICTS, shared.conflicts() - conflicts);
    current.add(Counter.SHARED_LEAST_WAVEFRONTS, shared.leastWavefronts() - least);
    if (operation.kind == MemoryOperation.Kind.ATOMIC) {
      current.add(Counter.SHARED_ATOMICS, Integer.bitCount(lanes));
      current.add(Counter.SHARED_COLLISIONS, collisions(warp, lanes, sharedAtomics));
    }
  }

  private void global(Warp warp, MemoryOperation operation, int lanes) {
    if (!requested || !isPart()) {
      current.add(Counter.GLOBAL_REQUESTS, 1);
      global.clear();
      requested = true;
    }
    current.add(Counter.GLOBAL_BYTES, (long) operation.bytes * Integer.bitCount(lanes));
    boolean atomic = operation.kind == MemoryOperation.Kind.ATOMIC;
    boolean writes = operation.kind.writes();
    int sectors = global.sectors();
    int used = global.usedBytes();
    int excess = global.excessSectors();
    for (int left = lanes; left != 0; left &= left - 1) {
      global.add(warp.addresses[Integer.numberOfTrailingZeros(left)], operation.bytes);
    }
    addSectors(sectors, used, excess);
    for (int i = 0; i < global.sectors(); i++) {
      footprint.touch(global.address(i), global.bytesOf(i), atomic || !writes, writes);
    }
    if (atomic) {
      current.add(Counter.GLOBAL_ATOMICS, Integer.bitCount(lanes));
      current.add(Counter.GLOBAL_COLLISIONS, collisions(warp, lanes, globalAtomics));
    }
  }

  /** Counts what a request has become more of. */
  private void addSectors(int sectors, int used, int excess) {
    current.add(Counter.GLOBAL_SECTORS, global.sectors() - sectors);
    current.add(Counter.GLOBAL_USED_BYTES, global.usedBytes() - used);
    current.add(Counter.GLOBAL_EXCESS_SECTORS, global.excessSectors() - excess);
  }

  /** Whether an access is one of several that make up what is one request on hardware. */
  private boolean isPart() {
    return current.instruction().opcode().equals("wmma");
  }

  /** Notes where lanes' atomic operations go; those count that find another of the warp there. */
  private static int collisions(Warp warp, int lanes, AddressTally tally) {
    int collisions = 0;
    for (int left = lanes; left != 0; ) {
      long address = warp.addresses[Integer.numberOfTrailingZeros(left)];
      int same = 0;
      for (int rest = left; rest != 0; rest &= rest - 1) {
        if (warp.addresses[Integer.numberOfTrailingZeros(rest)] == address) {
          same |= Integer.lowestOneBit(rest);
        }
      }
      left &= ~same;
      tally.add(address, Integer.bitCount(same));
      collisions += Integer.bitCount(same) - 1;
    }
    return collisions;
  }

  @Override
  void stretch(Warp warp, MemoryOperation operation, int lane, long address, long bytes) {
    if (operation.space == Space.SHARED) {
      long steps = (bytes + BANKS_BYTES - 1) / BANKS_BYTES;
      current.add(Counter.SHARED_REQUESTS, 1);
      current.add(Counter.SHARED_BYTES, bytes);
      current.add(Counter.SHARED_WAVEFRONTS, steps);
      current.add(Counter.SHARED_LEAST_WAVEFRONTS, steps);
      return;
    }
    boolean bulk = current.instruction().modifiers().contains("bulk");
    if (bulk || !requested) {
      global.clear();
      requested = true;
      current.add(Counter.GLOBAL_REQUESTS, 1);
    }
    current.add(Counter.GLOBAL_BYTES, bytes);
    boolean writes = operation.kind.writes();
    boolean reads = !writes || current.instruction().modifiers().contains("reduce");
    long end = address + bytes;
    for (long at = address; at < end; ) {
      long next = Math.min(end, (at | GlobalRequest.SECTOR_BYTES - 1) + 1);
      if (bulk) {
        global.clear();
      }
      int sectors = global.sectors();
      int used = global.usedBytes();
      int excess = global.excessSectors();
      global.add(at, (int) (next - at));
      addSectors(sectors, used, excess);
      int newest = global.newest();
      footprint.touch(global.address(newest), global.bytesOf(newest), reads, writes);
      at = next;
    }
  }
}
