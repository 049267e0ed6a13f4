package dev.culebra.model.exchange;

import dev.culebra.model.ModelConfig;
import dev.culebra.model.ModelConfig.Mlp;
import dev.culebra.model.ParameterLayout;
import dev.culebra.model.exchange.ForeignName.Part;
import java.util.ArrayList;
import java.util.List;

/** The names that Hugging Face's GPT-2 and Llama give to our parameters. */
final class ForeignNames {
  private ForeignNames() {}

  /**
   * GPT-2: {@code Conv1D} layers keep {@code [inputs, outputs]}; queries, keys, values are packed.
   *
   * @param prefix of all names but the head's
   */
  static List<ForeignName> gpt2(ModelConfig config, String prefix) {
    List<ForeignName> names = new ArrayList<>();
    for (ParameterLayout.Entry entry : ParameterLayout.of(config).entries()) {
      String name = gpt2Name(entry.name());
      boolean matrix = entry.shape().length == 2;
      boolean conv1d = matrix && !name.startsWith("wte") && !name.startsWith("wpe");
      names.add(
          new ForeignName(
              entry.name(),
              List.of(
                  new Part(
                      name.equals("lm_head.weight") ? name : prefix + name,
                      Math.toIntExact(entry.shape()[0]),
                      conv1d && !name.equals("lm_head.weight"),
                      false))));
    }
    return names;
  }

  private static String gpt2Name(String name) {
    return name.replace("embedding.tokens", "wte.weight")
        .replace("embedding.positions", "wpe.weight")
        .replace("layers.", "h.")
        .replace("attention.norm", "ln_1")
        .replace("attention.qkv", "attn.c_attn")
        .replace("attention.output", "attn.c_proj")
        .replace("mlp.norm", "ln_2")
        .replace("mlp.up", "mlp.c_fc")
        .replace("mlp.down", "mlp.c_proj")
        .replaceAll("^norm", "ln_f")
        .replace("head.weight", "lm_head.weight");
  }

  /** Llama: queries, keys and values apart, and so gate and up. */
  static List<ForeignName> llama(ModelConfig config) {
    List<ForeignName> names = new ArrayList<>();
    for (ParameterLayout.Entry entry : ParameterLayout.of(config).entries()) {
      int rows = Math.toIntExact(entry.shape()[0]);
      names.add(new ForeignName(entry.name(), llamaParts(config, entry.name(), rows)));
    }
    return names;
  }

  private static List<Part> llamaParts(ModelConfig config, String name, int rows) {
    if (name.contains(".attention.qkv.")) {
      int keyRows = config.kvHeads() * config.headDim();
      return List.of(
          llamaPart(name, "attention.qkv", "self_attn.q_proj", config.heads() * config.headDim()),
          llamaPart(name, "attention.qkv", "self_attn.k_proj", keyRows),
          llamaPart(name, "attention.qkv", "self_attn.v_proj", keyRows));
    }
    if (name.contains(".mlp.up.") && config.mlp() == Mlp.SWIGLU) {
      return List.of(
          llamaPart(name, "mlp.up", "mlp.gate_proj", rows / 2),
          llamaPart(name, "mlp.up", "mlp.up_proj", rows / 2));
    }
    return List.of(
        switch (name) {
          case "embedding.tokens" -> new Part("model.embed_tokens.weight", rows, false, false);
          case "norm.weight" -> new Part("model.norm.weight", rows, false, false);
          case "head.weight" -> new Part("lm_head.weight", rows, false, false);
          default ->
              llamaPart(
                  name.replace("attention.norm", "input_layernorm")
                      .replace("mlp.norm", "post_attention_layernorm")
                      .replace("attention.output", "self_attn.o_proj")
                      .replace("mlp.down", "mlp.down_proj"),
                  "",
                  "",
                  rows);
        });
  }

  /** A model may have biases in its attention and none in its MLP, or the reverse. */
  private static Part llamaPart(String name, String ours, String theirs, int rows) {
    String foreign = "model." + (ours.isEmpty() ? name : name.replace(ours, theirs));
    return new Part(foreign, rows, false, name.endsWith(".bias"));
  }
}
