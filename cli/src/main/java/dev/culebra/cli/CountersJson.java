package dev.culebra.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.culebra.emulator.count.AccessKind;
import dev.culebra.emulator.count.Bound;
import dev.culebra.emulator.count.InstructionClass;
import dev.culebra.emulator.count.LaunchCounters;
import dev.culebra.emulator.count.LaunchCounters.Atomics;
import dev.culebra.emulator.count.LaunchCounters.Control;
import dev.culebra.emulator.count.LaunchCounters.Executed;
import dev.culebra.emulator.count.LaunchCounters.GlobalTraffic;
import dev.culebra.emulator.count.LaunchCounters.Place;
import dev.culebra.emulator.count.LaunchCounters.SharedTraffic;
import dev.culebra.emulator.count.Pipe;
import dev.culebra.emulator.exec.ExecutionResult;
import dev.culebra.emulator.exec.KernelFault;
import java.util.Locale;

/**
 * What {@code culebra emulate --counters json} prints: one object, described in docs/emulator.md.
 * Every field is always there; what a launch did none of is 0.
 */
final class CountersJson {
  private static final ObjectMapper JSON = new ObjectMapper();

  private CountersJson() {}

  /**
   * @param printed by the kernel
   */
  static String of(String kernel, ExecutionResult result, String printed) {
    ObjectNode root = JSON.createObjectNode();
    root.put("kernel", kernel);
    root.put("clean", result.clean());
    boolean ended = result.fault() == null || result.fault() == KernelFault.CHECKER;
    root.put("fault", ended ? null : EmulateCommand.describe(result.fault()));
    ArrayNode findings = root.putArray("findings");
    result.findings().forEach(finding -> findings.add(finding.toString()));
    root.put("printed", printed);
    root.set("counters", result.counters() == null ? null : counters(result.counters()));
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(root);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static ObjectNode counters(LaunchCounters counters) {
    ObjectNode node = JSON.createObjectNode();
    launch(node.putObject("launch"), counters.launch());
    instructions(node.putObject("instructions"), counters);
    ObjectNode operations = node.putObject("operations");
    for (Pipe pipe : Pipe.values()) {
      operations.put(key(pipe), counters.operations(pipe));
    }
    ObjectNode global = node.putObject("globalMemory");
    ObjectNode shared = node.putObject("sharedMemory");
    for (AccessKind kind : AccessKind.values()) {
      global.set(key(kind), global(counters.global(kind)));
      shared.set(key(kind), shared(counters.shared(kind)));
    }
    global.set("all", global(counters.allGlobal()));
    shared.set("all", shared(counters.allShared()));
    ObjectNode footprint = node.putObject("footprint");
    footprint.put("touchedBytes", counters.footprint().touchedBytes());
    footprint.put("readBytes", counters.footprint().readBytes());
    footprint.put("writtenBytes", counters.footprint().writtenBytes());
    footprint.put("readSectors", counters.footprint().readSectors());
    footprint.put("writtenSectors", counters.footprint().writtenSectors());
    footprint.put("leastMovedBytes", counters.footprint().leastMovedBytes());
    ObjectNode local = node.putObject("localMemory");
    local.put("requests", counters.local().requests());
    local.put("bytes", counters.local().bytes());
    ObjectNode atomics = node.putObject("atomics");
    atomics.set("global", atomics(counters.globalAtomics()));
    atomics.set("shared", atomics(counters.sharedAtomics()));
    control(node.putObject("control"), counters.control());
    bound(node.putObject("lowerBound"), counters.bound());
    ArrayNode places = node.putArray("places");
    counters.places().forEach(place -> places.add(place(place)));
    return node;
  }

  private static void launch(ObjectNode node, LaunchCounters.LaunchShape launch) {
    node.put("profile", launch.profile());
    node.put("device", launch.device());
    ArrayNode grid = node.putArray("grid");
    launch.grid().forEach(grid::add);
    ArrayNode block = node.putArray("block");
    launch.block().forEach(block::add);
    node.put("sharedBytes", launch.sharedBytes());
  }

  private static void instructions(ObjectNode node, LaunchCounters counters) {
    executed(node, counters.executed());
    ObjectNode classes = node.putObject("classes");
    for (InstructionClass kind : InstructionClass.values()) {
      executed(classes.putObject(key(kind)), counters.executed(kind));
    }
  }

  private static void executed(ObjectNode node, Executed executed) {
    node.put("warp", executed.warp());
    node.put("lane", executed.lanes());
    node.put("lanesPerWarp", executed.lanesPerWarp());
  }

  private static ObjectNode global(GlobalTraffic traffic) {
    ObjectNode node = JSON.createObjectNode();
    node.put("requests", traffic.requests());
    node.put("bytes", traffic.bytes());
    node.put("sectors", traffic.sectors());
    node.put("usedBytes", traffic.usedBytes());
    node.put("excessSectors", traffic.excessSectors());
    node.put("sectorsPerRequest", traffic.sectorsPerRequest());
    node.put("usedShare", traffic.usedShare());
    return node;
  }

  private static ObjectNode shared(SharedTraffic traffic) {
    ObjectNode node = JSON.createObjectNode();
    node.put("requests", traffic.requests());
    node.put("bytes", traffic.bytes());
    node.put("wavefronts", traffic.wavefronts());
    node.put("bankConflicts", traffic.bankConflicts());
    node.put("leastWavefronts", traffic.leastWavefronts());
    node.put("wavefrontsPerRequest", traffic.wavefrontsPerRequest());
    return node;
  }

  private static ObjectNode atomics(Atomics atomics) {
    ObjectNode node = JSON.createObjectNode();
    node.put("operations", atomics.operations());
    node.put("collisions", atomics.collisions());
    node.put("addresses", atomics.addresses());
    node.put("busiest", atomics.busiest());
    return node;
  }

  private static void control(ObjectNode node, Control control) {
    node.put("branches", control.branches());
    node.put("divergentBranches", control.divergentBranches());
    node.put("barriers", control.barriers());
    node.put("barrierArrivals", control.barrierArrivals());
    node.put("warpBarriers", control.warpBarriers());
    node.put("mbarrierOperations", control.mbarrierOperations());
    node.put("fences", control.fences());
  }

  private static void bound(ObjectNode node, Bound bound) {
    node.put("note", Bound.NOTE);
    node.put("seconds", bound.seconds());
    node.put("binding", bound.binding() == null ? null : bound.binding().name());
    ArrayNode limits = node.putArray("limits");
    for (Bound.Limit limit : bound.limits()) {
      ObjectNode one = limits.addObject();
      one.put("name", limit.name());
      one.put("amount", limit.amount());
      one.put("unit", limit.unit());
      one.put("perSecond", limit.perSecond());
      one.put("seconds", limit.seconds());
    }
  }

  private static ObjectNode place(Place place) {
    ObjectNode node = JSON.createObjectNode();
    node.put("ptx", place.ptx());
    node.put("source", place.source());
    node.put("instruction", place.instruction());
    executed(node, place.executed());
    node.set("globalMemory", global(place.global()));
    node.set("sharedMemory", shared(place.shared()));
    node.put("collisions", place.collisions());
    node.put("divergentBranches", place.divergent());
    return node;
  }

  /** "globalMemory" of {@code GLOBAL_MEMORY}. */
  private static String key(Enum<?> constant) {
    StringBuilder key = new StringBuilder();
    for (String word : constant.name().toLowerCase(Locale.ROOT).split("_")) {
      key.append(key.isEmpty() ? word : Character.toUpperCase(word.charAt(0)) + word.substring(1));
    }
    return key.toString();
  }
}
