package dev.culebra.emulator.exec;

/** How parts of PTX's spellings stand in the names of methods. */
final class Names {
  private Names() {}

  /** {@code Rn} for {@code rn}. */
  static String capital(String word) {
    return Character.toUpperCase(word.charAt(0)) + word.substring(1);
  }
}
