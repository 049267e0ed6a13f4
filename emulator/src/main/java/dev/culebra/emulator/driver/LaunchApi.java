package dev.culebra.emulator.driver;

import dev.culebra.bindings.cuda.CUlaunchConfig;
import dev.culebra.emulator.exec.Dim3;
import java.lang.foreign.MemorySegment;

/** Kernels and functions of the program become work of a stream. */
final class LaunchApi {
  private static final int SUCCESS = 0;

  private LaunchApi() {}

  static int cuLaunchKernel(
      long function,
      int gridX,
      int gridY,
      int gridZ,
      int blockX,
      int blockY,
      int blockZ,
      int sharedBytes,
      long stream,
      long parameters,
      long extra) {
    return launch(
        function,
        new Dim3(gridX, gridY, gridZ),
        new Dim3(blockX, blockY, blockZ),
        sharedBytes,
        stream,
        parameters,
        extra,
        new LaunchSettings());
  }

  static int cuLaunchCooperativeKernel(
      long function,
      int gridX,
      int gridY,
      int gridZ,
      int blockX,
      int blockY,
      int blockZ,
      int sharedBytes,
      long stream,
      long parameters) {
    LaunchSettings settings = new LaunchSettings();
    settings.cooperative = true;
    return launch(
        function,
        new Dim3(gridX, gridY, gridZ),
        new Dim3(blockX, blockY, blockZ),
        sharedBytes,
        stream,
        parameters,
        0,
        settings);
  }

  static int cuLaunchKernelEx(long config, long function, long parameters, long extra) {
    MemorySegment struct = CallerMemory.struct(config, CUlaunchConfig.layout());
    return launch(
        function,
        new Dim3(
            CUlaunchConfig.gridDimX(struct),
            CUlaunchConfig.gridDimY(struct),
            CUlaunchConfig.gridDimZ(struct)),
        new Dim3(
            CUlaunchConfig.blockDimX(struct),
            CUlaunchConfig.blockDimY(struct),
            CUlaunchConfig.blockDimZ(struct)),
        CUlaunchConfig.sharedMemBytes(struct),
        CUlaunchConfig.hStream(struct).address(),
        parameters,
        extra,
        LaunchSettings.read(struct));
  }

  private static int launch(
      long functionHandle,
      Dim3 grid,
      Dim3 block,
      int sharedBytes,
      long streamHandle,
      long parameters,
      long extra,
      LaunchSettings settings) {
    Driver driver = Driver.get();
    Context context = driver.context();
    DeviceFunction function = FunctionApi.function(driver, functionHandle);
    Stream stream = context.stream(streamHandle);
    if (function.module.context != stream.context) {
      throw driver.misuse(
          Status.INVALID_HANDLE, "a function of one context launched in a stream of another");
    }
    byte[] bytes = KernelArguments.read(function.kernel, parameters, extra);
    LaunchRules.check(driver, function, grid, block, sharedBytes, settings);
    KernelCommand command =
        LaunchRules.command(function, grid, block, sharedBytes, bytes, settings);
    stream.submit(command);
    for (long event : settings.events) {
      EventApi.record(driver.resource(event, Event.class, "event"), stream, false);
    }
    return SUCCESS;
  }

  static int cuLaunchHostFunc(long streamHandle, long function, long userData) {
    Context context = Driver.get().context();
    CallerMemory.requireNonNull(function, "the function");
    context.stream(streamHandle).submit(new HostCommand(function, userData));
    return SUCCESS;
  }
}
