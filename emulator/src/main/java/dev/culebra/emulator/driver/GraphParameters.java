package dev.culebra.emulator.driver;

import static dev.culebra.bindings.cuda.cuda_h.CU_MEMORYTYPE_DEVICE;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEMORYTYPE_HOST;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEMORYTYPE_UNIFIED;

import dev.culebra.bindings.cuda.CUDA_BATCH_MEM_OP_NODE_PARAMS;
import dev.culebra.bindings.cuda.CUDA_EVENT_RECORD_NODE_PARAMS;
import dev.culebra.bindings.cuda.CUDA_EVENT_WAIT_NODE_PARAMS;
import dev.culebra.bindings.cuda.CUDA_HOST_NODE_PARAMS;
import dev.culebra.bindings.cuda.CUDA_KERNEL_NODE_PARAMS;
import dev.culebra.bindings.cuda.CUDA_MEMCPY3D;
import dev.culebra.bindings.cuda.CUDA_MEMCPY_NODE_PARAMS;
import dev.culebra.bindings.cuda.CUDA_MEMSET_NODE_PARAMS;
import dev.culebra.bindings.cuda.CUgraphNodeParams;
import dev.culebra.emulator.exec.Dim3;
import java.lang.foreign.MemorySegment;

/** The structs that describe what a node of a graph does, and the commands that they stand for. */
final class GraphParameters {
  private GraphParameters() {}

  /** Of a {@code CUDA_KERNEL_NODE_PARAMS}, version 2 or 3. */
  static KernelCommand kernel(Driver driver, MemorySegment struct, LaunchSettings settings) {
    long handle = CUDA_KERNEL_NODE_PARAMS.func(struct).address();
    if (handle == 0) {
      handle = CUDA_KERNEL_NODE_PARAMS.kern(struct).address();
    }
    DeviceFunction function = FunctionApi.function(driver, handle);
    Dim3 grid =
        new Dim3(
            CUDA_KERNEL_NODE_PARAMS.gridDimX(struct),
            CUDA_KERNEL_NODE_PARAMS.gridDimY(struct),
            CUDA_KERNEL_NODE_PARAMS.gridDimZ(struct));
    Dim3 block =
        new Dim3(
            CUDA_KERNEL_NODE_PARAMS.blockDimX(struct),
            CUDA_KERNEL_NODE_PARAMS.blockDimY(struct),
            CUDA_KERNEL_NODE_PARAMS.blockDimZ(struct));
    int shared = CUDA_KERNEL_NODE_PARAMS.sharedMemBytes(struct);
    byte[] arguments =
        KernelArguments.read(
            function.kernel,
            CUDA_KERNEL_NODE_PARAMS.kernelParams(struct).address(),
            CUDA_KERNEL_NODE_PARAMS.extra(struct).address());
    LaunchRules.check(driver, function, grid, block, shared, settings);
    return LaunchRules.command(function, grid, block, shared, arguments, settings);
  }

  /** Writes what {@link #kernel} reads. */
  static void write(GraphNode node, KernelCommand command, MemorySegment struct) {
    struct.fill((byte) 0);
    CUDA_KERNEL_NODE_PARAMS.func(struct, MemorySegment.ofAddress(command.function().handle));
    CUDA_KERNEL_NODE_PARAMS.gridDimX(struct, command.launch().grid().x());
    CUDA_KERNEL_NODE_PARAMS.gridDimY(struct, command.launch().grid().y());
    CUDA_KERNEL_NODE_PARAMS.gridDimZ(struct, command.launch().grid().z());
    CUDA_KERNEL_NODE_PARAMS.blockDimX(struct, command.launch().block().x());
    CUDA_KERNEL_NODE_PARAMS.blockDimY(struct, command.launch().block().y());
    CUDA_KERNEL_NODE_PARAMS.blockDimZ(struct, command.launch().block().z());
    CUDA_KERNEL_NODE_PARAMS.sharedMemBytes(struct, command.launch().dynamicSharedBytes());
    long parameters =
        KernelArguments.export(
            command.function().kernel, command.launch().parameters(), node.exported());
    CUDA_KERNEL_NODE_PARAMS.kernelParams(struct, MemorySegment.ofAddress(parameters));
    CUDA_KERNEL_NODE_PARAMS.ctx(
        struct, MemorySegment.ofAddress(command.function().module.context.handle));
  }

  /** Of a {@code CUDA_MEMCPY3D}. */
  static CopyCommand copy(Context context, MemorySegment struct) {
    CopyCommand command = BoxCopyApi.box(struct);
    if (command.empty()) {
      throw Status.INVALID_VALUE.because("a node that copies nothing");
    }
    command.check(context);
    return command;
  }

  static void write(CopyCommand command, MemorySegment struct) {
    struct.fill((byte) 0);
    CopyCommand.Side from = command.source();
    CUDA_MEMCPY3D.srcMemoryType(struct, type(from.memory()));
    CUDA_MEMCPY3D.srcPitch(struct, from.pitch());
    CUDA_MEMCPY3D.srcHeight(struct, rows(from));
    if (from.memory() == CopyCommand.Memory.HOST) {
      CUDA_MEMCPY3D.srcHost(struct, MemorySegment.ofAddress(from.address()));
    } else {
      CUDA_MEMCPY3D.srcDevice(struct, from.address());
    }
    CopyCommand.Side to = command.destination();
    CUDA_MEMCPY3D.dstMemoryType(struct, type(to.memory()));
    CUDA_MEMCPY3D.dstPitch(struct, to.pitch());
    CUDA_MEMCPY3D.dstHeight(struct, rows(to));
    if (to.memory() == CopyCommand.Memory.HOST) {
      CUDA_MEMCPY3D.dstHost(struct, MemorySegment.ofAddress(to.address()));
    } else {
      CUDA_MEMCPY3D.dstDevice(struct, to.address());
    }
    CUDA_MEMCPY3D.WidthInBytes(struct, command.width());
    CUDA_MEMCPY3D.Height(struct, command.height());
    CUDA_MEMCPY3D.Depth(struct, command.depth());
  }

  private static long rows(CopyCommand.Side side) {
    return side.pitch() == 0 ? 0 : side.slicePitch() / side.pitch();
  }

  private static int type(CopyCommand.Memory memory) {
    return switch (memory) {
      case HOST -> CU_MEMORYTYPE_HOST();
      case DEVICE -> CU_MEMORYTYPE_DEVICE();
      case UNIFIED -> CU_MEMORYTYPE_UNIFIED();
    };
  }

  /** Of a {@code CUDA_MEMSET_NODE_PARAMS}, version 1 or 2. */
  static FillCommand fill(Context context, MemorySegment struct) {
    long width = CUDA_MEMSET_NODE_PARAMS.width(struct);
    long height = CUDA_MEMSET_NODE_PARAMS.height(struct);
    int elementBytes = CUDA_MEMSET_NODE_PARAMS.elementSize(struct);
    if (elementBytes != 1 && elementBytes != 2 && elementBytes != 4) {
      throw Status.INVALID_VALUE.because("elements of " + elementBytes + " bytes");
    }
    if (width == 0 || height == 0) {
      throw Status.INVALID_VALUE.because("a node that sets nothing");
    }
    long pitch = height == 1 ? width * elementBytes : CUDA_MEMSET_NODE_PARAMS.pitch(struct);
    FillCommand command =
        new FillCommand(
            CUDA_MEMSET_NODE_PARAMS.dst(struct),
            pitch,
            CUDA_MEMSET_NODE_PARAMS.value(struct),
            elementBytes,
            width,
            height);
    command.check(context);
    return command;
  }

  static void write(FillCommand command, MemorySegment struct) {
    CUDA_MEMSET_NODE_PARAMS.dst(struct, command.address());
    CUDA_MEMSET_NODE_PARAMS.pitch(struct, command.height() == 1 ? 0 : command.pitch());
    CUDA_MEMSET_NODE_PARAMS.value(struct, command.value());
    CUDA_MEMSET_NODE_PARAMS.elementSize(struct, command.elementBytes());
    CUDA_MEMSET_NODE_PARAMS.width(struct, command.width());
    CUDA_MEMSET_NODE_PARAMS.height(struct, command.height());
  }

  /** Of a {@code CUDA_HOST_NODE_PARAMS}, version 1 or 2. */
  static HostCommand host(MemorySegment struct) {
    long function = CUDA_HOST_NODE_PARAMS.fn(struct).address();
    CallerMemory.requireNonNull(function, "the function");
    return new HostCommand(function, CUDA_HOST_NODE_PARAMS.userData(struct).address());
  }

  static void write(HostCommand command, MemorySegment struct) {
    CUDA_HOST_NODE_PARAMS.fn(struct, MemorySegment.ofAddress(command.function()));
    CUDA_HOST_NODE_PARAMS.userData(struct, MemorySegment.ofAddress(command.userData()));
  }

  /** Of a {@code CUDA_BATCH_MEM_OP_NODE_PARAMS}. */
  static ValueCommand values(MemorySegment struct) {
    return new ValueCommand(
        StreamValueApi.operations(
            CUDA_BATCH_MEM_OP_NODE_PARAMS.count(struct),
            CUDA_BATCH_MEM_OP_NODE_PARAMS.paramArray(struct).address()));
  }

  /** What a {@code CUgraphNodeParams} of a type that is no graph and no allocation describes. */
  static Command command(Context context, NodeType type, MemorySegment struct) {
    Driver driver = context.driver;
    return switch (type) {
      case KERNEL -> kernel(driver, CUgraphNodeParams.kernel(struct), new LaunchSettings());
      case MEMCPY ->
          copy(context, CUDA_MEMCPY_NODE_PARAMS.copyParams(CUgraphNodeParams.memcpy(struct)));
      case MEMSET -> fill(context, CUgraphNodeParams.memset(struct));
      case HOST -> host(CUgraphNodeParams.host(struct));
      case EMPTY -> new EmptyCommand();
      case EVENT_RECORD -> {
        MemorySegment event = CUgraphNodeParams.eventRecord(struct);
        yield new RecordCommand(
            driver.resource(
                CUDA_EVENT_RECORD_NODE_PARAMS.event(event).address(), Event.class, "event"));
      }
      case WAIT_EVENT -> {
        MemorySegment event = CUgraphNodeParams.eventWait(struct);
        yield new WaitCommand(
            driver.resource(
                CUDA_EVENT_WAIT_NODE_PARAMS.event(event).address(), Event.class, "event"));
      }
      case BATCH_MEM_OP -> values(CUgraphNodeParams.memOp(struct));
      default -> throw Status.NOT_SUPPORTED.because("nodes of type " + type + " are not emulated");
    };
  }
}
