package dev.culebra.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** A file of {@code make_parity_fixtures.py}: a safetensors file of F32 and I32. */
public record ParityFixture(JsonNode header, ByteBuffer data) {
  public static ParityFixture read(String name) {
    String path = "/parity/" + name + ".safetensors";
    try (InputStream in = ParityFixture.class.getResourceAsStream(path)) {
      ByteBuffer file = ByteBuffer.wrap(in.readAllBytes()).order(ByteOrder.LITTLE_ENDIAN);
      byte[] json = new byte[Math.toIntExact(file.getLong())];
      file.get(json);
      return new ParityFixture(
          new ObjectMapper().readTree(json), file.slice().order(ByteOrder.LITTLE_ENDIAN));
    } catch (IOException e) {
      throw new UncheckedIOException(path, e);
    }
  }

  public float[] floats(String name) {
    ByteBuffer bytes = bytes(name, "F32");
    float[] values = new float[bytes.remaining() / Float.BYTES];
    bytes.asFloatBuffer().get(values);
    return values;
  }

  public int[] integers(String name) {
    ByteBuffer bytes = bytes(name, "I32");
    int[] values = new int[bytes.remaining() / Integer.BYTES];
    bytes.asIntBuffer().get(values);
    return values;
  }

  public int size(String tensor, int dimension) {
    return header.get(tensor).get("shape").get(dimension).intValue();
  }

  private ByteBuffer bytes(String name, String dtype) {
    JsonNode entry = header.required(name);
    if (!entry.get("dtype").textValue().equals(dtype)) {
      throw new IllegalArgumentException(name + " is not " + dtype);
    }
    int from = entry.get("data_offsets").get(0).intValue();
    int to = entry.get("data_offsets").get(1).intValue();
    return data.slice(from, to - from).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The model that the file is about. */
  public ModelConfig config() {
    boolean gpt2 = number("gpt2") == 1;
    return new ModelConfig(
        number("vocabulary"),
        number("context"),
        number("hidden"),
        number("layers"),
        number("heads"),
        number("kv_heads"),
        number("head_dim"),
        number("mlp"),
        gpt2 ? ModelConfig.Norm.LAYER : ModelConfig.Norm.RMS,
        1e-5f,
        gpt2 ? ModelConfig.Position.LEARNED : ModelConfig.Position.ROTARY,
        gpt2 ? null : Rotary.plain(10000),
        gpt2 ? ModelConfig.Mlp.GELU : ModelConfig.Mlp.SWIGLU,
        gpt2,
        gpt2,
        0,
        0,
        List.of());
  }

  private int number(String key) {
    return Integer.parseInt(header.get("__metadata__").get(key).textValue());
  }
}
