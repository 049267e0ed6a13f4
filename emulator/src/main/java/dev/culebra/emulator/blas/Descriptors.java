package dev.culebra.emulator.blas;

import static dev.culebra.bindings.cublaslt.cublasLt_h.*;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * cuBLASLt's descriptors. They live in memory that callers see and may own ({@code Init}), so they
 * are known by address.
 */
final class Descriptors {
  private static final Map<Integer, Integer> LAYOUT_WIDTHS =
      Map.of(
          CUBLASLT_MATRIX_LAYOUT_TYPE(), 4,
          CUBLASLT_MATRIX_LAYOUT_ORDER(), 4,
          CUBLASLT_MATRIX_LAYOUT_ROWS(), 8,
          CUBLASLT_MATRIX_LAYOUT_COLS(), 8,
          CUBLASLT_MATRIX_LAYOUT_LD(), 8,
          CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT(), 4,
          CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET(), 8);

  private static final Map<Integer, Integer> PREFERENCE_WIDTHS =
      Map.of(
          CUBLASLT_MATMUL_PREF_SEARCH_MODE(), 4,
          CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES(), 8,
          CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK(), 4,
          CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES(), 4,
          CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES(), 4,
          CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES(), 4,
          CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES(), 4,
          CUBLASLT_MATMUL_PREF_MAX_WAVES_COUNT(), 4,
          CUBLASLT_MATMUL_PREF_IMPL_MASK(), 8);

  private static final int DEFAULT_ALIGNMENT = 256;

  private static final Map<Long, Attributes> LAYOUTS = new HashMap<>();
  private static final Map<Long, Attributes> MATMULS = new HashMap<>();
  private static final Map<Long, Attributes> PREFERENCES = new HashMap<>();
  private static final Map<Long, Arena> OWNED = new HashMap<>();

  private Descriptors() {}

  private static Map<Integer, Integer> matmulWidths() {
    Map<Integer, Integer> widths = new HashMap<>();
    int[] words = {
      CUBLASLT_MATMUL_DESC_COMPUTE_TYPE(),
      CUBLASLT_MATMUL_DESC_SCALE_TYPE(),
      CUBLASLT_MATMUL_DESC_POINTER_MODE(),
      CUBLASLT_MATMUL_DESC_TRANSA(),
      CUBLASLT_MATMUL_DESC_TRANSB(),
      CUBLASLT_MATMUL_DESC_TRANSC(),
      CUBLASLT_MATMUL_DESC_FILL_MODE(),
      CUBLASLT_MATMUL_DESC_EPILOGUE(),
      CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE(),
      CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_DATA_TYPE(),
      CUBLASLT_MATMUL_DESC_SM_COUNT_TARGET(),
      CUBLASLT_MATMUL_DESC_A_SCALE_MODE(),
      CUBLASLT_MATMUL_DESC_B_SCALE_MODE(),
      CUBLASLT_MATMUL_DESC_C_SCALE_MODE(),
      CUBLASLT_MATMUL_DESC_D_SCALE_MODE()
    };
    int[] longs = {
      CUBLASLT_MATMUL_DESC_BIAS_POINTER(),
      CUBLASLT_MATMUL_DESC_BIAS_BATCH_STRIDE(),
      CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_POINTER(),
      CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_LD(),
      CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_BATCH_STRIDE(),
      CUBLASLT_MATMUL_DESC_A_SCALE_POINTER(),
      CUBLASLT_MATMUL_DESC_B_SCALE_POINTER(),
      CUBLASLT_MATMUL_DESC_C_SCALE_POINTER(),
      CUBLASLT_MATMUL_DESC_D_SCALE_POINTER(),
      CUBLASLT_MATMUL_DESC_AMAX_D_POINTER()
    };
    for (int attribute : words) {
      widths.put(attribute, Integer.BYTES);
    }
    for (int attribute : longs) {
      widths.put(attribute, Long.BYTES);
    }
    widths.put(CUBLASLT_MATMUL_DESC_FAST_ACCUM(), Byte.BYTES);
    return widths;
  }

  static Attributes newLayout(int type, long rows, long columns, long leadingDimension) {
    return new Attributes("matrix layout", LAYOUT_WIDTHS)
        .with(CUBLASLT_MATRIX_LAYOUT_TYPE(), type)
        .with(CUBLASLT_MATRIX_LAYOUT_ORDER(), CUBLASLT_ORDER_COL())
        .with(CUBLASLT_MATRIX_LAYOUT_ROWS(), rows)
        .with(CUBLASLT_MATRIX_LAYOUT_COLS(), columns)
        .with(CUBLASLT_MATRIX_LAYOUT_LD(), leadingDimension)
        .with(CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT(), 1);
  }

  static Attributes newMatmul(int computeType, int scaleType) {
    return new Attributes("matmul descriptor", matmulWidths())
        .with(CUBLASLT_MATMUL_DESC_COMPUTE_TYPE(), computeType)
        .with(CUBLASLT_MATMUL_DESC_SCALE_TYPE(), scaleType)
        .with(CUBLASLT_MATMUL_DESC_POINTER_MODE(), CUBLASLT_POINTER_MODE_HOST())
        .with(CUBLASLT_MATMUL_DESC_EPILOGUE(), CUBLASLT_EPILOGUE_DEFAULT())
        .with(CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE(), -1)
        .with(CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_DATA_TYPE(), -1);
  }

  static Attributes newPreference() {
    return new Attributes("matmul preference", PREFERENCE_WIDTHS)
        .with(CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK(), -1)
        .with(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES(), DEFAULT_ALIGNMENT)
        .with(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES(), DEFAULT_ALIGNMENT)
        .with(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES(), DEFAULT_ALIGNMENT)
        .with(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES(), DEFAULT_ALIGNMENT)
        .with(CUBLASLT_MATMUL_PREF_IMPL_MASK(), -1);
  }

  /** The tables, by what callers hold. */
  enum Table {
    LAYOUT(LAYOUTS, 64),
    MATMUL(MATMULS, 256),
    PREFERENCE(PREFERENCES, 64);

    private final Map<Long, Attributes> attributes;
    private final int bytes;

    Table(Map<Long, Attributes> attributes, int bytes) {
      this.attributes = attributes;
      this.bytes = bytes;
    }

    /** Makes one in memory of its own. */
    synchronized long create(Attributes fresh) {
      Arena arena = Arena.ofShared();
      MemorySegment memory = arena.allocate(bytes, Long.BYTES);
      OWNED.put(memory.address(), arena);
      attributes.put(memory.address(), fresh);
      return memory.address();
    }

    /** Makes one in memory of the caller's. */
    synchronized void init(long address, long size, Attributes fresh) {
      Pointers.require(address, "the descriptor");
      BlasStatus.INVALID_VALUE.unless(
          size >= bytes, "a descriptor has " + bytes + " bytes, not " + size);
      attributes.put(address, fresh);
    }

    synchronized void destroy(long address) {
      attributes.remove(address);
      Arena arena = OWNED.remove(address);
      if (arena != null) {
        arena.close();
      }
    }

    synchronized Attributes at(long address) {
      Attributes found = attributes.get(address);
      BlasStatus.INVALID_VALUE.unless(
          found != null,
          "0x"
              + Long.toHexString(address)
              + " is no "
              + name().toLowerCase(Locale.ROOT)
              + " descriptor");
      return found;
    }
  }
}
