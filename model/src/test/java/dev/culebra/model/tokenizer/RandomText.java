package dev.culebra.model.tokenizer;

import java.util.Random;

/** Text that meets what splitting rules look at: cases, marks, digits, quotes, all white space. */
final class RandomText {
  private static final String[] FRAGMENTS = {
    " ",
    "  ",
    "\n",
    "\r\n",
    "\t",
    "\u00a0",
    "\u2003",
    "\u3000",
    "\u0085",
    "\u001c",
    "'",
    "'s",
    "'S",
    "'ll",
    "'LL",
    "'lL",
    "'re",
    "'VE",
    "'d",
    "'\u017f",
    "'\u212a",
    "\u2019s",
    "the",
    "The",
    "THE",
    "McDonald",
    "iPhone",
    "ab1cd",
    "\u01c5",
    "\u02b0",
    "\u0301",
    "\u0903",
    "\u20dd",
    "\u00aa",
    "\u0416\u0437",
    "\u05d0\u05d1",
    "\u6f22\u5b57",
    "\u304b\u306a",
    "\u0e01\u0e49",
    "1",
    "12",
    "1234567",
    "\u0663",
    "\u2167",
    "\u00bd",
    "\u00b2",
    "!",
    "...",
    "/",
    "//\n",
    "-",
    "(",
    "\u2014",
    "\ud83d\ude00",
    "\ud83d\udc68\u200d\ud83d\udc69",
    "\ud835\udc00",
    "\ud801\udc00",
    "\u0000",
    "\ufffd",
    "\ufeff",
    "\ud803\udc80"
  };

  private RandomText() {}

  /** Up to {@code fragments} fragments and random characters. */
  static String next(Random random, int fragments) {
    StringBuilder text = new StringBuilder();
    int count = random.nextInt(fragments + 1);
    for (int i = 0; i < count; i++) {
      if (random.nextInt(8) > 0) {
        text.append(FRAGMENTS[random.nextInt(FRAGMENTS.length)]);
      } else {
        text.appendCodePoint(codePoint(random));
      }
    }
    return text.toString();
  }

  private static int codePoint(Random random) {
    while (true) {
      int codePoint = random.nextInt(1 << 8 + random.nextInt(13));
      if (Character.isValidCodePoint(codePoint)
          && (codePoint < Character.MIN_SURROGATE || codePoint > Character.MAX_SURROGATE)) {
        return codePoint;
      }
    }
  }

  static byte[] bytes(Random random, int length) {
    byte[] bytes = new byte[random.nextInt(length + 1)];
    random.nextBytes(bytes);
    return bytes;
  }
}
