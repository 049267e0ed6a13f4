package dev.culebra.emulator.driver;

import static dev.culebra.bindings.cuda.cuda_h.CU_JIT_INPUT_CUBIN;
import static dev.culebra.bindings.cuda.cuda_h.CU_JIT_INPUT_FATBINARY;
import static dev.culebra.bindings.cuda.cuda_h.CU_JIT_INPUT_PTX;
import static dev.culebra.bindings.cuda.cuda_h.CU_JIT_NUM_INPUT_TYPES;

import dev.culebra.emulator.memory.HostMemory;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/** The linker: modules become one image, which here is PTX as well. */
final class LinkApi {
  private static final int SUCCESS = 0;

  private LinkApi() {}

  static int cuLinkCreate_v2(int count, long options, long values, long place) {
    Driver driver = Driver.get();
    Context context = driver.context();
    CallerMemory.requireNonNull(place, "the place for a linker");
    Link link = new Link(context, new JitOptions(count, options, values));
    CallerMemory.putLong(place, link.handle);
    return SUCCESS;
  }

  private static Link link(long handle) {
    Driver driver = Driver.get();
    driver.context();
    return driver.resource(handle, Link.class, "linker");
  }

  static int cuLinkAddData_v2(
      long handle,
      int type,
      long data,
      long bytes,
      long name,
      int count,
      long options,
      long values) {
    Link link = link(handle);
    requireText(type);
    CallerMemory.requireNonNull(data, "the data");
    if (bytes <= 0) {
      throw Status.INVALID_VALUE.because(bytes + " bytes to link");
    }
    new JitOptions(count, options, values);
    MemorySegment image = MemorySegment.ofArray(CallerMemory.bytes(data, bytes));
    link.add(name == 0 ? "input" : CallerMemory.string(name), text(link, type, image));
    return SUCCESS;
  }

  static int cuLinkAddFile_v2(
      long handle, int type, long path, int count, long options, long values) {
    Link link = link(handle);
    requireText(type);
    new JitOptions(count, options, values);
    String file = CallerMemory.string(path);
    MemorySegment image = MemorySegment.ofArray(ModuleImage.bytes(file));
    link.add(file, text(link, type, image));
    return SUCCESS;
  }

  private static void requireText(int type) {
    if (type < 0 || type >= CU_JIT_NUM_INPUT_TYPES()) {
      throw Status.INVALID_VALUE.because("no input of the linker has type " + type);
    }
    if (type != CU_JIT_INPUT_PTX() && type != CU_JIT_INPUT_FATBINARY()) {
      throw (type == CU_JIT_INPUT_CUBIN() ? Status.NO_BINARY_FOR_GPU : Status.NOT_SUPPORTED)
          .because("the emulated linker takes PTX and fat binaries with PTX, not type " + type);
    }
  }

  private static String text(Link link, int type, MemorySegment image) {
    if (type == CU_JIT_INPUT_FATBINARY()) {
      return FatBinary.ptx(image, link.context.driver.options.profile());
    }
    byte[] bytes = image.toArray(HostMemory.BYTE);
    int length = 0;
    while (length < bytes.length && bytes[length] != 0) {
      length++;
    }
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }

  /** The image lives as long as the linker does. */
  static int cuLinkComplete(long handle, long image, long bytes) {
    Link link = link(handle);
    CallerMemory.requireNonNull(image, "the place for an image's address");
    MemorySegment linked = link.complete();
    CallerMemory.putLong(image, linked.address());
    CallerMemory.putLongIfWanted(bytes, linked.byteSize());
    return SUCCESS;
  }

  static int cuLinkDestroy(long handle) {
    link(handle).release();
    return SUCCESS;
  }
}
