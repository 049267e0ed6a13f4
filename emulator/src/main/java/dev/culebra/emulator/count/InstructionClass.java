package dev.culebra.emulator.count;

/** What instructions are counted as: each is of one class. */
public enum InstructionClass {
  FP32("fp32"),
  FP64("fp64"),
  /** Packed or not. */
  FP16("fp16, bf16"),
  /** Reciprocals, roots, exponentials, logarithms, sines. */
  SPECIAL("special functions"),
  /** Products of matrices. */
  TENSOR("tensor cores"),
  /** Integer arithmetic, comparisons and bits; logic on predicates too. */
  INTEGER("integer and logic"),
  CONVERSION("conversions"),
  /** Copies, selections and conversions of addresses. */
  MOVE("moves"),
  GLOBAL_MEMORY("global loads, stores"),
  SHARED_MEMORY("shared loads, stores"),
  LOCAL_MEMORY("local loads, stores"),
  /** Loads and stores whose space the address alone tells. */
  GENERIC_MEMORY("generic loads, stores"),
  /** Loads of constants and parameters, and what calls pass. */
  CONSTANT_MEMORY("constants, parameters"),
  /** {@code ldmatrix}, {@code stmatrix}, {@code movmatrix}, {@code wmma.load} and {@code store}. */
  MATRIX_MOVE("matrix loads, stores"),
  ATOMIC("atomics"),
  /** {@code cp.async} and waiting for it. */
  ASYNC_COPY("asynchronous copies"),
  /** Values passed between lanes: {@code shfl}, {@code vote}, {@code match}, {@code redux}. */
  EXCHANGE("exchange of lanes"),
  /** Barriers of blocks and warps, mbarriers, fences. */
  BARRIER("barriers, fences"),
  /** Branches, calls, returns. */
  CONTROL("branches, calls"),
  OTHER("others");

  private final String title;

  InstructionClass(String title) {
    this.title = title;
  }

  /** For tables. */
  public String title() {
    return title;
  }
}
