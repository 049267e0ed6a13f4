package dev.culebra.emulator.driver;

import dev.culebra.emulator.exec.Kernel;
import dev.culebra.emulator.exec.UnsupportedPtxException;

/** A kernel of a module that is loaded ({@code CUfunction}). */
final class DeviceFunction implements HandleTable.Resource {
  final Module module;
  final Kernel kernel;
  final FunctionAttributes attributes;
  final long handle;
  private boolean supported;
  private long nameAddress;

  DeviceFunction(Module module, Kernel kernel, FunctionAttributes attributes) {
    this.module = module;
    this.kernel = kernel;
    this.attributes = attributes;
    handle = module.context.driver.handles.add(this);
  }

  @Override
  public String what() {
    return "function";
  }

  /** Bytes that a launch may ask for. */
  int maxDynamicSharedBytes() {
    int withoutOptIn =
        module.context.driver.options.profile().multiprocessor().sharedBytesPerBlock();
    return attributes.maxDynamicSharedBytes(withoutOptIn, kernel.staticSharedBytes());
  }

  /**
   * Refuses a kernel that can't be emulated.
   *
   * @throws DriverException naming the instruction
   */
  void requireSupported() {
    if (supported) {
      return;
    }
    try {
      kernel.requireSupported();
      supported = true;
    } catch (UnsupportedPtxException e) {
      module.context.driver.noteUnsupported(e.getMessage(), kernel.name() + ": " + e.getMessage());
      throw Status.NOT_SUPPORTED.because(e.getMessage());
    }
  }

  /** Its name as a C string that lives as long as the module. */
  long nameAddress() {
    if (nameAddress == 0) {
      nameAddress = module.texts.allocateFrom(kernel.name()).address();
    }
    return nameAddress;
  }
}
