package dev.culebra.bindings;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Large blocks of host memory straight from the system, in huge pages where it has them: reading
 * hundreds of megabytes of weights a token through 4 KiB pages spends much of the time on looking up
 * addresses. Zeroed by the system as it is first touched.
 */
public final class AnonymousMemory {
  // Of Linux on x86-64 and AArch64: sys/mman.h.
  private static final int PROT_READ_WRITE = 0x3;
  private static final int MAP_PRIVATE_ANONYMOUS = 0x22;
  private static final int MADV_HUGEPAGE = 14;
  private static final long MAP_FAILED = -1;

  private static final boolean LINUX = System.getProperty("os.name").equals("Linux");

  /** Blocks begin at huge pages, and end with one. */
  private static final long HUGE_PAGE = 2L << 20;

  /** Below this, rounding up to huge pages would waste more than they gain. */
  private static final long LEAST_BYTES = HUGE_PAGE / 2;

  private AnonymousMemory() {}

  /** Handles are looked up when first needed: other systems have other functions. */
  private static final class Functions {
    static final MethodHandle MMAP =
        find(
            "mmap",
            FunctionDescriptor.of(
                ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
    static final MethodHandle MADVISE =
        find("madvise", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
    static final MethodHandle MUNMAP =
        find("munmap", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG));

    @SuppressWarnings("restricted")
    private static MethodHandle find(String name, FunctionDescriptor descriptor) {
      Linker linker = Linker.nativeLinker();
      return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor);
    }
  }

  /**
   * Zeroed memory that lives as long as {@code arena}.
   *
   * @param alignment in bytes, at most a page
   * @throws OutOfMemoryError if the system has none
   */
  public static MemorySegment allocate(Arena arena, long bytes, long alignment) {
    return LINUX && bytes >= LEAST_BYTES
        ? map(arena, bytes)
        : arena.allocate(bytes, alignment);
  }

  @SuppressWarnings("restricted")
  private static MemorySegment map(Arena arena, long bytes) {
    long pages = (bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
    long mapped = pages + HUGE_PAGE;
    try {
      MemorySegment block =
          (MemorySegment)
              Functions.MMAP.invokeExact(
                  MemorySegment.NULL, mapped, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0L);
      if (block.address() == MAP_FAILED) {
        throw new OutOfMemoryError("the system refuses " + bytes + " bytes");
      }
      MemorySegment whole = block.reinterpret(mapped, arena, AnonymousMemory::unmap);
      long start = (block.address() + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
      MemorySegment aligned = whole.asSlice(start - block.address(), bytes);
      // Advice: where it is not taken, the memory is as good in small pages.
      int advised = (int) Functions.MADVISE.invokeExact(aligned, pages, MADV_HUGEPAGE);
      return aligned;
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  private static void unmap(MemorySegment block) {
    try {
      int status = (int) Functions.MUNMAP.invokeExact(block, block.byteSize());
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
