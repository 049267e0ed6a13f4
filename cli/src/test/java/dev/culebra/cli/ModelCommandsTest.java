package dev.culebra.cli;

import static dev.culebra.cli.CommandRun.ok;
import static dev.culebra.cli.CommandRun.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.culebra.model.Parameters;
import dev.culebra.model.checkpoint.ModelDirectory;
import dev.culebra.model.tokenizer.ByteLevelTokenizer;
import dev.culebra.model.training.BatchSource;
import dev.culebra.model.training.Evaluator;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.Device;
import dev.culebra.runtime.Devices;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** generate, eval, tokenizer, export, import and completion, on a model of a few steps. */
class ModelCommandsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path STORIES = Path.of("../../shared/models/stories260K");

  @TempDir static Path shared;
  private static Path run;

  @TempDir Path folder;

  @BeforeAll
  static void train() throws IOException {
    run = CommandRun.model(shared);
  }

  private static JsonNode lastLine(CommandRun command) throws IOException {
    return JSON.readTree(command.out().lines().toList().getLast());
  }

  private static List<Integer> ids(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false).map(JsonNode::asInt).toList();
  }

  private static CommandRun generate(Path model, String... more) {
    String[] args = new String[more.length + 3];
    args[0] = "generate";
    args[1] = "--model";
    args[2] = model.toString();
    System.arraycopy(more, 0, args, 3, more.length);
    return ok(args);
  }

  @Test
  void generated_json_has_the_ids_of_the_prompt_and_the_new_ones_apart() throws IOException {
    JsonNode object =
        lastLine(
            generate(run, "--prompt", "the cat", "--max-tokens", "5", "--seed", "3", "--json"));
    String encoded =
        ok(
                "tokenizer",
                "encode",
                "--tokenizer",
                run.resolve("checkpoints/step-00000006").toString(),
                "the cat")
            .out()
            .strip();
    List<Integer> prompt = List.of(encoded.split(" ")).stream().map(Integer::valueOf).toList();
    assertEquals(prompt, ids(object.get("prompt_ids")));
    assertEquals(5, object.get("ids").size());
    assertTrue(object.get("tokens_per_second").asDouble() > 0);
    JsonNode again =
        lastLine(
            generate(run, "--prompt", "the cat", "--max-tokens", "5", "--seed", "3", "--json"));
    assertEquals(object.get("ids"), again.get("ids"));
    assertEquals(object.get("text"), again.get("text"));
  }

  @Test
  void text_on_the_screen_is_the_prompt_and_what_json_says() throws IOException {
    String[] options = {"--prompt", "the dog", "--max-tokens", "20", "--seed", "11", "--json"};
    String text = lastLine(generate(run, options)).get("text").asText();
    options[6] = "--threads=2";
    assertEquals("the dog" + text + "\n", generate(run, options).out());
  }

  @Test
  void a_batch_of_prompts_gives_what_each_gives_alone() throws IOException {
    List<String> prompts = List.of("a", "the cat runs", "house");
    CommandRun batch =
        generate(
            run,
            "--prompt",
            prompts.get(0),
            "--prompt",
            prompts.get(1),
            "--prompt",
            prompts.get(2),
            "--temperature",
            "0",
            "--max-tokens",
            "9",
            "--json");
    List<String> lines = batch.out().lines().toList();
    assertEquals(3, lines.size());
    for (int i = 0; i < 3; i++) {
      JsonNode alone =
          lastLine(
              generate(
                  run,
                  "--prompt",
                  prompts.get(i),
                  "--temperature",
                  "0",
                  "--max-tokens",
                  "9",
                  "--json"));
      assertEquals(alone.get("ids"), JSON.readTree(lines.get(i)).get("ids"), prompts.get(i));
    }
  }

  @Test
  void a_real_model_writes_its_known_text() throws IOException {
    assumeTrue(Files.isDirectory(STORIES), STORIES + " is not there");
    Path model = folder.resolve("stories");
    ok(
        "import",
        STORIES.resolve("stories260K.bin").toString(),
        "--tokenizer",
        STORIES.resolve("tok512.bin").toString(),
        "--out",
        model.toString());
    JsonNode known = JSON.readTree(STORIES.resolve("greedy-empty-prompt.json").toFile());
    List<Integer> all = ids(known.get("ids"));
    JsonNode object =
        lastLine(
            generate(model, "--temperature", "0", "--max-tokens", "" + (all.size() - 1), "--json"));
    assertEquals(all.subList(0, 1), ids(object.get("prompt_ids")));
    assertEquals(all.subList(1, all.size()), ids(object.get("ids")));
    CommandRun streamed =
        generate(model, "--temperature", "0", "--max-tokens", "" + (all.size() - 1));
    assertEquals(object.get("text").asText() + "\n", streamed.out());
  }

  @Test
  void eval_prints_what_the_loss_comes_to() throws IOException {
    String text = "the cat sees a tree.\nthe dog runs.\n";
    Path data = Files.writeString(folder.resolve("data.txt"), text);
    String[] args = {
      "eval", "--model", run.toString(), "--data", data.toString(), "--batch", "1", "--json"
    };
    JsonNode printed = lastLine(ok(args));
    double loss;
    int targets;
    try (ModelDirectory directory = ModelDirectory.open(run);
        Device device = Devices.open("cpu", 1);
        Parameters parameters = Parameters.forEvaluation(device, directory.config(), DType.F32)) {
      directory.load(parameters);
      int end = directory.tokenizer().endOfText();
      int[] ids = directory.tokenizer().encode(text);
      // A document's first token is predicted from the separator, and the separator that ends it.
      int[] whole =
          IntStream.concat(
                  IntStream.of(end), IntStream.concat(IntStream.of(ids), IntStream.of(end)))
              .toArray();
      assertTrue(whole.length <= directory.config().contextLength(), "one window");
      try (Evaluator evaluator = Evaluator.open(parameters, 1, whole.length - 1, false)) {
        var evaluation = evaluator.evaluate(new OneWindow(whole), 1);
        loss = evaluation.loss();
        targets = (int) evaluation.targets();
      }
    }
    assertEquals(targets, printed.get("tokens").asInt());
    assertEquals(text.length(), printed.get("bytes").asInt());
    assertEquals(loss, printed.get("loss").asDouble(), 1e-5);
    assertEquals(Math.exp(loss), printed.get("perplexity").asDouble(), 1e-2);
    double bits = loss * targets / Math.log(2) / text.length();
    assertEquals(bits, printed.get("bits_per_byte").asDouble(), 1e-4);
    args[7] = "--separate-documents";
    assertTrue(ok(args).out().contains("bits per byte"));
  }

  /** Each token but the first predicted from those before it. */
  private record OneWindow(int[] ids) implements BatchSource {
    @Override
    public void next(
        int batch, int length, MemorySegment tokens, MemorySegment targets, MemorySegment none) {
      MemorySegment.copy(ids, 0, tokens, ValueLayout.JAVA_INT_UNALIGNED, 0, length);
      MemorySegment.copy(ids, 1, targets, ValueLayout.JAVA_INT_UNALIGNED, 0, length);
    }

    @Override
    public DataPosition position() {
      return DataPosition.START;
    }

    @Override
    public void seek(DataPosition position) {}

    @Override
    public String identity() {
      return toString();
    }
  }

  @Test
  void a_tokenizer_gives_back_any_text() throws IOException {
    Path text = CommandRun.text(folder.resolve("text.txt"), 200);
    Path out = folder.resolve("tokenizer");
    ok("tokenizer", "train", "--data", "" + text, "--vocabulary", "290", "--out", "" + out);
    for (String sample : List.of("the cat", "", "\u00e9\ud83d\ude00 \u4f60\u597d\tx", "  two  ")) {
      String ids = ok("tokenizer", "encode", "--tokenizer", "" + out, sample).out().strip();
      String[] decode =
          ("tokenizer decode --tokenizer " + out + (ids.isEmpty() ? "" : " " + ids)).split(" ");
      if (!ids.isEmpty()) {
        assertEquals(sample + "\n", ok(decode).out());
      }
    }
    refused(
        2,
        List.of("'290' is no token id", "0 to 289"),
        "tokenizer",
        "decode",
        "--tokenizer",
        "" + out,
        "290");
    refused(
        1,
        List.of("tokenizer.json", "already there"),
        "tokenizer",
        "train",
        "--data",
        "" + text,
        "--out",
        "" + out);
    refused(
        1,
        List.of("nothing", "neither a file nor one of"),
        "tokenizer",
        "encode",
        "--tokenizer",
        "nothing",
        "x");
  }

  @Test
  void a_run_and_its_checkpoint_have_the_same_tokenizer() {
    String[] encode = {"tokenizer", "encode", "--tokenizer", run.toString(), "the cat sees"};
    String ids = ok(encode).out();
    assertFalse(ids.isBlank());
    encode[3] = run.resolve("checkpoints/step-00000006").toString();
    assertEquals(ids, ok(encode).out());
  }

  @Test
  void bytes_that_are_no_text_are_encoded_as_they_are() throws Exception {
    Path log = folder.resolve("log");
    List<String> pipe = List.of("/bin/bash", "-c", "printf 'a\\xff\\xe4b' | \"$@\"", "bash");
    String[] encode = {"tokenizer", "encode", "--tokenizer", run.toString()};
    Process process = CommandRun.start(List.of(), pipe, log, encode);
    assertEquals(0, process.waitFor(), Files.readString(log));
    String ids = Files.readString(log).lines().toList().getLast();
    int[] expected;
    try (ModelDirectory directory = ModelDirectory.open(run)) {
      byte[] bytes = {'a', (byte) 0xff, (byte) 0xe4, 'b'};
      expected = ((ByteLevelTokenizer) directory.tokenizer()).encode(bytes);
    }
    assertEquals(
        IntStream.of(expected).mapToObj(String::valueOf).collect(Collectors.joining(" ")), ids);
  }

  @Test
  void an_exported_model_comes_back_with_the_same_bits() throws IOException {
    Path exported = folder.resolve("exported");
    Path back = folder.resolve("back");
    ok("export", "--model", run.toString(), "--out", exported.toString());
    ok("import", exported.toString(), "--out", back.toString());
    Path from = run.resolve("checkpoints/step-00000006");
    assertEquals(
        -1, Files.mismatch(from.resolve("model.safetensors"), back.resolve("model.safetensors")));
    assertEquals(
        JSON.readTree(from.resolve("config.json").toFile()),
        JSON.readTree(back.resolve("config.json").toFile()));
    String[] prompt = {"--prompt", "a cat", "--temperature", "0", "--max-tokens", "9"};
    assertEquals(generate(run, prompt).out(), generate(back, prompt).out());
  }

  @Test
  void the_completion_script_completes_in_bash() throws Exception {
    assumeTrue(Files.exists(Path.of("/bin/bash")), "no bash here");
    Path script = Files.writeString(folder.resolve("complete"), ok("completion").out());
    String ask =
        "source %s; COMP_WORDS=(culebra %s); COMP_CWORD=%d; _complete_culebra 2>/dev/null; echo"
            + " ${COMPREPLY[@]}";
    assertEquals("generate", bash(ask.formatted(script, "gen", 1)));
    assertEquals("--max-tokens", bash(ask.formatted(script, "generate --max-t", 2)));
  }

  private static String bash(String command) throws Exception {
    Process process =
        new ProcessBuilder("/bin/bash", "-c", command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    return output.strip();
  }

  @Test
  void what_a_model_writes_is_utf8_whatever_the_locale() throws Exception {
    Path out = folder.resolve("tokenizer");
    Path text = CommandRun.text(folder.resolve("text.txt"), 20);
    ok("tokenizer", "train", "--data", "" + text, "--vocabulary", "260", "--out", "" + out);
    String sample = "\u00e9\u4f60";
    String ids = ok("tokenizer", "encode", "--tokenizer", "" + out, sample).out().strip();
    Path log = folder.resolve("log");
    String[] decode = ("tokenizer decode --tokenizer " + out + " " + ids).split(" ");
    assertEquals(0, CommandRun.start(List.of(), List.of(), log, decode).waitFor());
    assertTrue(Files.readString(log).endsWith(sample + "\n"), Files.readString(log));
    assertFalse(Files.readString(log).contains("?"), Files.readString(log));
  }
}
