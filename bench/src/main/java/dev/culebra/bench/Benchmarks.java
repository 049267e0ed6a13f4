package dev.culebra.bench;

/** Says which benchmarks there are. */
public final class Benchmarks {
  private Benchmarks() {}

  /**
   * @param args none
   */
  public static void main(String[] args) {
    System.out.println(
        """
        ./culebra bench OperationReport [OPERATION...]  each operation against the machine's ceilings
        ./culebra bench TokenizerBenchmark              tokenizers beside jtokkit's
        ./culebra bench EmulatorBenchmark [WHAT...]     the emulated device: kernels, first, launch, parse
        ./culebra bench TensorCoreBenchmark             emulated tensor cores
        PYTHON=... bench/peers/run [CASE...]            training and decoding beside PyTorch
        Run them with nothing else busy.\
        """);
  }
}
