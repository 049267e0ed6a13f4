package dev.culebra.emulator.profile;

/**
 * Peak results per clock of one multiprocessor; a fused multiply-add counts as two operations.
 * Sources: the arithmetic throughput table of the CUDA C++ Programming Guide, and for the tensor
 * cores (dense, fp32 accumulation) the architecture white papers' peaks divided by multiprocessors
 * and boost clock.
 *
 * @param fp32 operations of the fp32 pipe
 * @param fp64 operations of the fp64 pipe
 * @param fp16 operations on packed halves
 * @param int32 integer results (one each, multiply-add too)
 * @param special results of the special function unit
 * @param sharedBytes bytes moved between shared memory and registers
 * @param tensorFp16 tensor operations on f16 or bf16
 * @param tensorTf32 tensor operations on tf32
 * @param tensorFp8 tensor operations on e4m3 or e5m2; 0 where there are none
 * @param tensorInt8 tensor operations on s8 or u8
 * @param tensorFp64 tensor operations on f64; where the tensor cores have none, those of the fp64
 *     pipe
 * @param fp16Accumulation how many times as fast tensor cores are when they sum in f16
 */
public record Rates(
    int fp32,
    int fp64,
    int fp16,
    int int32,
    int special,
    int sharedBytes,
    int tensorFp16,
    int tensorTf32,
    int tensorFp8,
    int tensorInt8,
    int tensorFp64,
    int fp16Accumulation) {}
