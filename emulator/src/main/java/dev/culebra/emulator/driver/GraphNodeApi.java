package dev.culebra.emulator.driver;

import dev.culebra.bindings.cuda.CUDA_BATCH_MEM_OP_NODE_PARAMS;
import dev.culebra.bindings.cuda.CUDA_CHILD_GRAPH_NODE_PARAMS;
import dev.culebra.bindings.cuda.CUDA_HOST_NODE_PARAMS;
import dev.culebra.bindings.cuda.CUDA_KERNEL_NODE_PARAMS;
import dev.culebra.bindings.cuda.CUDA_MEMCPY3D;
import dev.culebra.bindings.cuda.CUDA_MEMSET_NODE_PARAMS;
import dev.culebra.bindings.cuda.CUDA_MEM_ALLOC_NODE_PARAMS_v1;
import dev.culebra.bindings.cuda.CUDA_MEM_FREE_NODE_PARAMS;
import dev.culebra.bindings.cuda.CUgraphNodeParams;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Nodes are added to graphs. */
final class GraphNodeApi {
  private static final int SUCCESS = 0;

  private GraphNodeApi() {}

  static int cuGraphAddKernelNode_v2(
      long place, long graph, long dependencies, long count, long parameters) {
    return add(
        place,
        graph,
        dependencies,
        count,
        context ->
            GraphParameters.kernel(
                context.driver,
                CallerMemory.struct(parameters, CUDA_KERNEL_NODE_PARAMS.layout()),
                new LaunchSettings()));
  }

  static int cuGraphAddMemcpyNode(
      long place, long graph, long dependencies, long count, long parameters, long context) {
    return add(
        place,
        graph,
        dependencies,
        count,
        current ->
            GraphParameters.copy(current, CallerMemory.struct(parameters, CUDA_MEMCPY3D.layout())));
  }

  static int cuGraphAddMemsetNode(
      long place, long graph, long dependencies, long count, long parameters, long context) {
    return add(
        place,
        graph,
        dependencies,
        count,
        current ->
            GraphParameters.fill(
                current, CallerMemory.struct(parameters, CUDA_MEMSET_NODE_PARAMS.layout())));
  }

  static int cuGraphAddHostNode(
      long place, long graph, long dependencies, long count, long parameters) {
    return add(
        place,
        graph,
        dependencies,
        count,
        context ->
            GraphParameters.host(CallerMemory.struct(parameters, CUDA_HOST_NODE_PARAMS.layout())));
  }

  static int cuGraphAddEmptyNode(long place, long graph, long dependencies, long count) {
    return add(place, graph, dependencies, count, context -> new EmptyCommand());
  }

  static int cuGraphAddEventRecordNode(
      long place, long graph, long dependencies, long count, long event) {
    return add(
        place, graph, dependencies, count, context -> new RecordCommand(EventApi.event(event)));
  }

  static int cuGraphAddEventWaitNode(
      long place, long graph, long dependencies, long count, long event) {
    return add(
        place, graph, dependencies, count, context -> new WaitCommand(EventApi.event(event)));
  }

  static int cuGraphAddBatchMemOpNode(
      long place, long graph, long dependencies, long count, long parameters) {
    return add(
        place,
        graph,
        dependencies,
        count,
        context ->
            GraphParameters.values(
                CallerMemory.struct(parameters, CUDA_BATCH_MEM_OP_NODE_PARAMS.layout())));
  }

  static int cuGraphAddChildGraphNode(
      long place, long graphHandle, long dependencies, long count, long childHandle) {
    Driver driver = Driver.get();
    driver.context();
    Graph graph = GraphApi.graph(driver, graphHandle);
    return addChild(
        place,
        graph,
        GraphApi.dependencies(driver, graph, dependencies, count),
        GraphApi.graph(driver, childHandle));
  }

  private static int addChild(long place, Graph graph, List<GraphNode> dependencies, Graph child) {
    CallerMemory.requireNonNull(place, "the place for a node");
    if (child == graph) {
      throw Status.INVALID_VALUE.because("a graph can't be its own child");
    }
    if (!child.memory().empty()) {
      throw Status.NOT_SUPPORTED.because("child graphs that allocate memory are not emulated");
    }
    CallerMemory.putLong(place, graph.addChild(child, dependencies).handle);
    return SUCCESS;
  }

  static int cuGraphAddMemAllocNode(
      long place, long graphHandle, long dependencies, long count, long parameters) {
    Driver driver = Driver.get();
    driver.context();
    Graph graph = GraphApi.graph(driver, graphHandle);
    return addAllocation(
        place,
        graph,
        GraphApi.dependencies(driver, graph, dependencies, count),
        CallerMemory.struct(parameters, CUDA_MEM_ALLOC_NODE_PARAMS_v1.layout()));
  }

  private static int addAllocation(
      long place, Graph graph, List<GraphNode> dependencies, MemorySegment parameters) {
    CallerMemory.requireNonNull(place, "the place for a node");
    long bytes = CUDA_MEM_ALLOC_NODE_PARAMS_v1.bytesize(parameters);
    if (bytes <= 0) {
      throw Status.INVALID_VALUE.because("an allocation of " + bytes + " bytes");
    }
    long address = graph.memory().allocate(bytes);
    CUDA_MEM_ALLOC_NODE_PARAMS_v1.dptr(parameters, address);
    CallerMemory.putLong(
        place, graph.add(new AllocateCommand(address, bytes), dependencies).handle);
    return SUCCESS;
  }

  static int cuGraphAddMemFreeNode(
      long place, long graphHandle, long dependencies, long count, long address) {
    Driver driver = Driver.get();
    driver.context();
    Graph graph = GraphApi.graph(driver, graphHandle);
    return addFree(
        place, graph, GraphApi.dependencies(driver, graph, dependencies, count), address);
  }

  private static int addFree(long place, Graph graph, List<GraphNode> dependencies, long address) {
    CallerMemory.requireNonNull(place, "the place for a node");
    long bytes = graph.memory().bytesAt(address);
    if (bytes == 0) {
      throw Status.INVALID_VALUE.because("a free of memory that no node of the graph allocates");
    }
    CallerMemory.putLong(
        place, graph.add(new FreeCommand(address, bytes, null), dependencies).handle);
    return SUCCESS;
  }

  static int cuGraphAddNode_v2(
      long place, long graphHandle, long dependencies, long edges, long count, long parameters) {
    Driver driver = Driver.get();
    Context context = driver.context();
    Graph graph = GraphApi.graph(driver, graphHandle);
    GraphApi.refuseEdgeData(edges, count);
    List<GraphNode> after = GraphApi.dependencies(driver, graph, dependencies, count);
    MemorySegment struct = CallerMemory.struct(parameters, CUgraphNodeParams.layout());
    NodeType type = NodeType.of(CUgraphNodeParams.type(struct));
    return switch (type) {
      case null ->
          throw Status.INVALID_VALUE.because(
              "no type of node has number " + CUgraphNodeParams.type(struct));
      case GRAPH -> {
        MemorySegment child = CUgraphNodeParams.graph(struct);
        if (CUDA_CHILD_GRAPH_NODE_PARAMS.ownership(child) != 0) {
          throw Status.NOT_SUPPORTED.because("child graphs that are moved are not emulated");
        }
        long handle = CUDA_CHILD_GRAPH_NODE_PARAMS.graph(child).address();
        yield addChild(place, graph, after, GraphApi.graph(driver, handle));
      }
      case MEM_ALLOC -> addAllocation(place, graph, after, CUgraphNodeParams.alloc(struct));
      case MEM_FREE ->
          addFree(
              place, graph, after, CUDA_MEM_FREE_NODE_PARAMS.dptr(CUgraphNodeParams.free(struct)));
      default -> {
        Command command = GraphParameters.command(context, type, struct);
        CallerMemory.requireNonNull(place, "the place for a node");
        CallerMemory.putLong(place, graph.add(command, after).handle);
        yield SUCCESS;
      }
    };
  }

  private interface Maker {
    Command make(Context context);
  }

  private static int add(long place, long graphHandle, long dependencies, long count, Maker maker) {
    Driver driver = Driver.get();
    Context context = driver.context();
    Graph graph = GraphApi.graph(driver, graphHandle);
    CallerMemory.requireNonNull(place, "the place for a node");
    List<GraphNode> after = GraphApi.dependencies(driver, graph, dependencies, count);
    CallerMemory.putLong(place, graph.add(maker.make(context), after).handle);
    return SUCCESS;
  }
}
