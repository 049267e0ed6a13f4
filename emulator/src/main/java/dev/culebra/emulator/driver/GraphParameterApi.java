package dev.culebra.emulator.driver;

import dev.culebra.bindings.cuda.CUDA_BATCH_MEM_OP_NODE_PARAMS;
import dev.culebra.bindings.cuda.CUDA_HOST_NODE_PARAMS;
import dev.culebra.bindings.cuda.CUDA_KERNEL_NODE_PARAMS;
import dev.culebra.bindings.cuda.CUDA_MEMCPY3D;
import dev.culebra.bindings.cuda.CUDA_MEMSET_NODE_PARAMS;
import dev.culebra.bindings.cuda.CUDA_MEM_ALLOC_NODE_PARAMS_v1;
import dev.culebra.bindings.cuda.CUgraphNodeParams;
import dev.culebra.bindings.cuda.CUlaunchAttributeValue;
import dev.culebra.emulator.memory.HostMemory;
import java.lang.foreign.MemorySegment;

/** What nodes of a graph do is read and changed, before the graph is instantiated. */
final class GraphParameterApi {
  private static final int SUCCESS = 0;

  private GraphParameterApi() {}

  private static GraphNode node(long handle) {
    Driver driver = Driver.get();
    driver.context();
    return GraphApi.node(driver, handle);
  }

  /** A node's command, which has to be of a type. */
  static <T extends Command> T command(GraphNode node, Class<T> type) {
    if (node.child() != null || !type.isInstance(node.command())) {
      throw Status.INVALID_VALUE.because(
          "parameters of another type than the node's, " + node.type());
    }
    return type.cast(node.command());
  }

  static int cuGraphKernelNodeGetParams_v2(long handle, long parameters) {
    GraphNode node = node(handle);
    GraphParameters.write(
        node,
        command(node, KernelCommand.class),
        CallerMemory.struct(parameters, CUDA_KERNEL_NODE_PARAMS.layout()));
    return SUCCESS;
  }

  static int cuGraphKernelNodeSetParams_v2(long handle, long parameters) {
    GraphNode node = node(handle);
    KernelCommand before = command(node, KernelCommand.class);
    node.command(
        GraphParameters.kernel(
            node.graph.driver,
            CallerMemory.struct(parameters, CUDA_KERNEL_NODE_PARAMS.layout()),
            settings(before)));
    return SUCCESS;
  }

  /** The attributes that a kernel node has. */
  static LaunchSettings settings(KernelCommand command) {
    LaunchSettings settings = new LaunchSettings();
    settings.cooperative = command.launch().cooperative();
    settings.cluster = command.launch().cluster();
    settings.kept.copyFrom(command.attributes());
    return settings;
  }

  static int cuGraphKernelNodeGetAttribute(long handle, int attribute, long value) {
    KernelCommand command = command(node(handle), KernelCommand.class);
    CallerMemory.requireNonNull(value, "the place for an attribute");
    byte[] bytes = command.attributes().get(attribute, LaunchSettings.VALUE_BYTES);
    MemorySegment.copy(bytes, 0, HostMemory.ALL, HostMemory.BYTE, value, bytes.length);
    return SUCCESS;
  }

  static int cuGraphKernelNodeSetAttribute(long handle, int attribute, long value) {
    GraphNode node = node(handle);
    KernelCommand before = command(node, KernelCommand.class);
    LaunchSettings settings = settings(before);
    settings.add(attribute, CallerMemory.struct(value, CUlaunchAttributeValue.layout()));
    node.command(checked(node, before, settings));
    return SUCCESS;
  }

  private static KernelCommand checked(
      GraphNode node, KernelCommand command, LaunchSettings settings) {
    var launch = command.launch();
    LaunchRules.check(
        node.graph.driver,
        command.function(),
        launch.grid(),
        launch.block(),
        launch.dynamicSharedBytes(),
        settings);
    return LaunchRules.command(
        command.function(),
        launch.grid(),
        launch.block(),
        launch.dynamicSharedBytes(),
        launch.parameters(),
        settings);
  }

  static int cuGraphKernelNodeCopyAttributes(long to, long from) {
    GraphNode node = node(to);
    KernelCommand source = command(node(from), KernelCommand.class);
    KernelCommand before = command(node, KernelCommand.class);
    node.command(checked(node, before, settings(source)));
    return SUCCESS;
  }

  static int cuGraphMemcpyNodeGetParams(long handle, long parameters) {
    GraphParameters.write(
        command(node(handle), CopyCommand.class),
        CallerMemory.struct(parameters, CUDA_MEMCPY3D.layout()));
    return SUCCESS;
  }

  static int cuGraphMemcpyNodeSetParams(long handle, long parameters) {
    GraphNode node = node(handle);
    command(node, CopyCommand.class);
    node.command(
        GraphParameters.copy(
            node.graph.context(), CallerMemory.struct(parameters, CUDA_MEMCPY3D.layout())));
    return SUCCESS;
  }

  static int cuGraphMemsetNodeGetParams(long handle, long parameters) {
    GraphParameters.write(
        command(node(handle), FillCommand.class),
        CallerMemory.struct(parameters, CUDA_MEMSET_NODE_PARAMS.layout()));
    return SUCCESS;
  }

  static int cuGraphMemsetNodeSetParams(long handle, long parameters) {
    GraphNode node = node(handle);
    command(node, FillCommand.class);
    node.command(
        GraphParameters.fill(
            node.graph.context(),
            CallerMemory.struct(parameters, CUDA_MEMSET_NODE_PARAMS.layout())));
    return SUCCESS;
  }

  static int cuGraphHostNodeGetParams(long handle, long parameters) {
    GraphParameters.write(
        command(node(handle), HostCommand.class),
        CallerMemory.struct(parameters, CUDA_HOST_NODE_PARAMS.layout()));
    return SUCCESS;
  }

  static int cuGraphHostNodeSetParams(long handle, long parameters) {
    GraphNode node = node(handle);
    command(node, HostCommand.class);
    node.command(
        GraphParameters.host(CallerMemory.struct(parameters, CUDA_HOST_NODE_PARAMS.layout())));
    return SUCCESS;
  }

  static int cuGraphEventRecordNodeGetEvent(long handle, long event) {
    CallerMemory.putLong(event, command(node(handle), RecordCommand.class).event().handle);
    return SUCCESS;
  }

  static int cuGraphEventRecordNodeSetEvent(long handle, long event) {
    GraphNode node = node(handle);
    command(node, RecordCommand.class);
    node.command(new RecordCommand(EventApi.event(event)));
    return SUCCESS;
  }

  static int cuGraphEventWaitNodeGetEvent(long handle, long event) {
    CallerMemory.putLong(event, command(node(handle), WaitCommand.class).event().handle);
    return SUCCESS;
  }

  static int cuGraphEventWaitNodeSetEvent(long handle, long event) {
    GraphNode node = node(handle);
    command(node, WaitCommand.class);
    node.command(new WaitCommand(EventApi.event(event)));
    return SUCCESS;
  }

  static int cuGraphMemAllocNodeGetParams(long handle, long parameters) {
    AllocateCommand command = command(node(handle), AllocateCommand.class);
    MemorySegment struct = CallerMemory.struct(parameters, CUDA_MEM_ALLOC_NODE_PARAMS_v1.layout());
    struct.fill((byte) 0);
    CUDA_MEM_ALLOC_NODE_PARAMS_v1.bytesize(struct, command.bytes());
    CUDA_MEM_ALLOC_NODE_PARAMS_v1.dptr(struct, command.address());
    return SUCCESS;
  }

  static int cuGraphMemFreeNodeGetParams(long handle, long address) {
    CallerMemory.putLong(address, command(node(handle), FreeCommand.class).address());
    return SUCCESS;
  }

  static int cuGraphBatchMemOpNodeSetParams(long handle, long parameters) {
    GraphNode node = node(handle);
    command(node, ValueCommand.class);
    node.command(
        GraphParameters.values(
            CallerMemory.struct(parameters, CUDA_BATCH_MEM_OP_NODE_PARAMS.layout())));
    return SUCCESS;
  }

  static int cuGraphNodeSetParams(long handle, long parameters) {
    GraphNode node = node(handle);
    MemorySegment struct = CallerMemory.struct(parameters, CUgraphNodeParams.layout());
    node.command(sameType(node.graph.context(), node.type(), struct));
    return SUCCESS;
  }

  /** The command of a {@code CUgraphNodeParams} that has to be of a node's type. */
  static Command sameType(Context context, NodeType type, MemorySegment struct) {
    if (NodeType.of(CUgraphNodeParams.type(struct)) != type) {
      throw Status.INVALID_VALUE.because("parameters of another type than the node's, " + type);
    }
    return GraphParameters.command(context, type, struct);
  }
}
