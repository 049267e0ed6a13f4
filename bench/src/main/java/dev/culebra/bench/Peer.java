package dev.culebra.bench;

import dev.culebra.runtime.Device;
import dev.culebra.runtime.Devices;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Culebra's side of {@code bench/peers/run}. Reads one command a line from standard input and
 * answers each with one line of JSON:
 *
 * <pre>
 * run STEPS   does that many steps; {"seconds": ..., "tokens": ...}
 * memory      {"peak_bytes": ...}: the largest resident size so far
 * facts       of decoding: {"bytes_per_token": ..., "bandwidth": ..., "bound_tokens_per_second": ...}
 * quit        ends
 * </pre>
 */
public final class Peer {
  private Peer() {}

  /** Work that can be done step by step. */
  interface Work extends AutoCloseable {
    /** Does steps and returns the tokens that went through. */
    long run(int steps);

    /** What the work says of itself, as JSON. */
    default String facts() {
      return "{}";
    }

    @Override
    void close();
  }

  /**
   * @param args {@code train|decode --dtype f32|bf16 --layers N --hidden N --heads N --length N
   *     --batch N --vocabulary N --threads N}
   */
  public static void main(String[] args) throws IOException {
    Map<String, String> options = new HashMap<>();
    for (int i = 1; i + 1 < args.length; i += 2) {
      options.put(args[i].substring(2), args[i + 1]);
    }
    PeerShape shape = PeerShape.of(options);
    int threads = Integer.parseInt(options.get("threads"));
    try (Device device = Devices.open("cpu", threads);
        Work work =
            args[0].equals("train")
                ? new PeerTraining(device, shape)
                : new PeerDecoding(device, shape, threads)) {
      serve(work);
    }
  }

  private static void serve(Work work) throws IOException {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] command = line.split(" ");
      switch (command[0]) {
        case "run" -> {
          long start = System.nanoTime();
          long tokens = work.run(Integer.parseInt(command[1]));
          double seconds = (System.nanoTime() - start) * 1e-9;
          answer("{\"seconds\": %.6f, \"tokens\": %d}", seconds, tokens);
        }
        case "memory" -> answer("{\"peak_bytes\": %d}", peakBytes());
        case "facts" -> answer("%s", work.facts());
        default -> {
          return;
        }
      }
    }
  }

  private static void answer(String format, Object... values) {
    System.out.println(String.format(Locale.ROOT, format, values));
    System.out.flush();
  }

  private static long peakBytes() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmHWM:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
      }
    }
    throw new IOException("/proc/self/status names no VmHWM");
  }
}
