package dev.culebra.emulator.driver;

import java.util.HashMap;
import java.util.Map;

/**
 * Attributes that a stream or a kernel node keeps and gives back ({@code CUlaunchAttributeValue}):
 * hints that change no result.
 */
final class StreamAttributes {
  private final Map<Integer, byte[]> values = new HashMap<>();

  void put(int attribute, byte[] value) {
    values.put(attribute, value);
  }

  /** Zeros until it was set. */
  byte[] get(int attribute, int bytes) {
    return values.getOrDefault(attribute, new byte[bytes]).clone();
  }

  void copyFrom(StreamAttributes other) {
    values.putAll(other.values);
  }
}
