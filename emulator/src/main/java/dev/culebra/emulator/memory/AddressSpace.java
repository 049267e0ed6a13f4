package dev.culebra.emulator.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Address space of the host, reserved but not yet backed by memory: pages come, as zeros, when they
 * are first touched, and go when they are discarded. (mmap(2), madvise(2), munmap(2).)
 */
final class AddressSpace {
  static final long PAGE = 4096;

  /** Bytes that are sooner overwritten than given back. */
  private static final long LEAST_DISCARDED = 1 << 16;

  private static final int READ_WRITE = 0x1 | 0x2;
  private static final int PRIVATE_ANONYMOUS_NORESERVE = 0x2 | 0x20 | 0x4000;
  private static final int PRIVATE_ANONYMOUS_NORESERVE_FIXED = PRIVATE_ANONYMOUS_NORESERVE | 0x10;
  private static final int SHARED_FIXED = 0x1 | 0x10;
  private static final int CLOSE_ON_EXEC = 1;
  private static final int DONTNEED = 4;
  private static final long FAILED = -1;

  private static final MethodHandle MAP =
      libc(
          "mmap",
          FunctionDescriptor.of(
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_LONG));
  private static final MethodHandle UNMAP =
      libc(
          "munmap",
          FunctionDescriptor.of(
              ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
  private static final MethodHandle ADVISE =
      libc(
          "madvise",
          FunctionDescriptor.of(
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_INT));

  private static final MethodHandle FILE =
      libc(
          "memfd_create",
          FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
  private static final MethodHandle TRUNCATE =
      libc(
          "ftruncate",
          FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG));
  private static final MethodHandle CLOSE =
      libc("close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

  private AddressSpace() {}

  /** Reserves {@code bytes}, unmapped when the arena closes; null where the system refuses. */
  @SuppressWarnings("restricted")
  static MemorySegment reserve(long bytes, Arena arena) {
    long address;
    try {
      address = (long) MAP.invokeExact(0L, bytes, READ_WRITE, PRIVATE_ANONYMOUS_NORESERVE, -1, 0L);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
    if (address == FAILED) {
      return null;
    }
    return MemorySegment.ofAddress(address)
        .reinterpret(bytes, arena, segment -> unmap(address, bytes));
  }

  private static void unmap(long address, long bytes) {
    try {
      int status = (int) UNMAP.invokeExact(address, bytes);
      if (status != 0) {
        throw new IllegalStateException("munmap failed");
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  /** Makes bytes zero, and gives the pages that lie wholly among them back to the system. */
  static void discard(MemorySegment region, long offset, long bytes) {
    if (bytes < LEAST_DISCARDED) {
      region.asSlice(offset, bytes).fill((byte) 0);
      return;
    }
    long start = Math.min(offset + bytes, roundUp(offset));
    long end = Math.max(start, (offset + bytes) / PAGE * PAGE);
    region.asSlice(offset, start - offset).fill((byte) 0);
    region.asSlice(end, offset + bytes - end).fill((byte) 0);
    if (end == start) {
      return;
    }
    try {
      int status = (int) ADVISE.invokeExact(region.address() + start, end - start, DONTNEED);
      if (status != 0) {
        region.asSlice(start, end - start).fill((byte) 0);
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  /** A file of zeros in no directory, whose pages come as they are touched; -1 where refused. */
  static int file(long bytes) {
    try (Arena arena = Arena.ofConfined()) {
      int file = (int) FILE.invokeExact(arena.allocateFrom("device memory"), CLOSE_ON_EXEC);
      if (file >= 0 && (int) TRUNCATE.invokeExact(file, bytes) != 0) {
        close(file);
        return -1;
      }
      return file;
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  static void close(int file) {
    try {
      int status = (int) CLOSE.invokeExact(file);
      if (status != 0) {
        throw new IllegalStateException("close failed");
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  /** Puts the first bytes of a file in place of reserved addresses; false where refused. */
  static boolean mapFile(long address, long bytes, int file) {
    return mapAt(address, bytes, SHARED_FIXED, file);
  }

  /** Makes addresses what they were when they were reserved: zeros, private, not yet there. */
  static void mapNothing(long address, long bytes) {
    if (!mapAt(address, bytes, PRIVATE_ANONYMOUS_NORESERVE_FIXED, -1)) {
      throw new IllegalStateException("mmap failed over addresses that were mapped");
    }
  }

  private static boolean mapAt(long address, long bytes, int flags, int file) {
    try {
      return (long) MAP.invokeExact(address, bytes, READ_WRITE, flags, file, 0L) == address;
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  private static long roundUp(long offset) {
    return (offset + PAGE - 1) / PAGE * PAGE;
  }

  @SuppressWarnings("restricted")
  private static MethodHandle libc(String name, FunctionDescriptor type) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), type);
  }
}
