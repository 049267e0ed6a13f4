package dev.culebra.emulator.driver;

import static dev.culebra.bindings.cuda.cuda_h.CUDA_GRAPH_INSTANTIATE_ERROR;
import static dev.culebra.bindings.cuda.cuda_h.CUDA_GRAPH_INSTANTIATE_FLAG_AUTO_FREE_ON_LAUNCH;
import static dev.culebra.bindings.cuda.cuda_h.CUDA_GRAPH_INSTANTIATE_FLAG_DEVICE_LAUNCH;
import static dev.culebra.bindings.cuda.cuda_h.CUDA_GRAPH_INSTANTIATE_FLAG_UPLOAD;
import static dev.culebra.bindings.cuda.cuda_h.CUDA_GRAPH_INSTANTIATE_FLAG_USE_NODE_PRIORITY;
import static dev.culebra.bindings.cuda.cuda_h.CUDA_GRAPH_INSTANTIATE_SUCCESS;

import dev.culebra.bindings.cuda.CUDA_BATCH_MEM_OP_NODE_PARAMS;
import dev.culebra.bindings.cuda.CUDA_GRAPH_INSTANTIATE_PARAMS;
import dev.culebra.bindings.cuda.CUDA_HOST_NODE_PARAMS;
import dev.culebra.bindings.cuda.CUDA_KERNEL_NODE_PARAMS;
import dev.culebra.bindings.cuda.CUDA_MEMCPY3D;
import dev.culebra.bindings.cuda.CUDA_MEMSET_NODE_PARAMS;
import dev.culebra.bindings.cuda.CUgraphExecUpdateResultInfo;
import dev.culebra.bindings.cuda.CUgraphNodeParams;
import java.lang.foreign.MemorySegment;

/** Graphs become executable, are launched and updated. */
final class ExecutableGraphApi {
  private static final int SUCCESS = 0;

  private ExecutableGraphApi() {}

  static int cuGraphInstantiateWithFlags(long place, long graphHandle, long flags) {
    Driver driver = Driver.get();
    driver.context();
    if ((flags & CUDA_GRAPH_INSTANTIATE_FLAG_UPLOAD()) != 0) {
      throw Status.INVALID_VALUE.because("an upload needs cuGraphInstantiateWithParams");
    }
    instantiate(driver, place, graphHandle, flags);
    return SUCCESS;
  }

  private static ExecutableGraph instantiate(
      Driver driver, long place, long graphHandle, long flags) {
    CallerMemory.requireNonNull(place, "the place for an executable graph");
    Graph graph = GraphApi.graph(driver, graphHandle);
    long known =
        CUDA_GRAPH_INSTANTIATE_FLAG_AUTO_FREE_ON_LAUNCH()
            | CUDA_GRAPH_INSTANTIATE_FLAG_UPLOAD()
            | CUDA_GRAPH_INSTANTIATE_FLAG_USE_NODE_PRIORITY();
    if ((flags & CUDA_GRAPH_INSTANTIATE_FLAG_DEVICE_LAUNCH()) != 0) {
      throw Status.NOT_SUPPORTED.because("graphs that the device launches are not emulated");
    }
    if ((flags & ~known) != 0) {
      throw Status.INVALID_VALUE.because("flags of an instantiation: " + Long.toHexString(flags));
    }
    ExecutableGraph made = new ExecutableGraph(graph, flags);
    CallerMemory.putLong(place, made.handle);
    return made;
  }

  static int cuGraphInstantiateWithParams(long place, long graphHandle, long parameters) {
    Driver driver = Driver.get();
    Context context = driver.context();
    MemorySegment struct = CallerMemory.struct(parameters, CUDA_GRAPH_INSTANTIATE_PARAMS.layout());
    long flags = CUDA_GRAPH_INSTANTIATE_PARAMS.flags(struct);
    long upload = CUDA_GRAPH_INSTANTIATE_PARAMS.hUploadStream(struct).address();
    try {
      instantiate(driver, place, graphHandle, flags);
      CUDA_GRAPH_INSTANTIATE_PARAMS.result_out(struct, CUDA_GRAPH_INSTANTIATE_SUCCESS());
    } catch (DriverException refused) {
      CUDA_GRAPH_INSTANTIATE_PARAMS.result_out(struct, CUDA_GRAPH_INSTANTIATE_ERROR());
      throw refused;
    }
    if ((flags & CUDA_GRAPH_INSTANTIATE_FLAG_UPLOAD()) != 0) {
      context.stream(upload).submit(new EmptyCommand());
    }
    return SUCCESS;
  }

  private static ExecutableGraph executable(Driver driver, long handle) {
    driver.context();
    return driver.resource(handle, ExecutableGraph.class, "executable graph");
  }

  static int cuGraphExecDestroy(long handle) {
    executable(Driver.get(), handle).release();
    return SUCCESS;
  }

  static int cuGraphExecGetFlags(long handle, long flags) {
    CallerMemory.putLong(flags, executable(Driver.get(), handle).flags);
    return SUCCESS;
  }

  static int cuGraphLaunch(long handle, long streamHandle) {
    Driver driver = Driver.get();
    Stream stream = driver.context().stream(streamHandle);
    CallerMemory.requireNonNull(handle, "an executable graph");
    ExecutableGraph graph = executable(driver, handle);
    driver.captures.requireValid(stream);
    if (stream.captured != null) {
      driver.captures.refuseCaptured(stream, "cuGraphLaunch");
    }
    driver.captures.refuseImplicit(stream);
    graph.launch(stream);
    return SUCCESS;
  }

  /** There is nothing to bring to the device beforehand. */
  static int cuGraphUpload(long handle, long streamHandle) {
    Driver driver = Driver.get();
    executable(driver, handle);
    Stream stream = driver.context().stream(streamHandle);
    driver.captures.refuseCaptured(stream, "cuGraphUpload");
    stream.submit(new EmptyCommand());
    return SUCCESS;
  }

  private static ExecutableGraph.Node node(ExecutableGraph graph, long nodeHandle, NodeType type) {
    GraphNode origin = GraphApi.node(graph.driver, nodeHandle);
    ExecutableGraph.Node node = graph.node(origin);
    if (node == null) {
      throw Status.INVALID_VALUE.because("the executable graph was not made of that node");
    }
    if (type != null && node.type != type) {
      throw Status.INVALID_VALUE.because("a node of type " + node.type + ", not " + type);
    }
    return node;
  }

  static int cuGraphExecKernelNodeSetParams_v2(long handle, long nodeHandle, long parameters) {
    Driver driver = Driver.get();
    ExecutableGraph graph = executable(driver, handle);
    ExecutableGraph.Node node = node(graph, nodeHandle, NodeType.KERNEL);
    MemorySegment struct = CallerMemory.struct(parameters, CUDA_KERNEL_NODE_PARAMS.layout());
    graph.set(
        node,
        GraphParameters.kernel(
            driver, struct, GraphParameterApi.settings((KernelCommand) node.command())));
    return SUCCESS;
  }

  static int cuGraphExecMemcpyNodeSetParams(
      long handle, long nodeHandle, long parameters, long context) {
    ExecutableGraph graph = executable(Driver.get(), handle);
    ExecutableGraph.Node node = node(graph, nodeHandle, NodeType.MEMCPY);
    MemorySegment struct = CallerMemory.struct(parameters, CUDA_MEMCPY3D.layout());
    graph.set(node, GraphParameters.copy(graph.context(), struct));
    return SUCCESS;
  }

  static int cuGraphExecMemsetNodeSetParams(
      long handle, long nodeHandle, long parameters, long context) {
    ExecutableGraph graph = executable(Driver.get(), handle);
    ExecutableGraph.Node node = node(graph, nodeHandle, NodeType.MEMSET);
    MemorySegment struct = CallerMemory.struct(parameters, CUDA_MEMSET_NODE_PARAMS.layout());
    graph.set(node, GraphParameters.fill(graph.context(), struct));
    return SUCCESS;
  }

  static int cuGraphExecHostNodeSetParams(long handle, long nodeHandle, long parameters) {
    ExecutableGraph graph = executable(Driver.get(), handle);
    ExecutableGraph.Node node = node(graph, nodeHandle, NodeType.HOST);
    MemorySegment struct = CallerMemory.struct(parameters, CUDA_HOST_NODE_PARAMS.layout());
    graph.set(node, GraphParameters.host(struct));
    return SUCCESS;
  }

  static int cuGraphExecBatchMemOpNodeSetParams(long handle, long nodeHandle, long parameters) {
    ExecutableGraph graph = executable(Driver.get(), handle);
    ExecutableGraph.Node node = node(graph, nodeHandle, NodeType.BATCH_MEM_OP);
    MemorySegment struct = CallerMemory.struct(parameters, CUDA_BATCH_MEM_OP_NODE_PARAMS.layout());
    graph.set(node, GraphParameters.values(struct));
    return SUCCESS;
  }

  static int cuGraphExecEventRecordNodeSetEvent(long handle, long nodeHandle, long event) {
    ExecutableGraph graph = executable(Driver.get(), handle);
    graph.set(
        node(graph, nodeHandle, NodeType.EVENT_RECORD), new RecordCommand(EventApi.event(event)));
    return SUCCESS;
  }

  static int cuGraphExecEventWaitNodeSetEvent(long handle, long nodeHandle, long event) {
    ExecutableGraph graph = executable(Driver.get(), handle);
    graph.set(node(graph, nodeHandle, NodeType.WAIT_EVENT), new WaitCommand(EventApi.event(event)));
    return SUCCESS;
  }

  static int cuGraphExecNodeSetParams(long handle, long nodeHandle, long parameters) {
    ExecutableGraph graph = executable(Driver.get(), handle);
    ExecutableGraph.Node node = node(graph, nodeHandle, null);
    MemorySegment struct = CallerMemory.struct(parameters, CUgraphNodeParams.layout());
    graph.set(node, GraphParameterApi.sameType(graph.context(), node.type, struct));
    return SUCCESS;
  }

  /** The nodes of the child have to be the same but for what they do. */
  static int cuGraphExecChildGraphNodeSetParams(long handle, long nodeHandle, long childHandle) {
    Driver driver = Driver.get();
    ExecutableGraph graph = executable(driver, handle);
    ExecutableGraph.Node node = node(graph, nodeHandle, NodeType.GRAPH);
    Graph child = GraphApi.graph(driver, childHandle);
    GraphUpdate update = new GraphUpdate();
    update.compare(node.child, child);
    if (!update.possible()) {
      throw Status.INVALID_VALUE.because("a child graph of another form: " + update.reason());
    }
    update.apply(graph);
    return SUCCESS;
  }

  static int cuGraphExecUpdate_v2(long handle, long graphHandle, long info) {
    Driver driver = Driver.get();
    ExecutableGraph executable = executable(driver, handle);
    Graph graph = GraphApi.graph(driver, graphHandle);
    GraphUpdate update = new GraphUpdate();
    update.compare(executable.top(), graph);
    if (info != 0) {
      MemorySegment struct = CallerMemory.struct(info, CUgraphExecUpdateResultInfo.layout());
      CUgraphExecUpdateResultInfo.result(struct, update.result());
      CUgraphExecUpdateResultInfo.errorNode(struct, MemorySegment.ofAddress(update.errorNode()));
      CUgraphExecUpdateResultInfo.errorFromNode(struct, MemorySegment.NULL);
    }
    if (!update.possible()) {
      throw Status.GRAPH_EXEC_UPDATE_FAILURE.because(update.reason());
    }
    update.apply(executable);
    return SUCCESS;
  }

  static int cuGraphNodeSetEnabled(long handle, long nodeHandle, int enabled) {
    ExecutableGraph graph = executable(Driver.get(), handle);
    graph.enable(switchable(graph, nodeHandle), enabled != 0);
    return SUCCESS;
  }

  static int cuGraphNodeGetEnabled(long handle, long nodeHandle, long enabled) {
    ExecutableGraph graph = executable(Driver.get(), handle);
    CallerMemory.putInt(enabled, switchable(graph, nodeHandle).enabled() ? 1 : 0);
    return SUCCESS;
  }

  private static ExecutableGraph.Node switchable(ExecutableGraph graph, long nodeHandle) {
    ExecutableGraph.Node node = node(graph, nodeHandle, null);
    if (node.type != NodeType.KERNEL
        && node.type != NodeType.MEMSET
        && node.type != NodeType.MEMCPY) {
      throw Status.INVALID_VALUE.because(
          "only kernel, memcpy and memset nodes can be switched off, not " + node.type);
    }
    return node;
  }
}
