package dev.culebra.emulator.driver;

/** Something of the program's that lives while graphs refer to it ({@code CUuserObject}). */
final class UserObject implements HandleTable.Resource {
  final Driver driver;
  final long handle;
  private final long pointer;
  private final long destroy;
  private long references;

  /**
   * @param destroy function that is given the pointer when nobody refers to it any more
   */
  UserObject(Driver driver, long pointer, long destroy, long references) {
    this.driver = driver;
    this.pointer = pointer;
    this.destroy = destroy;
    this.references = references;
    handle = driver.handles.add(this);
  }

  @Override
  public String what() {
    return "user object";
  }

  void retain(long count) {
    references += count;
  }

  void release(long count) {
    if (count > references) {
      throw driver.misuse(
          Status.INVALID_VALUE,
          count + " references of a user object released, of which there are " + references);
    }
    references -= count;
    if (references == 0) {
      driver.handles.free(handle);
      HostFunctions.call(driver, destroy, pointer);
    }
  }
}
