package dev.culebra.emulator.driver;

import static dev.culebra.bindings.cuda.cuda_h.CU_LAUNCH_ATTRIBUTE_ACCESS_POLICY_WINDOW;
import static dev.culebra.bindings.cuda.cuda_h.CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION;
import static dev.culebra.bindings.cuda.cuda_h.CU_LAUNCH_ATTRIBUTE_CLUSTER_SCHEDULING_POLICY_PREFERENCE;
import static dev.culebra.bindings.cuda.cuda_h.CU_LAUNCH_ATTRIBUTE_COOPERATIVE;
import static dev.culebra.bindings.cuda.cuda_h.CU_LAUNCH_ATTRIBUTE_DEVICE_UPDATABLE_KERNEL_NODE;
import static dev.culebra.bindings.cuda.cuda_h.CU_LAUNCH_ATTRIBUTE_IGNORE;
import static dev.culebra.bindings.cuda.cuda_h.CU_LAUNCH_ATTRIBUTE_LAUNCH_COMPLETION_EVENT;
import static dev.culebra.bindings.cuda.cuda_h.CU_LAUNCH_ATTRIBUTE_MEM_SYNC_DOMAIN;
import static dev.culebra.bindings.cuda.cuda_h.CU_LAUNCH_ATTRIBUTE_MEM_SYNC_DOMAIN_MAP;
import static dev.culebra.bindings.cuda.cuda_h.CU_LAUNCH_ATTRIBUTE_PREFERRED_CLUSTER_DIMENSION;
import static dev.culebra.bindings.cuda.cuda_h.CU_LAUNCH_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT;
import static dev.culebra.bindings.cuda.cuda_h.CU_LAUNCH_ATTRIBUTE_PRIORITY;
import static dev.culebra.bindings.cuda.cuda_h.CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_EVENT;
import static dev.culebra.bindings.cuda.cuda_h.CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION;

import dev.culebra.bindings.cuda.CUlaunchAttribute;
import dev.culebra.bindings.cuda.CUlaunchAttributeValue;
import dev.culebra.bindings.cuda.CUlaunchConfig;
import dev.culebra.emulator.exec.Dim3;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What the attributes of a launch ask for ({@code CUlaunchAttribute}). */
final class LaunchSettings {
  /** Attributes of launches that say how, not what: they change no result here. */
  private static final Set<Integer> HINTS =
      Set.of(
          CU_LAUNCH_ATTRIBUTE_IGNORE(),
          CU_LAUNCH_ATTRIBUTE_ACCESS_POLICY_WINDOW(),
          CU_LAUNCH_ATTRIBUTE_CLUSTER_SCHEDULING_POLICY_PREFERENCE(),
          CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION(),
          CU_LAUNCH_ATTRIBUTE_PRIORITY(),
          CU_LAUNCH_ATTRIBUTE_MEM_SYNC_DOMAIN_MAP(),
          CU_LAUNCH_ATTRIBUTE_MEM_SYNC_DOMAIN(),
          CU_LAUNCH_ATTRIBUTE_PREFERRED_CLUSTER_DIMENSION(),
          CU_LAUNCH_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT());

  static final int VALUE_BYTES = (int) CUlaunchAttributeValue.layout().byteSize();

  boolean cooperative;
  Dim3 cluster = new Dim3(1);

  /**
   * Handles of events that the launch records; the whole kernel counts, as it does for a trigger.
   */
  final List<Long> events = new ArrayList<>();

  /** Kept for who asks a graph's node. */
  final StreamAttributes kept = new StreamAttributes();

  /** Reads the attributes of a {@code CUlaunchConfig}. */
  static LaunchSettings read(MemorySegment config) {
    LaunchSettings settings = new LaunchSettings();
    int count = CUlaunchConfig.numAttrs(config);
    long attributes = CUlaunchConfig.attrs(config).address();
    for (int i = 0; i < count; i++) {
      long address = attributes + i * CUlaunchAttribute.layout().byteSize();
      MemorySegment attribute = CallerMemory.struct(address, CUlaunchAttribute.layout());
      settings.add(CUlaunchAttribute.id(attribute), CUlaunchAttribute.value(attribute));
    }
    return settings;
  }

  void add(int id, MemorySegment value) {
    if (id == CU_LAUNCH_ATTRIBUTE_COOPERATIVE()) {
      cooperative = CUlaunchAttributeValue.cooperative(value) != 0;
    } else if (id == CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION()) {
      MemorySegment size = CUlaunchAttributeValue.clusterDim(value);
      cluster =
          new Dim3(
              CUlaunchAttributeValue.clusterDim.x(size),
              CUlaunchAttributeValue.clusterDim.y(size),
              CUlaunchAttributeValue.clusterDim.z(size));
    } else if (id == CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_EVENT()) {
      MemorySegment event = CUlaunchAttributeValue.programmaticEvent(value);
      events.add(CUlaunchAttributeValue.programmaticEvent.event(event).address());
    } else if (id == CU_LAUNCH_ATTRIBUTE_LAUNCH_COMPLETION_EVENT()) {
      MemorySegment event = CUlaunchAttributeValue.launchCompletionEvent(value);
      events.add(CUlaunchAttributeValue.launchCompletionEvent.event(event).address());
    } else if (id == CU_LAUNCH_ATTRIBUTE_DEVICE_UPDATABLE_KERNEL_NODE()) {
      throw Status.NOT_SUPPORTED.because("kernel nodes that the device updates are not emulated");
    } else if (!HINTS.contains(id)) {
      throw Status.INVALID_VALUE.because("no launch attribute has number " + id);
    }
    kept.put(id, value.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE));
  }
}
