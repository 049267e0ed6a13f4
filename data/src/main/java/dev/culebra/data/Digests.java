package dev.culebra.data;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** Digests that tell data from other data. */
final class Digests {
  private Digests() {}

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
  }
}
