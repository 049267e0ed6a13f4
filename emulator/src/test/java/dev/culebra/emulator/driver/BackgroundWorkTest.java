package dev.culebra.emulator.driver;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BackgroundWorkTest {
  @AfterEach
  void close() {
    EmulatedDriver.close();
  }

  @Test
  void what_goes_wrong_when_nobody_waits_any_more_is_told() throws InterruptedException {
    CountDownLatch told = new CountDownLatch(1);
    ByteArrayOutputStream log =
        new ByteArrayOutputStream() {
          @Override
          public synchronized void write(byte[] bytes, int from, int count) {
            super.write(bytes, from, count);
            if (toString(StandardCharsets.UTF_8).contains("went wrong late")) {
              told.countDown();
            }
          }
        };
    EmulatorOptions small = EmulatorOptions.defaults().withMemory(1 << 20);
    EmulatedDriver.reset(
        new EmulatorOptions(
            small.profile(),
            small.execution(),
            small.memoryBytes(),
            small.deviceOutput(),
            new PrintStream(log, true, StandardCharsets.UTF_8)));
    CountDownLatch abandoned = new CountDownLatch(1);
    Driver.LOCK.lock();
    try {
      BackgroundWork.begin(() -> failAfter(abandoned));
    } finally {
      Driver.LOCK.unlock();
    }
    abandoned.countDown();
    assertTrue(told.await(1, TimeUnit.MINUTES), log.toString(StandardCharsets.UTF_8));
  }

  private static void failAfter(CountDownLatch latch) {
    int held = Driver.unlock();
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    } finally {
      Driver.lock(held);
    }
    throw new IllegalStateException("went wrong late");
  }
}
