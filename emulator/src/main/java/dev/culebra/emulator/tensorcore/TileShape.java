package dev.culebra.emulator.tensorcore;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code D[m,n] = A[m,k] * B[k,n] + C[m,n]}. */
public record TileShape(int m, int n, int k) {
  private static final Pattern SPELLING =
      Pattern.compile("m([0-9]{1,3})n([0-9]{1,3})k([0-9]{1,3})");

  /** The shape that PTX spells {@code m16n8k16}; null where it is none. */
  public static TileShape named(String name) {
    Matcher matcher = SPELLING.matcher(name);
    return matcher.matches()
        ? new TileShape(
            Integer.parseInt(matcher.group(1)),
            Integer.parseInt(matcher.group(2)),
            Integer.parseInt(matcher.group(3)))
        : null;
  }

  @Override
  public String toString() {
    return "m" + m + "n" + n + "k" + k;
  }
}
