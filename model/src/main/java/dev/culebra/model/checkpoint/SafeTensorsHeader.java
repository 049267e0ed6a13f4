package dev.culebra.model.checkpoint;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The JSON header of a safetensors file, checked. */
record SafeTensorsHeader(Map<String, String> metadata, Map<String, SafeTensors.Entry> entries) {
  /** The format's own limit on the header. */
  static final long MAX_BYTES = 100_000_000;

  static final String METADATA = "__metadata__";

  private static final ObjectMapper JSON =
      new ObjectMapper()
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  /**
   * @param dataBytes bytes of the file after the header, all of which the tensors must cover
   */
  static SafeTensorsHeader parse(Path file, byte[] json, long dataBytes) {
    JsonNode root = tree(file, json);
    Map<String, String> metadata = new LinkedHashMap<>();
    List<SafeTensors.Entry> entries = new ArrayList<>();
    for (Map.Entry<String, JsonNode> property : root.properties()) {
      if (property.getKey().equals(METADATA)) {
        for (Map.Entry<String, JsonNode> item : property.getValue().properties()) {
          metadata.put(item.getKey(), item.getValue().asText());
        }
      } else {
        entries.add(entry(file, property.getKey(), property.getValue(), dataBytes));
      }
    }
    entries.sort(
        Comparator.comparingLong(SafeTensors.Entry::begin)
            .thenComparingLong(SafeTensors.Entry::end));
    checkCoverage(file, entries, dataBytes);
    Map<String, SafeTensors.Entry> byName = LinkedHashMap.newLinkedHashMap(entries.size());
    entries.forEach(entry -> byName.put(entry.name(), entry));
    return new SafeTensorsHeader(metadata, byName);
  }

  private static JsonNode tree(Path file, byte[] json) {
    JsonNode root;
    try {
      root = JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new CheckpointFormatException(
          file + ": header is broken: " + e.getOriginalMessage().lines().findFirst().orElse(""), e);
    } catch (IOException e) {
      throw new CheckpointFormatException(file + ": header is broken: " + e.getMessage(), e);
    }
    if (!root.isObject()) {
      throw new CheckpointFormatException(file + ": header is no JSON object");
    }
    return root;
  }

  private static SafeTensors.Entry entry(Path file, String name, JsonNode node, long dataBytes) {
    TensorType type = type(file, name, node.path("dtype"));
    long[] shape = integers(file, name, "shape", node.path("shape"));
    long[] offsets = integers(file, name, "data_offsets", node.path("data_offsets"));
    if (offsets.length != 2 || offsets[0] > offsets[1] || offsets[1] > dataBytes) {
      throw wrong(
          file, name, "data_offsets " + Arrays.toString(offsets) + " in " + dataBytes + " bytes");
    }
    long bytes = type.bytes();
    try {
      for (long size : shape) {
        bytes = Math.multiplyExact(bytes, size);
      }
    } catch (ArithmeticException e) {
      throw wrong(file, name, "shape " + Arrays.toString(shape) + " is too large");
    }
    if (bytes != offsets[1] - offsets[0]) {
      throw wrong(
          file,
          name,
          "%s%s takes %d bytes, data_offsets %s hold %d"
              .formatted(
                  type,
                  Arrays.toString(shape),
                  bytes,
                  Arrays.toString(offsets),
                  offsets[1] - offsets[0]));
    }
    return new SafeTensors.Entry(name, type, shape, offsets[0], offsets[1]);
  }

  private static TensorType type(Path file, String name, JsonNode node) {
    for (TensorType type : TensorType.values()) {
      if (type.name().equals(node.asText())) {
        return type;
      }
    }
    throw wrong(file, name, "dtype " + node + " is unknown");
  }

  private static long[] integers(Path file, String name, String field, JsonNode node) {
    if (!node.isArray()) {
      throw wrong(file, name, field + " is missing or no list");
    }
    long[] values = new long[node.size()];
    for (int i = 0; i < values.length; i++) {
      JsonNode value = node.get(i);
      if (!value.canConvertToLong() || !value.isIntegralNumber() || value.asLong() < 0) {
        throw wrong(file, name, field + " " + node + " has the value " + value);
      }
      values[i] = value.asLong();
    }
    return values;
  }

  /** The tensors' bytes neither overlap nor leave gaps, and end where the file does. */
  private static void checkCoverage(Path file, List<SafeTensors.Entry> sorted, long dataBytes) {
    long end = 0;
    for (SafeTensors.Entry entry : sorted) {
      if (entry.begin() != end) {
        throw wrong(
            file,
            entry.name(),
            "begins at byte %d, %s the tensor before it, which ends at %d"
                .formatted(entry.begin(), entry.begin() < end ? "inside" : "after a gap to", end));
      }
      end = entry.end();
    }
    if (end != dataBytes) {
      throw new CheckpointFormatException(
          file + ": tensors end at byte " + end + " of " + dataBytes + " bytes of data");
    }
  }

  private static CheckpointFormatException wrong(Path file, String name, String what) {
    return new CheckpointFormatException(file + ": tensor '" + name + "': " + what);
  }
}
