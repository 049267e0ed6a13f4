package dev.culebra.emulator.driver;

import dev.culebra.emulator.exec.Program;
import dev.culebra.emulator.ptx.PtxLinker;
import dev.culebra.emulator.ptx.PtxModule;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Modules on their way to become one ({@code CUlinkState}). */
final class Link implements HandleTable.Resource, Context.ContextResource {
  final Context context;
  final long handle;
  private final JitOptions options;
  private final PtxLinker linker = new PtxLinker();
  private final CallSite site = CallSite.current();
  private final Arena arena = Arena.ofShared();
  private final long start = System.nanoTime();
  private State state = State.ADDING;

  private enum State {
    ADDING,
    FAILED,
    COMPLETE
  }

  Link(Context context, JitOptions options) {
    this.context = context;
    this.options = options;
    handle = context.driver.handles.add(this);
    context.own(this);
  }

  @Override
  public String what() {
    return "linker";
  }

  /** Nothing can be added once the modules were linked, or could not be. */
  void add(String name, String text) {
    if (state != State.ADDING) {
      throw Status.INVALID_VALUE.because("modules have to be added before they are linked");
    }
    try {
      ModuleImage.requirePtx(text);
      PtxModule module = ModuleImage.parse(name, text, context.driver.options.profile(), options);
      linker.add(module, text);
    } catch (DriverException e) {
      options.answer(start);
      throw e;
    }
  }

  /** The image: text with its end. */
  MemorySegment complete() {
    if (state == State.COMPLETE) {
      throw Status.INVALID_HANDLE.because("the modules are linked already");
    }
    if (state == State.FAILED) {
      throw Status.UNKNOWN.because("the modules could not be linked before");
    }
    state = State.FAILED;
    try {
      String text = linker.link();
      PtxModule module =
          ModuleImage.parse("linked", text, context.driver.options.profile(), options);
      String unresolved = Program.unresolved(module);
      if (unresolved != null) {
        options.error("unresolved function " + unresolved);
        throw Status.UNKNOWN.because("unresolved function " + unresolved);
      }
      state = State.COMPLETE;
      return arena.allocateFrom(text);
    } catch (PtxLinker.LinkException e) {
      options.error(e.getMessage());
      throw Status.UNKNOWN.because(e.getMessage());
    } finally {
      options.answer(start);
    }
  }

  @Override
  public String leak() {
    return "a linker, created at " + site;
  }

  @Override
  public void release() {
    arena.close();
    context.disown(this);
    context.driver.handles.free(handle);
  }
}
