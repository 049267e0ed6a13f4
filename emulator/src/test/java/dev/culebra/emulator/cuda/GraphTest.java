package dev.culebra.emulator.cuda;

import static dev.culebra.bindings.cuda.cuda_h.CU_GRAPH_EXEC_UPDATE_ERROR_NODE_TYPE_CHANGED;
import static dev.culebra.bindings.cuda.cuda_h.CU_GRAPH_EXEC_UPDATE_ERROR_TOPOLOGY_CHANGED;
import static dev.culebra.bindings.cuda.cuda_h.CU_GRAPH_EXEC_UPDATE_SUCCESS;
import static dev.culebra.bindings.cuda.cuda_h.CU_GRAPH_NODE_TYPE_GRAPH;
import static dev.culebra.bindings.cuda.cuda_h.CU_GRAPH_NODE_TYPE_MEMSET;
import static dev.culebra.bindings.cuda.cuda_h.CU_GRAPH_USER_OBJECT_MOVE;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEMORYTYPE_DEVICE;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEM_ALLOCATION_TYPE_PINNED;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEM_LOCATION_TYPE_DEVICE;
import static dev.culebra.bindings.cuda.cuda_h.cuCtxGetCurrent;
import static dev.culebra.bindings.cuda.cuda_h.cuCtxSynchronize;
import static dev.culebra.bindings.cuda.cuda_h.cuEventRecord;
import static dev.culebra.bindings.cuda.cuda_h.cuEventSynchronize;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphAddChildGraphNode;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphAddDependencies_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphAddEmptyNode;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphAddEventRecordNode;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphAddEventWaitNode;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphAddHostNode;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphAddKernelNode_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphAddMemAllocNode;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphAddMemcpyNode;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphAddMemsetNode;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphAddNode_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphChildGraphNodeGetGraph;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphClone;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphCreate;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphDebugDotPrint;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphDestroy;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphDestroyNode;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphEventRecordNodeGetEvent;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphExecDestroy;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphExecKernelNodeSetParams_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphExecMemcpyNodeSetParams;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphExecMemsetNodeSetParams;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphExecUpdate_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphGetEdges_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphGetNodes;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphGetRootNodes;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphHostNodeGetParams;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphInstantiateWithFlags;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphKernelNodeGetParams_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphLaunch;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphMemsetNodeGetParams;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphMemsetNodeSetParams;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphNodeFindInClone;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphNodeGetDependencies_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphNodeGetDependentNodes_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphNodeGetEnabled;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphNodeGetType;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphNodeSetEnabled;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphNodeSetParams;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphRemoveDependencies_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphRetainUserObject;
import static dev.culebra.bindings.cuda.cuda_h.cuMemFreeAsync;
import static dev.culebra.bindings.cuda.cuda_h.cuMemFree_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuMemsetD32Async;
import static dev.culebra.bindings.cuda.cuda_h.cuUserObjectCreate;
import static dev.culebra.emulator.cuda.Cuda.handle;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.culebra.bindings.cuda.CUDA_HOST_NODE_PARAMS;
import dev.culebra.bindings.cuda.CUDA_KERNEL_NODE_PARAMS;
import dev.culebra.bindings.cuda.CUDA_MEMCPY3D;
import dev.culebra.bindings.cuda.CUDA_MEMSET_NODE_PARAMS;
import dev.culebra.bindings.cuda.CUDA_MEM_ALLOC_NODE_PARAMS_v1;
import dev.culebra.bindings.cuda.CUgraphExecUpdateResultInfo;
import dev.culebra.bindings.cuda.CUgraphNodeParams;
import dev.culebra.bindings.cuda.CUhostFn;
import dev.culebra.bindings.cuda.CUmemLocation;
import dev.culebra.bindings.cuda.CUmemPoolProps;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(CudaExtension.class)
class GraphTest {
  /** A graph with what it takes to add nodes to it. */
  private record Building(Cuda cuda, MemorySegment graph, MemorySegment context) {
    static Building begin(Cuda cuda) {
      cuda.ok(cuCtxGetCurrent(cuda.out));
      MemorySegment context = cuda.handle();
      cuda.ok(cuGraphCreate(cuda.out, 0));
      MemorySegment graph = cuda.handle();
      cuda.atEnd(() -> cuGraphDestroy(graph));
      return new Building(cuda, graph, context);
    }

    MemorySegment array(MemorySegment... nodes) {
      MemorySegment array = cuda.arena.allocate(ValueLayout.ADDRESS, Math.max(1, nodes.length));
      for (int i = 0; i < nodes.length; i++) {
        array.setAtIndex(ValueLayout.ADDRESS, i, nodes[i]);
      }
      return array;
    }

    MemorySegment memset(long address, int value, MemorySegment... after) {
      cuda.ok(
          cuGraphAddMemsetNode(
              cuda.out,
              graph,
              array(after),
              after.length,
              memsetParameters(cuda, address, value),
              context));
      return cuda.handle();
    }

    MemorySegment copy(long to, long from, MemorySegment... after) {
      cuda.ok(
          cuGraphAddMemcpyNode(
              cuda.out,
              graph,
              array(after),
              after.length,
              copyParameters(cuda, to, from),
              context));
      return cuda.handle();
    }

    MemorySegment empty(MemorySegment... after) {
      cuda.ok(cuGraphAddEmptyNode(cuda.out, graph, array(after), after.length));
      return cuda.handle();
    }

    MemorySegment instantiate() {
      cuda.ok(cuGraphInstantiateWithFlags(cuda.out, graph, 0));
      MemorySegment executable = cuda.handle();
      cuda.atEnd(() -> cuGraphExecDestroy(executable));
      return executable;
    }

    void launch(MemorySegment executable) {
      cuda.ok(cuGraphLaunch(executable, handle(0)));
      cuda.ok(cuCtxSynchronize());
    }

    long count() {
      MemorySegment count = cuda.arena.allocate(8);
      cuda.ok(cuGraphGetNodes(graph, handle(0), count));
      return count.get(ValueLayout.JAVA_LONG, 0);
    }
  }

  private static MemorySegment memsetParameters(Cuda cuda, long address, int value) {
    MemorySegment parameters = CUDA_MEMSET_NODE_PARAMS.allocate(cuda.arena).fill((byte) 0);
    CUDA_MEMSET_NODE_PARAMS.dst(parameters, address);
    CUDA_MEMSET_NODE_PARAMS.value(parameters, value);
    CUDA_MEMSET_NODE_PARAMS.elementSize(parameters, 4);
    CUDA_MEMSET_NODE_PARAMS.width(parameters, 1);
    CUDA_MEMSET_NODE_PARAMS.height(parameters, 1);
    return parameters;
  }

  private static MemorySegment copyParameters(Cuda cuda, long to, long from) {
    MemorySegment parameters = CUDA_MEMCPY3D.allocate(cuda.arena).fill((byte) 0);
    CUDA_MEMCPY3D.srcMemoryType(parameters, CU_MEMORYTYPE_DEVICE());
    CUDA_MEMCPY3D.srcDevice(parameters, from);
    CUDA_MEMCPY3D.dstMemoryType(parameters, CU_MEMORYTYPE_DEVICE());
    CUDA_MEMCPY3D.dstDevice(parameters, to);
    CUDA_MEMCPY3D.WidthInBytes(parameters, 4);
    CUDA_MEMCPY3D.Height(parameters, 1);
    CUDA_MEMCPY3D.Depth(parameters, 1);
    return parameters;
  }

  @Test
  void nodes_run_after_what_they_depend_on(Cuda cuda) {
    Building building = Building.begin(cuda);
    long device = cuda.allocate(64);
    MemorySegment first = building.memset(device, 3);
    MemorySegment second = building.copy(device + 8, device, first);
    MemorySegment joint = building.empty(second);
    building.copy(device + 16, device + 8, joint);
    MemorySegment executable = building.instantiate();
    building.launch(executable);
    assertEquals(3, cuda.download(device + 16, 1)[0]);
  }

  @Test
  void functions_of_the_program_are_nodes_too(Cuda cuda) {
    Building building = Building.begin(cuda);
    MemorySegment pinned = cuda.pinned(4);
    List<Integer> seen = new ArrayList<>();
    MemorySegment function =
        CUhostFn.allocate(data -> seen.add(pinned.get(ValueLayout.JAVA_INT, 0)), cuda.arena);
    MemorySegment parameters = CUDA_HOST_NODE_PARAMS.allocate(cuda.arena);
    CUDA_HOST_NODE_PARAMS.fn(parameters, function);
    CUDA_HOST_NODE_PARAMS.userData(parameters, handle(5));
    MemorySegment first = building.memset(pinned.address(), 8);
    cuda.ok(cuGraphAddHostNode(cuda.out, building.graph(), building.array(first), 1, parameters));
    MemorySegment node = cuda.handle();
    MemorySegment read = CUDA_HOST_NODE_PARAMS.allocate(cuda.arena);
    cuda.ok(cuGraphHostNodeGetParams(node, read));
    assertEquals(-1, parameters.mismatch(read));
    building.launch(building.instantiate());
    assertEquals(List.of(8), seen);
  }

  @Test
  void edges_can_be_added_and_removed_but_make_no_circle(Cuda cuda) {
    Building building = Building.begin(cuda);
    MemorySegment one = building.empty();
    MemorySegment two = building.empty();
    MemorySegment three = building.empty(two);
    MemorySegment from = building.array(one);
    MemorySegment to = building.array(two);
    cuda.ok(cuGraphAddDependencies_v2(building.graph(), from, to, handle(0), 1));
    cuda.is("INVALID_VALUE", cuGraphAddDependencies_v2(building.graph(), from, to, handle(0), 1));
    MemorySegment count = cuda.arena.allocateFrom(ValueLayout.JAVA_LONG, 5);
    MemorySegment found = cuda.arena.allocate(40);
    cuda.ok(cuGraphNodeGetDependencies_v2(two, found, handle(0), count));
    assertEquals(1, count.get(ValueLayout.JAVA_LONG, 0));
    assertEquals(one, found.get(ValueLayout.ADDRESS, 0));
    count.set(ValueLayout.JAVA_LONG, 0, 5);
    cuda.ok(cuGraphNodeGetDependentNodes_v2(two, found, handle(0), count));
    assertEquals(1, count.get(ValueLayout.JAVA_LONG, 0));
    assertEquals(three, found.get(ValueLayout.ADDRESS, 0));
    cuda.ok(cuGraphRemoveDependencies_v2(building.graph(), from, to, handle(0), 1));
    cuda.ok(cuGraphGetRootNodes(building.graph(), handle(0), count));
    assertEquals(2, count.get(ValueLayout.JAVA_LONG, 0));
    cuda.ok(cuGraphDestroyNode(two));
    assertEquals(2, building.count());
    cuda.ok(cuGraphGetEdges_v2(building.graph(), handle(0), handle(0), handle(0), count));
    assertEquals(0, count.get(ValueLayout.JAVA_LONG, 0));
  }

  @Test
  void a_graph_with_a_circle_cannot_be_instantiated(Cuda cuda) {
    Building building = Building.begin(cuda);
    MemorySegment one = building.empty();
    MemorySegment two = building.empty(one);
    int status =
        cuGraphAddDependencies_v2(
            building.graph(), building.array(two), building.array(one), handle(0), 1);
    if (status == 0) {
      status = cuGraphInstantiateWithFlags(cuda.out, building.graph(), 0);
    }
    cuda.is("INVALID_VALUE", status);
  }

  @Test
  void an_executable_graph_keeps_what_it_was_made_of(Cuda cuda) {
    Building building = Building.begin(cuda);
    long device = cuda.allocate(64);
    MemorySegment node = building.memset(device, 3);
    MemorySegment executable = building.instantiate();
    cuda.ok(cuGraphMemsetNodeSetParams(node, memsetParameters(cuda, device, 4)));
    building.launch(executable);
    assertEquals(3, cuda.download(device, 1)[0]);
    building.launch(building.instantiate());
    assertEquals(4, cuda.download(device, 1)[0]);
    MemorySegment read = CUDA_MEMSET_NODE_PARAMS.allocate(cuda.arena);
    cuda.ok(cuGraphMemsetNodeGetParams(node, read));
    assertEquals(4, CUDA_MEMSET_NODE_PARAMS.value(read));
    assertEquals(device, CUDA_MEMSET_NODE_PARAMS.dst(read));
  }

  @Test
  void parameters_of_an_executable_graph_change_from_the_next_launch_on(Cuda cuda) {
    Building building = Building.begin(cuda);
    long device = cuda.allocate(64);
    MemorySegment memset = building.memset(device, 3);
    MemorySegment copy = building.copy(device + 8, device, memset);
    MemorySegment executable = building.instantiate();
    building.launch(executable);
    cuda.ok(
        cuGraphExecMemsetNodeSetParams(
            executable, memset, memsetParameters(cuda, device, 9), building.context()));
    cuda.ok(
        cuGraphExecMemcpyNodeSetParams(
            executable, copy, copyParameters(cuda, device + 24, device), building.context()));
    building.launch(executable);
    assertEquals(3, cuda.download(device + 8, 1)[0]);
    assertEquals(9, cuda.download(device + 24, 1)[0]);
  }

  @Test
  void nodes_can_be_switched_off(Cuda cuda) {
    Building building = Building.begin(cuda);
    long device = cuda.allocate(64);
    cuda.upload(device, 1, 1, 1, 1);
    MemorySegment one = building.memset(device, 3);
    building.memset(device + 4, 4, one);
    MemorySegment executable = building.instantiate();
    cuda.ok(cuGraphNodeSetEnabled(executable, one, 0));
    cuda.ok(cuGraphNodeGetEnabled(executable, one, cuda.out));
    assertEquals(0, cuda.integer());
    building.launch(executable);
    assertEquals(1, cuda.download(device, 1)[0]);
    assertEquals(4, cuda.download(device + 4, 1)[0]);
    cuda.ok(cuGraphNodeSetEnabled(executable, one, 1));
    building.launch(executable);
    assertEquals(3, cuda.download(device, 1)[0]);
  }

  @Test
  void an_executable_graph_takes_over_another_of_the_same_form(Cuda cuda) {
    Building building = Building.begin(cuda);
    long device = cuda.allocate(64);
    building.copy(device + 8, device, building.memset(device, 3));
    MemorySegment executable = building.instantiate();
    Building other = Building.begin(cuda);
    other.copy(device + 16, device, other.memset(device, 4));
    MemorySegment info = CUgraphExecUpdateResultInfo.allocate(cuda.arena);
    cuda.ok(cuGraphExecUpdate_v2(executable, other.graph(), info));
    assertEquals(CU_GRAPH_EXEC_UPDATE_SUCCESS(), CUgraphExecUpdateResultInfo.result(info));
    building.launch(executable);
    assertEquals(4, cuda.download(device + 16, 1)[0]);
    other.empty();
    cuda.is("GRAPH_EXEC_UPDATE_FAILURE", cuGraphExecUpdate_v2(executable, other.graph(), info));
    assertEquals(
        CU_GRAPH_EXEC_UPDATE_ERROR_TOPOLOGY_CHANGED(), CUgraphExecUpdateResultInfo.result(info));
    Building kinds = Building.begin(cuda);
    kinds.memset(device, 4, kinds.memset(device, 4));
    cuda.is("GRAPH_EXEC_UPDATE_FAILURE", cuGraphExecUpdate_v2(executable, kinds.graph(), info));
    assertEquals(
        CU_GRAPH_EXEC_UPDATE_ERROR_NODE_TYPE_CHANGED(), CUgraphExecUpdateResultInfo.result(info));
  }

  @Test
  void clones_are_graphs_of_their_own(Cuda cuda) {
    Building building = Building.begin(cuda);
    long device = cuda.allocate(64);
    MemorySegment node = building.memset(device, 3);
    cuda.ok(cuGraphClone(cuda.out, building.graph()));
    MemorySegment clone = cuda.handle();
    cuda.ok(cuGraphNodeFindInClone(cuda.out, node, clone));
    MemorySegment twin = cuda.handle();
    cuda.ok(cuGraphMemsetNodeSetParams(twin, memsetParameters(cuda, device, 5)));
    building.launch(building.instantiate());
    assertEquals(3, cuda.download(device, 1)[0]);
    cuda.ok(cuGraphDestroy(clone));
    cuda.is("INVALID_VALUE", cuGraphNodeFindInClone(cuda.out, node, building.graph()));
  }

  @Test
  void a_graph_can_be_a_node_of_another(Cuda cuda) {
    Building child = Building.begin(cuda);
    long device = cuda.allocate(64);
    child.copy(device + 8, device, child.memset(device, 6));
    Building parent = Building.begin(cuda);
    cuda.ok(cuGraphAddChildGraphNode(cuda.out, parent.graph(), parent.array(), 0, child.graph()));
    MemorySegment node = cuda.handle();
    parent.copy(device + 16, device + 8, node);
    cuda.ok(cuGraphNodeGetType(node, cuda.out));
    assertEquals(CU_GRAPH_NODE_TYPE_GRAPH(), cuda.integer());
    cuda.ok(cuGraphChildGraphNodeGetGraph(node, cuda.out));
    assertTrue(cuda.number() != child.graph().address());
    parent.launch(parent.instantiate());
    assertEquals(6, cuda.download(device + 16, 1)[0]);
  }

  @Test
  void nodes_record_events_and_wait_for_them(Cuda cuda) {
    Building building = Building.begin(cuda);
    MemorySegment before = cuda.event();
    MemorySegment after = cuda.event();
    MemorySegment stream = cuda.stream(1);
    long device = cuda.allocate(64);
    cuda.ok(cuGraphAddEventWaitNode(cuda.out, building.graph(), building.array(), 0, before));
    MemorySegment wait = cuda.handle();
    MemorySegment copy = building.copy(device + 8, device, wait);
    cuda.ok(cuGraphAddEventRecordNode(cuda.out, building.graph(), building.array(copy), 1, after));
    cuda.ok(cuGraphEventRecordNodeGetEvent(cuda.handle(), cuda.out));
    assertEquals(after, cuda.handle());
    cuda.ok(cuMemsetD32Async(device, 7, 1, stream));
    cuda.ok(cuEventRecord(before, stream));
    MemorySegment executable = building.instantiate();
    MemorySegment other = cuda.stream(1);
    cuda.ok(cuGraphLaunch(executable, other));
    cuda.ok(cuEventSynchronize(after));
    assertEquals(7, cuda.download(device + 8, 1)[0]);
  }

  @Test
  void nodes_of_every_type_are_added_by_one_function(Cuda cuda) {
    Building building = Building.begin(cuda);
    long device = cuda.allocate(64);
    MemorySegment parameters = CUgraphNodeParams.allocate(cuda.arena).fill((byte) 0);
    CUgraphNodeParams.type(parameters, CU_GRAPH_NODE_TYPE_MEMSET());
    MemorySegment memset = CUgraphNodeParams.memset(parameters);
    memset.copyFrom(memsetParameters(cuda, device, 5));
    cuda.ok(
        cuGraphAddNode_v2(cuda.out, building.graph(), building.array(), handle(0), 0, parameters));
    MemorySegment node = cuda.handle();
    building.launch(building.instantiate());
    assertEquals(5, cuda.download(device, 1)[0]);
    CUDA_MEMSET_NODE_PARAMS.value(memset, 6);
    cuda.ok(cuGraphNodeSetParams(node, parameters));
    building.launch(building.instantiate());
    assertEquals(6, cuda.download(device, 1)[0]);
    CUgraphNodeParams.type(parameters, 99);
    cuda.is(
        "INVALID_VALUE",
        cuGraphAddNode_v2(cuda.out, building.graph(), building.array(), handle(0), 0, parameters));
  }

  @Test
  void kernels_are_nodes_whose_arguments_can_be_read_and_replaced(Cuda cuda) {
    Building building = Building.begin(cuda);
    MemorySegment fill = cuda.kernel("fill");
    long device = cuda.allocate(400);
    MemorySegment parameters = CUDA_KERNEL_NODE_PARAMS.allocate(cuda.arena).fill((byte) 0);
    kernel(parameters, fill, cuda.parameters(device, 100, 5));
    cuda.ok(cuGraphAddKernelNode_v2(cuda.out, building.graph(), building.array(), 0, parameters));
    MemorySegment node = cuda.handle();
    MemorySegment executable = building.instantiate();
    building.launch(executable);
    assertEquals(5, cuda.download(device, 100)[99]);
    kernel(parameters, fill, cuda.parameters(device, 100, 8));
    cuda.ok(cuGraphExecKernelNodeSetParams_v2(executable, node, parameters));
    building.launch(executable);
    assertEquals(8, cuda.download(device, 100)[99]);
    MemorySegment read = CUDA_KERNEL_NODE_PARAMS.allocate(cuda.arena);
    cuda.ok(cuGraphKernelNodeGetParams_v2(node, read));
    assertEquals(128, CUDA_KERNEL_NODE_PARAMS.blockDimX(read));
    MemorySegment arguments = Cuda.memory(CUDA_KERNEL_NODE_PARAMS.kernelParams(read), 24);
    assertEquals(
        5,
        Cuda.memory(arguments.getAtIndex(ValueLayout.ADDRESS, 2), 4).get(ValueLayout.JAVA_INT, 0));
  }

  private static void kernel(
      MemorySegment parameters, MemorySegment function, MemorySegment arguments) {
    CUDA_KERNEL_NODE_PARAMS.func(parameters, function);
    CUDA_KERNEL_NODE_PARAMS.gridDimX(parameters, 1);
    CUDA_KERNEL_NODE_PARAMS.gridDimY(parameters, 1);
    CUDA_KERNEL_NODE_PARAMS.gridDimZ(parameters, 1);
    CUDA_KERNEL_NODE_PARAMS.blockDimX(parameters, 128);
    CUDA_KERNEL_NODE_PARAMS.blockDimY(parameters, 1);
    CUDA_KERNEL_NODE_PARAMS.blockDimZ(parameters, 1);
    CUDA_KERNEL_NODE_PARAMS.kernelParams(parameters, arguments);
  }

  @Test
  void a_graph_is_drawn_for_graphviz(Cuda cuda, @TempDir Path folder) throws IOException {
    Building building = Building.begin(cuda);
    long device = cuda.allocate(64);
    building.copy(device + 8, device, building.memset(device, 3));
    Path file = folder.resolve("graph.dot");
    cuda.ok(cuGraphDebugDotPrint(building.graph(), cuda.text(file.toString()), 0));
    String text = Files.readString(file);
    assertTrue(text.startsWith("digraph"), text);
    assertTrue(text.contains("->"), text);
  }

  @Test
  void objects_of_the_program_live_as_long_as_a_graph_refers_to_them(Cuda cuda)
      throws InterruptedException {
    AtomicInteger destroyed = new AtomicInteger();
    MemorySegment function = CUhostFn.allocate(data -> destroyed.incrementAndGet(), cuda.arena);
    cuda.ok(cuUserObjectCreate(cuda.out, handle(5), function, 1, 1));
    MemorySegment object = cuda.handle();
    cuda.ok(cuGraphCreate(cuda.out, 0));
    MemorySegment graph = cuda.handle();
    cuda.ok(cuGraphRetainUserObject(graph, object, 1, CU_GRAPH_USER_OBJECT_MOVE()));
    cuda.ok(cuGraphAddEmptyNode(cuda.out, graph, handle(0), 0));
    cuda.ok(cuGraphInstantiateWithFlags(cuda.out, graph, 0));
    MemorySegment executable = cuda.handle();
    cuda.ok(cuGraphDestroy(graph));
    assertEquals(0, destroyed.get());
    cuda.ok(cuGraphExecDestroy(executable));
    for (int i = 0; i < 1000 && destroyed.get() == 0; i++) {
      Thread.sleep(1);
    }
    assertEquals(1, destroyed.get());
    cuda.is("INVALID_VALUE", cuUserObjectCreate(cuda.out, handle(5), function, 0, 1));
  }

  @Test
  void nodes_of_another_graph_are_no_dependencies(Cuda cuda) {
    Building one = Building.begin(cuda);
    Building two = Building.begin(cuda);
    MemorySegment foreign = two.empty();
    cuda.is("INVALID_VALUE", cuGraphAddEmptyNode(cuda.out, one.graph(), one.array(foreign), 1));
    MemorySegment own = one.empty();
    cuda.is("INVALID_VALUE", cuGraphAddEmptyNode(cuda.out, one.graph(), one.array(own, own), 2));
  }

  @Test
  void memory_of_a_graph_has_to_be_freed_before_its_next_launch(Cuda cuda) {
    cuda.misuses();
    Building building = Building.begin(cuda);
    MemorySegment parameters = CUDA_MEM_ALLOC_NODE_PARAMS_v1.allocate(cuda.arena).fill((byte) 0);
    MemorySegment properties = CUDA_MEM_ALLOC_NODE_PARAMS_v1.poolProps(parameters);
    CUmemPoolProps.allocType(properties, CU_MEM_ALLOCATION_TYPE_PINNED());
    CUmemLocation.type(CUmemPoolProps.location(properties), CU_MEM_LOCATION_TYPE_DEVICE());
    CUDA_MEM_ALLOC_NODE_PARAMS_v1.bytesize(parameters, 1000);
    MemorySegment graph = building.graph();
    cuda.ok(cuGraphAddMemAllocNode(cuda.out, graph, building.array(), 0, parameters));
    MemorySegment node = cuda.handle();
    long address = CUDA_MEM_ALLOC_NODE_PARAMS_v1.dptr(parameters);
    MemorySegment executable = building.instantiate();
    cuda.is("NOT_SUPPORTED", cuGraphInstantiateWithFlags(cuda.out, graph, 0));
    cuda.is("NOT_SUPPORTED", cuGraphClone(cuda.out, graph));
    cuda.is("NOT_SUPPORTED", cuGraphDestroyNode(node));
    building.launch(executable);
    cuda.is("INVALID_VALUE", cuGraphLaunch(executable, handle(0)));
    cuda.ok(cuMemFree_v2(address));
    building.launch(executable);
    cuda.ok(cuMemFreeAsync(address, handle(0)));
    cuda.is("INVALID_VALUE", cuMemFreeAsync(address, handle(0)));
    cuda.is("INVALID_VALUE", cuGraphLaunch(handle(0), handle(0)));
  }
}
