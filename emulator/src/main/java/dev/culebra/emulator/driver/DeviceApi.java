package dev.culebra.emulator.driver;

import dev.culebra.emulator.memory.HostMemory;
import dev.culebra.emulator.profile.DeviceProfile;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** The one device and what it is. */
final class DeviceApi {
  private static final int SUCCESS = 0;
  private static final String PCI_BUS_ID = "0000:01:00.0";
  private static final int UUID_BYTES = 16;

  private DeviceApi() {}

  /** The driver, with that device there. */
  static Driver driver(int device) {
    Driver driver = Driver.get();
    driver.requireInitialised();
    requireDevice(device);
    return driver;
  }

  private static void requireDevice(int device) {
    if (device != 0) {
      throw Status.INVALID_DEVICE.because("device " + device + "; there is device 0 alone");
    }
  }

  static int cuDeviceGet(long device, int ordinal) {
    driver(ordinal);
    CallerMemory.putInt(device, ordinal);
    return SUCCESS;
  }

  static int cuDeviceGetCount(long count) {
    driver(0);
    CallerMemory.putInt(count, 1);
    return SUCCESS;
  }

  static int cuDeviceGetName(long name, int length, int device) {
    Driver driver = driver(device);
    CallerMemory.putString(name, length, driver.options.profile().displayName());
    return SUCCESS;
  }

  /** Made of the profile's name, so that it stays the same. */
  static int cuDeviceGetUuid_v2(long uuid, int device) {
    DeviceProfile profile = driver(device).options.profile();
    CallerMemory.requireNonNull(uuid, "the place for a UUID");
    UUID made =
        UUID.nameUUIDFromBytes(
            ("culebra emulated " + profile.name()).getBytes(StandardCharsets.UTF_8));
    for (int i = 0; i < UUID_BYTES; i++) {
      long half = i < Long.BYTES ? made.getMostSignificantBits() : made.getLeastSignificantBits();
      int shift = Long.SIZE - Byte.SIZE - i % Long.BYTES * Byte.SIZE;
      HostMemory.ALL.set(HostMemory.BYTE, uuid + i, (byte) (half >>> shift));
    }
    return SUCCESS;
  }

  static int cuDeviceTotalMem_v2(long bytes, int device) {
    CallerMemory.putLong(bytes, driver(device).memory().capacity());
    return SUCCESS;
  }

  static int cuDeviceGetAttribute(long value, int attribute, int device) {
    Driver driver = driver(device);
    CallerMemory.requireNonNull(value, "the place for an attribute");
    Integer known = new DeviceAttributes(driver.options.profile()).get(attribute);
    if (known == null) {
      throw Status.INVALID_VALUE.because("no attribute of a device has number " + attribute);
    }
    CallerMemory.putInt(value, known);
    return SUCCESS;
  }

  static int cuDeviceGetPCIBusId(long text, int length, int device) {
    driver(device);
    CallerMemory.putString(text, length, PCI_BUS_ID);
    return SUCCESS;
  }

  static int cuDeviceGetByPCIBusId(long device, long text) {
    driver(0);
    String wanted = CallerMemory.string(text);
    if (!PCI_BUS_ID.equals(wanted) && !PCI_BUS_ID.substring("0000:".length()).equals(wanted)) {
      throw Status.INVALID_DEVICE.because("no device has the bus id " + wanted);
    }
    CallerMemory.putInt(device, 0);
    return SUCCESS;
  }

  static int cuDeviceCanAccessPeer(long answer, int device, int peer) {
    driver(device);
    requireDevice(peer);
    CallerMemory.putInt(answer, 0);
    return SUCCESS;
  }

  static int cuDeviceGetP2PAttribute(long value, int attribute, int device, int peer) {
    driver(device);
    requireDevice(peer);
    throw Status.INVALID_DEVICE.because("a device is no peer of itself");
  }
}
