package dev.culebra.emulator.exec;

import dev.culebra.emulator.check.Checker;
import dev.culebra.emulator.memory.HostMemory;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;

/** Functions that the system provides (CUDA C++ Programming Guide, formatted output, assertion). */
final class SystemCalls {
  private static final int POINTER = Long.BYTES;
  private static final int LONGEST_STRING = 1 << 20;

  private static final Set<String> EMULATED = Set.of("vprintf", "__assertfail", "__assert_fail");

  /** Functions that would need a system that is not there. */
  private static final Set<String> REFUSED =
      Set.of("malloc", "free", "cudaDeviceSynchronize", "cudaGetParameterBufferV2");

  private SystemCalls() {}

  /** Whether a device has such a function, be it emulated or not. */
  static boolean exists(String name) {
    return EMULATED.contains(name) || REFUSED.contains(name);
  }

  /**
   * @throws UnsupportedPtxException when the system has no such function
   */
  static Operation decode(
      String name, List<Argument> arguments, List<Argument> results, Site site) {
    switch (name) {
      case "vprintf" -> {
        require(arguments.size() == 2 && results.size() <= 1, name, site);
        return new Print(arguments, results, site);
      }
      case "__assertfail", "__assert_fail" -> {
        require(arguments.size() >= 4 && results.isEmpty(), name, site);
        return new Assert(arguments, site);
      }
      default ->
          throw new UnsupportedPtxException(
              (REFUSED.contains(name)
                      ? "the device's own " + name + " is not emulated, "
                      : name + " is not defined in this module, ")
                  + site.module()
                  + ":"
                  + site.instruction().position());
    }
  }

  private static void require(boolean known, String name, Site site) {
    if (!known) {
      throw new UnsupportedPtxException(
          "a call of "
              + name
              + " with other arguments than it has, "
              + site.module()
              + ":"
              + site.instruction().position());
    }
  }

  private static int readInt(Warp warp, int lane, long address, Site site) {
    return HostMemory.ALL.get(
        HostMemory.INT,
        Places.find(
            warp, lane, Space.GENERIC, address, POINTER / 2, MemoryOperation.Kind.LOAD, site));
  }

  private static long readLong(Warp warp, int lane, long address, Site site) {
    return HostMemory.ALL.get(
        HostMemory.LONG,
        Places.find(warp, lane, Space.GENERIC, address, POINTER, MemoryOperation.Kind.LOAD, site));
  }

  /** The string at an address; null for a null pointer. */
  private static byte[] readString(Warp warp, int lane, long address, Site site) {
    if (address == 0) {
      return null;
    }
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    for (int i = 0; i < LONGEST_STRING; i++) {
      byte next =
          HostMemory.ALL.get(
              HostMemory.BYTE,
              Places.find(
                  warp, lane, Space.GENERIC, address + i, 1, MemoryOperation.Kind.LOAD, site));
      if (next == 0) {
        break;
      }
      text.write(next);
    }
    return text.toByteArray();
  }

  /** {@code vprintf(format, arguments)}. */
  private static final class Print extends Operation {
    private final List<Argument> arguments;
    private final List<Argument> results;
    private final Site site;

    private Print(List<Argument> arguments, List<Argument> results, Site site) {
      this.arguments = arguments;
      this.results = results;
      this.site = site;
    }

    @Override
    void execute(Warp warp, int active) {
      for (int left = active; left != 0; left &= left - 1) {
        int lane = Integer.numberOfTrailingZeros(left);
        Frame frame = warp.current.frame;
        byte[] format =
            readString(warp, lane, Transfer.get(arguments.get(0), warp, frame, lane), site);
        int count = -1;
        if (format != null) {
          PrintFormat print =
              new PrintFormat(
                  format,
                  new Buffer(warp, lane, site, Transfer.get(arguments.get(1), warp, frame, lane)));
          warp.block.grid().output().print(print.print());
          count = print.count();
        }
        for (Argument result : results) {
          Transfer.put(result, warp, frame, lane, count);
        }
      }
    }
  }

  /** Arguments of printf as CUDA lays them out: each aligned to its size. */
  private static final class Buffer implements PrintFormat.Arguments {
    private final Warp warp;
    private final int lane;
    private final Site site;
    private long address;

    private Buffer(Warp warp, int lane, Site site, long address) {
      this.warp = warp;
      this.lane = lane;
      this.site = site;
      this.address = address;
    }

    @Override
    public int nextInt() {
      int value = readInt(warp, lane, address, site);
      address += Integer.BYTES;
      return value;
    }

    @Override
    public long nextLong() {
      address = address + Long.BYTES - 1 & -Long.BYTES;
      long value = readLong(warp, lane, address, site);
      address += Long.BYTES;
      return value;
    }

    @Override
    public byte[] string(long at) {
      return readString(warp, lane, at, site);
    }
  }

  /** {@code __assertfail(message, file, line, function, charsize)}. */
  private static final class Assert extends Operation {
    private final List<Argument> arguments;
    private final Site site;

    private Assert(List<Argument> arguments, Site site) {
      this.arguments = arguments;
      this.site = site;
    }

    @Override
    void execute(Warp warp, int active) {
      Frame frame = warp.current.frame;
      Block block = warp.block;
      String first = null;
      for (int left = active; left != 0; left &= left - 1) {
        int lane = Integer.numberOfTrailingZeros(left);
        String text =
            text(warp, frame, lane, 1)
                + ":"
                + (int) Transfer.get(arguments.get(2), warp, frame, lane)
                + ": "
                + text(warp, frame, lane, 3)
                + ": block: "
                + bracketed(block.index().toString())
                + ", thread: "
                + bracketed(block.thread(warp, lane))
                + " Assertion `"
                + text(warp, frame, lane, 0)
                + "` failed.";
        block.grid().output().print((text + "\n").getBytes(StandardCharsets.ISO_8859_1));
        first = first == null ? text : first;
      }
      throw new KernelFaultException(
          KernelFault.ASSERT,
          block.finding(Checker.MEMORY, site, warp, Integer.numberOfTrailingZeros(active), first));
    }

    private String text(Warp warp, Frame frame, int lane, int argument) {
      byte[] bytes =
          readString(warp, lane, Transfer.get(arguments.get(argument), warp, frame, lane), site);
      return bytes == null ? "" : new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /** "[1,2,3]" of "(1,2,3)". */
    private static String bracketed(String index) {
      return "[" + index.substring(1, index.length() - 1) + "]";
    }
  }
}
