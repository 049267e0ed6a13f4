package dev.culebra.bench;

import dev.culebra.model.ModelConfig;
import dev.culebra.runtime.DType;
import java.util.Map;

/** The model and batch that both sides of a comparison use: GPT-2's form. */
record PeerShape(
    int layers, int hidden, int heads, int length, int batch, int vocabulary, DType dtype) {
  static PeerShape of(Map<String, String> options) {
    return new PeerShape(
        size(options, "layers"),
        size(options, "hidden"),
        size(options, "heads"),
        size(options, "length"),
        size(options, "batch"),
        size(options, "vocabulary"),
        DType.valueOf(options.get("dtype").toUpperCase(java.util.Locale.ROOT)));
  }

  private static int size(Map<String, String> options, String name) {
    return Integer.parseInt(options.get(name));
  }

  ModelConfig config() {
    return ModelConfig.gpt2(vocabulary, length, hidden, layers, heads);
  }
}
