package dev.culebra.model;

import java.util.List;

/** Small decoders with odd sizes. */
public enum TinyModels {
  GPT2,
  LLAMA;

  public static final int VOCABULARY = 61;
  private static final int LAYERS = 3;

  public ModelConfig config(int context, float dropout, int slidingWindow) {
    boolean gpt2 = this == GPT2;
    return new ModelConfig(
        VOCABULARY,
        context,
        gpt2 ? 35 : 40,
        LAYERS,
        gpt2 ? 5 : 6,
        gpt2 ? 5 : 2,
        gpt2 ? 7 : 6,
        gpt2 ? 71 : 53,
        gpt2 ? ModelConfig.Norm.LAYER : ModelConfig.Norm.RMS,
        1e-5f,
        gpt2 ? ModelConfig.Position.LEARNED : ModelConfig.Position.ROTARY,
        gpt2 ? null : Rotary.plain(10000),
        gpt2 ? ModelConfig.Mlp.GELU : ModelConfig.Mlp.SWIGLU,
        gpt2,
        gpt2,
        dropout,
        slidingWindow,
        List.of());
  }

  ModelConfig config() {
    return config(23, 0, 0);
  }

  ModelConfig withDropout() {
    return config(23, 0.2f, 0);
  }
}
