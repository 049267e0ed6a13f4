package dev.culebra.emulator.driver;

import dev.culebra.emulator.exec.Program;
import dev.culebra.emulator.exec.UnsupportedPtxException;
import dev.culebra.emulator.memory.HostMemory;
import dev.culebra.emulator.memory.OutOfDeviceMemoryException;
import dev.culebra.emulator.profile.DeviceProfile;
import dev.culebra.emulator.ptx.PtxException;
import dev.culebra.emulator.ptx.PtxModule;
import dev.culebra.emulator.ptx.PtxParser;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** What a caller gives to be loaded: PTX as text, or a fat binary that holds some. */
final class ModuleImage {
  private static final int ELF_MAGIC = 0x464c457f;

  /** The newest PTX that a driver of CUDA 13.0 reads. */
  private static final int NEWEST_VERSION = 90;

  /** The first architecture that has addresses of 64 bits alone. */
  private static final int WIDE_ADDRESSES = 90;

  private ModuleImage() {}

  /**
   * Reads an image of unknown kind.
   *
   * @throws DriverException where it is none, or none for this device
   */
  static PtxModule read(long address, DeviceProfile profile, JitOptions jit) {
    CallerMemory.requireNonNull(address, "the image");
    MemorySegment image = HostMemory.ALL.asSlice(address);
    return whole("module", text(image, profile), profile, jit);
  }

  /** As {@link #read(long, DeviceProfile, JitOptions)}, out of a file. */
  static PtxModule read(String file, DeviceProfile profile, JitOptions jit) {
    byte[] bytes = bytes(file);
    byte[] ended = new byte[bytes.length + Integer.BYTES];
    System.arraycopy(bytes, 0, ended, 0, bytes.length);
    MemorySegment image = MemorySegment.ofArray(ended);
    if (image.get(HostMemory.INT, 0) == FatBinary.WRAPPER_MAGIC) {
      throw Status.INVALID_IMAGE.because(file + " holds an address, not an image");
    }
    String name = String.valueOf(Path.of(file).getFileName());
    return whole(name, text(image, profile), profile, jit);
  }

  /** Reads PTX that nothing will be linked to. */
  private static PtxModule whole(String name, String text, DeviceProfile profile, JitOptions jit) {
    PtxModule module = parse(name, text, profile, jit);
    String unresolved = Program.unresolved(module);
    if (unresolved != null) {
      jit.error("unresolved function " + unresolved);
      throw Status.INVALID_PTX.because("unresolved function " + unresolved);
    }
    return module;
  }

  static byte[] bytes(String file) {
    try {
      return Files.readAllBytes(Path.of(file));
    } catch (IOException | InvalidPathException e) {
      throw Status.FILE_NOT_FOUND.because(file + " can't be read: " + e);
    }
  }

  private static String text(MemorySegment image, DeviceProfile profile) {
    return switch (magic(image)) {
      case ELF_MAGIC ->
          throw Status.NO_BINARY_FOR_GPU.because(
              "the image is machine code (a cubin); the emulator runs PTX");
      case FatBinary.MAGIC -> FatBinary.ptx(image, profile);
      case FatBinary.WRAPPER_MAGIC ->
          text(HostMemory.ALL.asSlice(FatBinary.unwrap(image)), profile);
      default -> requirePtx(image.getString(0, StandardCharsets.UTF_8));
    };
  }

  /** Text that does not begin as PTX does, after spaces and comments, is no image at all. */
  static String requirePtx(String text) {
    int at = 0;
    int before = -1;
    while (at != before) {
      before = at;
      while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
        at++;
      }
      if (text.startsWith("//", at)) {
        at = after(text, "\n", at);
      } else if (text.startsWith("/*", at)) {
        at = after(text, "*/", at);
      }
    }
    if (!text.startsWith(".version", at)) {
      throw Status.INVALID_IMAGE.because("the image is neither a binary nor PTX");
    }
    return text;
  }

  private static int after(String text, String end, int from) {
    int found = text.indexOf(end, from + 2);
    return found < 0 ? text.length() : found + end.length();
  }

  /** The first word; 0 for a text that ends before. */
  private static int magic(MemorySegment image) {
    for (int i = 0; i < Integer.BYTES; i++) {
      if (image.get(HostMemory.BYTE, i) == 0) {
        return 0;
      }
    }
    return image.get(HostMemory.INT, 0);
  }

  /**
   * Reads PTX that the device has to be able to run. Names that it does not define may be found
   * when it is linked.
   */
  static PtxModule parse(String name, String text, DeviceProfile profile, JitOptions jit) {
    PtxModule module;
    try {
      module = PtxParser.parse(name, text);
    } catch (PtxException e) {
      jit.error(e.getMessage());
      throw Status.INVALID_PTX.because(e.getMessage());
    }
    int version = module.versionMajor() * 10 + module.versionMinor();
    if (version > NEWEST_VERSION) {
      String message =
          "PTX of version %d.%d; this driver reads up to 9.0"
              .formatted(module.versionMajor(), module.versionMinor());
      jit.error(message);
      throw Status.UNSUPPORTED_PTX_VERSION.because(message);
    }
    int target = module.targetArchitecture();
    int device = profile.architecture();
    if (module.addressSize() != 64 && device >= WIDE_ADDRESSES) {
      String message = "PTX with addresses of 32 bits does not run on sm_" + device;
      jit.error(message);
      throw Status.INVALID_PTX.because(message);
    }
    boolean runs =
        switch (module.targetSuffix()) {
          case "" -> target <= device;
          case "f" -> target <= device && target / 10 == device / 10;
          default -> target == device;
        };
    if (!runs) {
      String message =
          "PTX for sm_" + target + module.targetSuffix() + " does not run on sm_" + device;
      jit.error(message);
      throw Status.INVALID_PTX.because(message);
    }
    return module;
  }

  /** Makes a program of a module, its variables in device memory. */
  static Program load(Driver driver, PtxModule module) {
    try {
      return Program.load(module, driver.memory(), driver.options.profile());
    } catch (UnsupportedPtxException e) {
      driver.noteUnsupported(e.getMessage(), e.getMessage());
      throw Status.NOT_SUPPORTED.because(e.getMessage());
    } catch (OutOfDeviceMemoryException e) {
      throw Status.OUT_OF_MEMORY.because(e.getMessage());
    }
  }
}
