package dev.culebra.emulator.exec;

import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import org.junit.jupiter.api.Test;

class GlobalHistoryTest {
  @Test
  void pages_that_are_dropped_are_known_to_be_gone() {
    GlobalHistory history = new GlobalHistory(0);
    history.begin(4);
    long first = history.firstBlock();
    AccessHistory page = history.page(0);
    assertSame(page, history.page(GlobalHistory.PAGE - 1));
    history.begin(4);
    assertNotEquals(first, history.firstBlock());
    assertNotSame(page, history.page(0));
  }
}
