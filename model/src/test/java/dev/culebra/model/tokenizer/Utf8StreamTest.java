package dev.culebra.model.tokenizer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Utf8StreamTest {
  private static String inParts(byte[] bytes, Random random) {
    Utf8Stream stream = new Utf8Stream();
    StringBuilder text = new StringBuilder();
    for (int from = 0; from < bytes.length; ) {
      int to = Math.min(bytes.length, from + random.nextInt(4));
      text.append(stream.add(Arrays.copyOfRange(bytes, from, to)));
      from = to;
    }
    return text.append(stream.finish()).toString();
  }

  @Test
  void parts_of_any_bytes_give_the_text_of_the_whole() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 50_000; i++) {
      byte[] bytes =
          random.nextBoolean()
              ? RandomText.bytes(random, 12)
              : RandomText.next(random, 5).getBytes(UTF_8);
      if (bytes.length > 0 && random.nextInt(3) == 0) {
        bytes[random.nextInt(bytes.length)] = (byte) (0xe0 + random.nextInt(32));
      }
      assertEquals(new String(bytes, UTF_8), inParts(bytes, random), () -> "seed " + seed);
    }
  }

  @Test
  void half_a_character_waits_for_its_other_half() {
    Utf8Stream stream = new Utf8Stream();
    byte[] smile = "\ud83d\ude00".getBytes(UTF_8);
    assertEquals("a", stream.add(new byte[] {'a', smile[0]}));
    assertEquals("", stream.add(new byte[] {smile[1]}));
    assertEquals("", stream.add(new byte[] {smile[2]}));
    assertEquals("\ud83d\ude00", stream.add(new byte[] {smile[3]}));
    assertEquals("", stream.finish());
  }

  @Test
  void an_unfinished_character_ends_as_a_replacement_character() {
    Utf8Stream stream = new Utf8Stream();
    assertEquals("", stream.add(new byte[] {(byte) 0xe2, (byte) 0x82}));
    assertEquals("\ufffd", stream.finish());
    assertEquals("", stream.finish());
  }
}
