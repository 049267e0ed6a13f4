package dev.culebra.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** The known answers that the authors of Philox publish with it (Random123, philox4x32-10). */
class PhiloxTest {
  @Test
  void words_equal_the_published_ones() {
    int[] zeros = {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8};
    int[] ones = {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd};
    int[] pi = {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1};
    for (int word = 0; word < 4; word++) {
      assertEquals(zeros[word], Philox.word(0, 0, 0, 0, 0, 0, word));
      assertEquals(ones[word], Philox.word(-1, -1, -1, -1, -1, -1, word));
      assertEquals(
          pi[word],
          Philox.word(
              0xa4093822, 0x299f31d0, 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, word));
    }
  }

  @Test
  void uniforms_stay_below_one() {
    assertEquals(0f, Philox.uniform(0));
    assertEquals(1 - 0x1p-24f, Philox.uniform(-1));
  }
}
