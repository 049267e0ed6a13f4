package dev.culebra.emulator.driver;

import dev.culebra.emulator.memory.IllegalDeviceAddressException;
import dev.culebra.emulator.memory.MisalignedDeviceAddressException;
import java.util.function.Consumer;

/**
 * Work that a library enqueues: on a real device, kernels of its own.
 *
 * @param touched the memory that it reads and writes
 */
record LibraryCommand(String name, LibraryWork.Touched touched, LibraryWork.Work work)
    implements Command {
  @Override
  public void run(Context context) {
    try {
      work.run(context.driver.memory());
    } catch (IllegalDeviceAddressException e) {
      throw new DeviceFault(Status.ILLEGAL_ADDRESS, name + ": " + e.getMessage());
    } catch (MisalignedDeviceAddressException e) {
      context.driver.report(Driver.hostFinding(name + ": " + e.getMessage()));
      throw new DeviceFault(Status.MISALIGNED_ADDRESS, name + ": " + e.getMessage());
    }
  }

  @Override
  public NodeType nodeType() {
    return NodeType.KERNEL;
  }

  @Override
  public void accesses(Context context, Consumer<MemoryAccess> sink) {
    touched.tell(
        (address, bytes) -> sink.accept(new MemoryAccess(address, bytes, false)),
        (address, bytes) -> sink.accept(new MemoryAccess(address, bytes, true)));
  }
}
