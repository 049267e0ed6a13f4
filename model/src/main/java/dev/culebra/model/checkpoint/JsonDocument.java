package dev.culebra.model.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * A JSON object read from a file, field by field. Errors name the file, the field and its value;
 * fields that were never asked for can be refused, so that nothing is ignored in silence.
 */
public final class JsonDocument {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String place;
  private final JsonNode root;
  private final Set<String> known = new TreeSet<>();

  private JsonDocument(String place, JsonNode root) {
    this.place = place;
    this.root = root;
  }

  /**
   * Reads a file.
   *
   * @throws CheckpointFormatException if it holds no JSON object
   */
  public static JsonDocument read(Path file) throws IOException {
    JsonNode root;
    try {
      root = JSON.readTree(Files.readAllBytes(file));
    } catch (JsonProcessingException e) {
      throw new CheckpointFormatException(
          "%s: broken JSON at line %d: %s"
              .formatted(
                  file,
                  e.getLocation().getLineNr(),
                  e.getOriginalMessage().lines().findFirst().orElse("")),
          e);
    }
    if (!root.isObject()) {
      throw new CheckpointFormatException(file + " holds no JSON object");
    }
    return new JsonDocument(file.toString(), root);
  }

  /** An empty object to fill. */
  public static ObjectNode object() {
    return JSON.createObjectNode();
  }

  /** Text of an object, as people like to read it. */
  public static byte[] bytes(ObjectNode root) {
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(root);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Whether the field is there and not null. */
  public boolean has(String field) {
    known.add(field);
    return root.hasNonNull(field);
  }

  /** The field as it stands; null counts as missing. */
  public JsonNode node(String field) {
    known.add(field);
    return root.hasNonNull(field) ? root.get(field) : MissingNode.getInstance();
  }

  /** The object in a field. */
  public JsonDocument child(String field) {
    JsonNode node = node(field);
    if (!node.isObject()) {
      throw wrong(field, "an object");
    }
    return new JsonDocument(place + ": " + field, node);
  }

  public int integer(String field) {
    JsonNode node = node(field);
    if (!node.isIntegralNumber() || !node.canConvertToInt()) {
      throw wrong(field, "an integer");
    }
    return node.asInt();
  }

  public int integer(String field, int otherwise) {
    return has(field) ? integer(field) : otherwise;
  }

  /** A list of integers; one alone may stand without brackets. */
  public List<Integer> integers(String field) {
    JsonNode node = node(field);
    List<Integer> integers = new ArrayList<>();
    for (JsonNode element : node.isArray() ? node : List.of(node)) {
      if (!element.isIntegralNumber() || !element.canConvertToInt()) {
        throw wrong(field, "an integer or a list of integers");
      }
      integers.add(element.asInt());
    }
    return integers;
  }

  public long wholeNumber(String field) {
    JsonNode node = node(field);
    if (!node.isIntegralNumber() || !node.canConvertToLong()) {
      throw wrong(field, "an integer");
    }
    return node.asLong();
  }

  public double number(String field) {
    JsonNode node = node(field);
    if (!node.isNumber()) {
      throw wrong(field, "a number");
    }
    return node.asDouble();
  }

  public double number(String field, double otherwise) {
    return has(field) ? number(field) : otherwise;
  }

  public boolean flag(String field) {
    if (!node(field).isBoolean()) {
      throw wrong(field, "true or false");
    }
    return node(field).asBoolean();
  }

  public boolean flag(String field, boolean otherwise) {
    return has(field) ? flag(field) : otherwise;
  }

  public String text(String field) {
    if (!node(field).isTextual()) {
      throw wrong(field, "a text");
    }
    return node(field).asText();
  }

  public String text(String field, String otherwise) {
    return has(field) ? text(field) : otherwise;
  }

  /** One of an enum's names. */
  public <E extends Enum<E>> E choice(String field, Class<E> type) {
    String name = text(field);
    for (E value : type.getEnumConstants()) {
      if (value.name().equals(name)) {
        return value;
      }
    }
    throw wrong(field, "one of " + Set.of(type.getEnumConstants()));
  }

  /** Refuses fields that were not asked for. */
  public void refuseUnknown() {
    for (String field : iterable()) {
      if (!known.contains(field)) {
        throw new CheckpointFormatException(
            "%s: field \"%s\" (%s) is unknown".formatted(place, field, root.get(field)));
      }
    }
  }

  /** A complaint about a field's value. */
  public CheckpointFormatException wrong(String field, String expected) {
    JsonNode node = root.path(field);
    return new CheckpointFormatException(
        "%s: \"%s\" %s, expected %s"
            .formatted(place, field, node.isMissingNode() ? "is missing" : "is " + node, expected));
  }

  /** A complaint about the whole. */
  public CheckpointFormatException wrong(String what) {
    return new CheckpointFormatException(place + ": " + what);
  }

  private Iterable<String> iterable() {
    return root::fieldNames;
  }
}
