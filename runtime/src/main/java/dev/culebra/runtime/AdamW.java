package dev.culebra.runtime;

/**
 * What one AdamW update needs besides the tensors it updates (Loshchilov and Hutter 2019, algorithm
 * 2, with decoupled decay).
 *
 * @param beta1 decay of the first moment
 * @param beta2 decay of the second moment
 * @param epsilon added to the square root of the corrected second moment
 * @param weightDecay λ, multiplied with the learning rate
 * @param maxGradNorm gradients are scaled by {@code min(1, maxGradNorm / (gradNorm + 1e-6))}; 0 for
 *     no clipping
 * @param learningRate F32 {@code [1]}
 * @param step I32 {@code [1]}, counts from 1
 * @param gradNorm F32 {@code [1]}; where it is not finite, nothing is updated
 */
public record AdamW(
    float beta1,
    float beta2,
    float epsilon,
    float weightDecay,
    float maxGradNorm,
    Tensor learningRate,
    Tensor step,
    Tensor gradNorm) {}
