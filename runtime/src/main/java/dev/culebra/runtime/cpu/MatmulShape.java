package dev.culebra.runtime.cpu;

import dev.culebra.runtime.DType;

/**
 * A product {@code c (+)= gelu(a b + bias)} as oneDNN compiles it: everything but the addresses.
 * {@code a} is {@code [m, k]}, {@code b} {@code [k, n]}, {@code c} {@code [m, n]} with contiguous
 * rows; strides are in elements.
 *
 * @param operandType of a and b
 * @param resultType of c and the bias
 */
record MatmulShape(
    long m,
    long n,
    long k,
    DType operandType,
    long aRowStride,
    long aColumnStride,
    long bRowStride,
    long bColumnStride,
    DType resultType,
    long cRowStride,
    boolean bias,
    boolean gelu,
    boolean accumulate) {

  /** The same product for a part of the result. */
  MatmulShape part(long partM, long partN) {
    return new MatmulShape(
        partM,
        partN,
        k,
        operandType,
        aRowStride,
        aColumnStride,
        bRowStride,
        bColumnStride,
        resultType,
        cRowStride,
        bias,
        gelu,
        accumulate);
  }
}
