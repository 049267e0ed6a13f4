package dev.culebra.cli;

import static dev.culebra.cli.CommandRun.ok;
import static dev.culebra.cli.CommandRun.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code culebra emulate}, on kernels of a few lines. */
class EmulateCommandTest {
  private static final String HEADER = ".version 8.0\n.target sm_80\n.address_size 64\n";

  /** y = a x + y, for every thread whose index the comparison lets through. */
  private static final String SAXPY =
      HEADER
          + """
          .visible .entry _Z5saxpyifPKfPf(.param .u32 n, .param .f32 a, .param .u64 x, .param .u64 y)
          {
            .reg .pred %p<2>;
            .reg .b32 %r<6>;
            .reg .f32 %f<5>;
            .reg .b64 %rd<5>;
            ld.param.u32 %r1, [n];
            ld.param.f32 %f1, [a];
            ld.param.u64 %rd1, [x];
            ld.param.u64 %rd2, [y];
            mov.u32 %r2, %ctaid.x;
            mov.u32 %r3, %ntid.x;
            mov.u32 %r4, %tid.x;
            mad.lo.s32 %r5, %r2, %r3, %r4;
            setp.COMPARE.s32 %p1, %r5, %r1;
            @%p1 bra DONE;
            mul.wide.s32 %rd3, %r5, 4;
            add.s64 %rd1, %rd1, %rd3;
            add.s64 %rd2, %rd2, %rd3;
            ld.global.f32 %f2, [%rd1];
            ld.global.f32 %f3, [%rd2];
            fma.rn.f32 %f4, %f1, %f2, %f3;
            st.global.f32 [%rd2], %f4;
          DONE:
            ret;
          }
          """;

  private static final int N = 1000;

  @TempDir Path folder;
  private final float[] x = new float[N];
  private final float[] y = new float[N];

  @BeforeEach
  void draw() throws IOException {
    SplittableRandom random = new SplittableRandom();
    for (int i = 0; i < N; i++) {
      x[i] = (float) random.nextDouble(-1, 1);
      y[i] = (float) random.nextDouble(-1, 1);
    }
    write("x", x);
    write("y", y);
  }

  private Path write(String name, float[] values) throws IOException {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return Files.write(folder.resolve(name), bytes.array());
  }

  private float[] read(String name) throws IOException {
    byte[] bytes = Files.readAllBytes(folder.resolve(name));
    float[] values = new float[bytes.length / Float.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
    return values;
  }

  private Path ptx(String text) throws IOException {
    return Files.writeString(folder.resolve("kernel.ptx"), text);
  }

  private String[] saxpy(Path ptx, String y, String... more) {
    List<String> words =
        new ArrayList<>(
            List.of("emulate", ptx.toString(), "--kernel", "saxpy", "--grid", "4", "--block"));
    words.addAll(List.of("256", "--arg", "i32:" + N, "--arg", "f32:2.5"));
    words.addAll(List.of("--arg", "in:" + folder.resolve("x"), "--arg", y));
    words.addAll(List.of(more));
    return words.toArray(String[]::new);
  }

  private float[] expected() {
    float[] expected = new float[N];
    for (int i = 0; i < N; i++) {
      expected[i] = Math.fma(2.5f, x[i], y[i]);
    }
    return expected;
  }

  @Test
  void a_clean_kernel_runs_in_silence_and_leaves_its_result_in_the_file() throws IOException {
    Path clean = ptx(SAXPY.replace("COMPARE", "ge"));
    for (String profile : List.of("h100", "a100", "rtx4090")) {
      for (String schedule : List.of("fixed", "late", "random:7")) {
        write("y", y);
        CommandRun run =
            ok(
                saxpy(
                    clean,
                    "inout:" + folder.resolve("y"),
                    "--profile",
                    profile,
                    "--schedule",
                    schedule));
        assertEquals("", run.out());
        assertEquals("", run.err());
        assertArrayEquals(expected(), read("y"));
      }
    }
  }

  @Test
  void counters_as_json_are_all_that_is_printed() throws IOException {
    Path clean = ptx(SAXPY.replace("COMPARE", "ge"));
    String inout = "inout:" + folder.resolve("y");
    CommandRun run = ok(saxpy(clean, inout, "--counters", "json", "--profile", "a100"));
    assertEquals("", run.err());
    JsonNode json = new ObjectMapper().readTree(run.out());
    assertEquals("_Z5saxpyifPKfPf", json.get("kernel").asText());
    assertTrue(json.get("clean").asBoolean());
    assertTrue(json.get("fault").isNull());
    assertEquals(0, json.get("findings").size());
    assertEquals("", json.get("printed").asText());
    JsonNode counters = json.get("counters");
    assertEquals("a100", counters.at("/launch/profile").asText());
    assertEquals("[4,1,1]", counters.at("/launch/grid").toString());
    assertEquals(2 * N, counters.at("/operations/fp32").asLong());
    assertEquals(0, counters.at("/operations/tensorFp16IntoFp16").asLong(-1));
    assertEquals(8 * N, counters.at("/globalMemory/load/bytes").asLong());
    assertEquals(2 * N / 8, counters.at("/globalMemory/load/sectors").asLong());
    assertEquals(1.0, counters.at("/globalMemory/all/usedShare").asDouble());
    assertEquals(0, counters.at("/sharedMemory/asyncCopy/wavefronts").asLong(-1));
    assertEquals(12 * N, counters.at("/footprint/leastMovedBytes").asLong());
    assertEquals(32, counters.at("/instructions/classes/fp32/warp").asLong());
    assertEquals(N, counters.at("/instructions/classes/fp32/lane").asLong());
    assertEquals(1, counters.at("/control/divergentBranches").asLong());
    assertEquals("device memory", counters.at("/lowerBound/binding").asText());
    assertTrue(counters.at("/lowerBound/note").asText().contains("not a prediction"));
    assertEquals(
        12 * N / 2.039e12, counters.at("/lowerBound/seconds").asDouble(), 1e-3 * 12 * N / 2e12);
    assertEquals(4, counters.get("places").size(), "two loads, a store and a branch");
    assertEquals("st.global.f32", counters.at("/places/3/instruction").asText());
  }

  @Test
  void findings_are_in_the_json_and_what_did_not_end_has_no_counters() throws IOException {
    Path wrong = ptx(SAXPY.replace("COMPARE", "gt"));
    CommandRun run =
        CommandRun.of(saxpy(wrong, "inout:" + folder.resolve("y"), "--counters", "json"));
    assertEquals(1, run.status());
    JsonNode json = new ObjectMapper().readTree(run.out());
    assertFalse(json.get("clean").asBoolean());
    assertEquals("illegal address", json.get("fault").asText());
    String finding = json.at("/findings/0").asText();
    assertTrue(finding.startsWith("memory: "), finding);
    assertTrue(run.err().lines().anyMatch(finding::equals), run.err());
    assertTrue(json.get("counters").isNull());
  }

  @Test
  void counters_as_a_table_follow_what_was_found() throws IOException {
    Path clean = ptx(SAXPY.replace("COMPARE", "ge"));
    String inout = "inout:" + folder.resolve("y");
    CommandRun run = ok(saxpy(clean, inout, "--counters", "table"));
    assertTrue(run.out().startsWith("_Z5saxpyifPKfPf\n"), run.out());
    assertTrue(run.out().contains("not a prediction"), run.out());
    CommandRun unwritten = CommandRun.of(saxpy(clean, "buf:4000", "--counters", "table"));
    assertEquals(1, unwritten.status());
    assertTrue(unwritten.out().startsWith("initialised: "), unwritten.out());
    assertTrue(unwritten.out().contains("\n_Z5saxpyifPKfPf\n"), unwritten.out());
    refused(2, List.of("--counters", "'xml'"), saxpy(clean, inout, "--counters", "xml"));
  }

  @Test
  void a_store_past_the_end_is_found_at_its_line() throws IOException {
    Path wrong = ptx(SAXPY.replace("COMPARE", "gt"));
    CommandRun run = CommandRun.of(saxpy(wrong, "inout:" + folder.resolve("y")));
    assertEquals(1, run.status(), run.out() + run.err());
    List<String> findings = run.out().lines().toList();
    assertFalse(findings.isEmpty());
    for (String finding : findings) {
      assertTrue(finding.startsWith("memory: "), finding);
    }
    int line = (int) SAXPY.substring(0, SAXPY.indexOf("ld.global.f32 %f2")).lines().count();
    assertTrue(findings.getFirst().contains("kernel.ptx:" + line + ":"), findings.getFirst());
    assertTrue(findings.getFirst().contains("thread (232,0,0)"), findings.getFirst());
    assertArrayEquals(y, read("y"), "a failed kernel's results are not written");
  }

  @Test
  void memory_that_nobody_wrote_is_found_and_the_check_can_be_turned_off() throws IOException {
    Path clean = ptx(SAXPY.replace("COMPARE", "ge"));
    String output = "out:" + folder.resolve("z") + ":" + N * Float.BYTES;
    CommandRun run = CommandRun.of(saxpy(clean, output));
    assertEquals(1, run.status(), run.err());
    assertTrue(run.out().startsWith("initialised: "), run.out());
    CommandRun unchecked = ok(saxpy(clean, output, "--check", "memory,race"));
    assertEquals("", unchecked.out());
    assertEquals(N, read("z").length);
  }

  @Test
  void wrong_use_is_refused_with_code_2() throws IOException {
    Path clean = ptx(SAXPY.replace("COMPARE", "ge"));
    String inout = "inout:" + folder.resolve("y");
    refused(2, List.of("nowhere.ptx"), "emulate", "nowhere.ptx", "--grid", "1", "--block", "1");
    refused(2, List.of("--schedule", "'soon'"), saxpy(clean, inout, "--schedule", "soon"));
    refused(2, List.of("'races'", "race"), saxpy(clean, inout, "--check", "races"));
    refused(2, List.of("--check", "host-api"), saxpy(clean, inout, "--check", "host-api,race"));
    refused(2, List.of("'gtx'", "h100"), saxpy(clean, inout, "--profile", "gtx"));
    refused(2, List.of("saxpy", "4 arguments"), saxpy(clean, inout, "--arg", "i32:1"));
    refused(2, List.of("'inout:", "absent"), saxpy(clean, "inout:" + folder.resolve("absent")));
    refused(2, List.of("'i32:x'"), saxpy(clean, "i32:x"));
    refused(2, List.of("'buf:0'"), saxpy(clean, "buf:0"));
    refused(2, List.of("'u8:256'", "0 to 255"), saxpy(clean, "u8:256"));
    refused(2, List.of("argument 4", "8 bytes", "not 4"), saxpy(clean, "i32:1"));
    String file = clean.toString();
    refused(2, List.of("--grid", "'0'"), "emulate", file, "--grid", "0", "--block", "1");
    refused(
        2, List.of("--block", "'1,2,3,4'"), "emulate", file, "--grid", "1", "--block", "1,2,3,4");
    refused(
        2,
        List.of("'sgemm'", "_Z5saxpyifPKfPf"),
        "emulate",
        file,
        "--kernel",
        "sgemm",
        "--grid",
        "1",
        "--block",
        "1");
    String[] large = saxpy(clean, inout);
    large[Arrays.asList(large).indexOf("256")] = "1025";
    refused(2, List.of("1025", "1024"), large);
  }

  @Test
  void what_is_no_ptx_or_is_not_emulated_is_named_with_its_line() throws IOException {
    Path broken = ptx(SAXPY.replace("COMPARE", "ge").replace("ret;", "ret"));
    refused(1, List.of("kernel.ptx:"), saxpy(broken, "inout:" + folder.resolve("y")));
    Path foreign = ptx(SAXPY.replace("COMPARE", "ge").replace("mov.u32 %r2", "frobnicate.u32 %r2"));
    refused(
        1,
        List.of("frobnicate.u32", "not emulated", "kernel.ptx:"),
        saxpy(foreign, "inout:" + folder.resolve("y")));
  }
}
