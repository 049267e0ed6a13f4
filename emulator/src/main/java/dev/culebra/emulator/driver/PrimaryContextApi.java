package dev.culebra.emulator.driver;

/** The context that all parts of a process share. */
final class PrimaryContextApi {
  private static final int SUCCESS = 0;

  private PrimaryContextApi() {}

  static int cuDevicePrimaryCtxRetain(long context, int device) {
    Driver driver = DeviceApi.driver(device);
    CallerMemory.requireNonNull(context, "the place for a context");
    CallerMemory.putLong(context, driver.primaryContext.retain().handle);
    return SUCCESS;
  }

  static int cuDevicePrimaryCtxRelease_v2(int device) {
    DeviceApi.driver(device).primaryContext.release();
    return SUCCESS;
  }

  static int cuDevicePrimaryCtxReset_v2(int device) {
    DeviceApi.driver(device).primaryContext.reset();
    return SUCCESS;
  }

  static int cuDevicePrimaryCtxGetState(int device, long flags, long active) {
    PrimaryContext primary = DeviceApi.driver(device).primaryContext;
    CallerMemory.putInt(flags, primary.flags());
    CallerMemory.putInt(active, primary.active() ? 1 : 0);
    return SUCCESS;
  }

  static int cuDevicePrimaryCtxSetFlags_v2(int device, int flags) {
    Driver driver = DeviceApi.driver(device);
    ContextApi.checkFlags(flags);
    driver.primaryContext.flags(flags);
    return SUCCESS;
  }
}
