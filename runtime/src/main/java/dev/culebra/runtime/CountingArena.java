package dev.culebra.runtime;

/** Stands for an arena while its size is being computed; there is no memory behind its tensors. */
final class CountingArena implements Arena {
  private final Device device;
  private long used;

  CountingArena(Device device) {
    this.device = device;
  }

  @Override
  public Tensor allocate(DType dtype, long... shape) {
    Tensor tensor = Tensor.contiguous(this, 0, dtype, shape);
    used += Allocator.align(tensor.bytes());
    return tensor;
  }

  @Override
  public String name() {
    return "a plan that is only measured";
  }

  @Override
  public Device device() {
    return device;
  }

  @Override
  public boolean isOpen() {
    return false;
  }

  @Override
  public long size() {
    return used;
  }

  @Override
  public long used() {
    return used;
  }

  @Override
  public void close() {}
}
