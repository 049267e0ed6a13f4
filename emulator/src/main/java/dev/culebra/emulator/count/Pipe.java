package dev.culebra.emulator.count;

import dev.culebra.emulator.profile.Rates;

/** Units of a multiprocessor whose operations are counted. A multiply-add is two operations. */
public enum Pipe {
  FP32("fp32"),
  FP64("fp64"),
  FP16("fp16, bf16"),
  SPECIAL("special functions"),
  /** Of f16 or bf16, summed in f32. */
  TENSOR_FP16("tensor f16, bf16"),
  TENSOR_FP16_INTO_FP16("tensor f16 into f16"),
  TENSOR_TF32("tensor tf32"),
  TENSOR_FP8("tensor fp8"),
  TENSOR_FP8_INTO_FP16("tensor fp8 into f16"),
  TENSOR_FP64("tensor f64"),
  TENSOR_INT8("tensor int8"),
  TENSOR_INT4("tensor int4"),
  TENSOR_BIT("tensor b1");

  private final String title;

  Pipe(String title) {
    this.title = title;
  }

  /** For tables. */
  public String title() {
    return title;
  }

  /** Operations a clock of one multiprocessor; 0 where that is not known, or there are none. */
  public int rate(Rates rates) {
    return switch (this) {
      case FP32 -> rates.fp32();
      case FP64 -> rates.fp64();
      case FP16 -> rates.fp16();
      case SPECIAL -> rates.special();
      case TENSOR_FP16 -> rates.tensorFp16();
      case TENSOR_FP16_INTO_FP16 -> rates.tensorFp16() * rates.fp16Accumulation();
      case TENSOR_TF32 -> rates.tensorTf32();
      case TENSOR_FP8 -> rates.tensorFp8();
      case TENSOR_FP8_INTO_FP16 -> rates.tensorFp8() * rates.fp16Accumulation();
      case TENSOR_FP64 -> rates.tensorFp64();
      case TENSOR_INT8 -> rates.tensorInt8();
      case TENSOR_INT4, TENSOR_BIT -> 0;
    };
  }
}
