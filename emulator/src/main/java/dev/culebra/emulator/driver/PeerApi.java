package dev.culebra.emulator.driver;

import static dev.culebra.bindings.cuda.cuda_h.CU_EXEC_AFFINITY_TYPE_SM_COUNT;

import dev.culebra.bindings.cuda.CUexecAffinityParam;
import dev.culebra.bindings.cuda.CUexecAffinityParam_st;
import dev.culebra.bindings.cuda.CUexecAffinitySmCount_st;
import java.lang.foreign.MemorySegment;

/** Contexts beside contexts: access from one to another, and their shares of the device. */
final class PeerApi {
  private static final int SUCCESS = 0;

  private PeerApi() {}

  /** Contexts of one device share its memory: there is nothing to enable. */
  static int cuCtxEnablePeerAccess(long peer, int flags) {
    Context context = Driver.get().context();
    if (flags != 0) {
      throw Status.INVALID_VALUE.because("flags of peer access have to be 0");
    }
    requireContext(context, peer);
    throw Status.PEER_ACCESS_UNSUPPORTED.because("both contexts are on the one device");
  }

  static int cuCtxDisablePeerAccess(long peer) {
    Context context = Driver.get().context();
    requireContext(context, peer);
    throw Status.PEER_ACCESS_NOT_ENABLED.because("access to that context was never enabled");
  }

  private static void requireContext(Context context, long handle) {
    if (context.driver.handles.find(handle, Context.class) == null) {
      throw Status.INVALID_CONTEXT.because("no context has that handle");
    }
  }

  /** Every context has the whole device. */
  static int cuCtxGetExecAffinity(long place, int type) {
    Context context = Driver.get().context();
    if (type != CU_EXEC_AFFINITY_TYPE_SM_COUNT()) {
      throw Status.UNSUPPORTED_EXEC_AFFINITY.because("no affinity has number " + type);
    }
    MemorySegment affinity = CallerMemory.struct(place, CUexecAffinityParam.layout());
    CUexecAffinityParam.type(affinity, type);
    MemorySegment count = CUexecAffinityParam_st.param.smCount(CUexecAffinityParam.param(affinity));
    CUexecAffinitySmCount_st.val(count, context.driver.options.profile().multiprocessors());
    return SUCCESS;
  }
}
