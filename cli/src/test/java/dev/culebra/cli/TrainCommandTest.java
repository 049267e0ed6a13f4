package dev.culebra.cli;

import static dev.culebra.cli.CommandRun.ok;
import static dev.culebra.cli.CommandRun.refused;
import static dev.culebra.cli.CommandRun.training;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainCommandTest {
  @TempDir Path folder;
  private Path run;

  @BeforeEach
  void place() {
    run = folder.resolve("run");
  }

  private List<String[]> metrics() throws IOException {
    return Files.readAllLines(run.resolve("metrics.csv")).stream()
        .skip(1)
        .map(line -> line.split(",", -1))
        .toList();
  }

  @Test
  void a_run_learns_and_leaves_what_was_promised() throws IOException {
    CommandRun trained =
        ok(
            training(
                folder,
                run,
                "--steps",
                "60",
                "--eval-interval",
                "20",
                "--eval-batches",
                "2",
                "--checkpoint-interval",
                "30",
                "--learning-rate",
                "3e-3"));
    List<String[]> rows = metrics();
    assertEquals(60, rows.size());
    double first = Double.parseDouble(rows.getFirst()[1]);
    double last = Double.parseDouble(rows.getLast()[1]);
    assertTrue(last < first - 1, first + " to " + last);
    assertEquals("", rows.get(18)[2]);
    assertFalse(rows.get(19)[2].isEmpty(), "the validation loss of step 20");
    assertTrue(trained.err().contains("MiB of memory"), trained.err());
    assertTrue(trained.err().contains("step 60 of 60, loss "), trained.err());
    for (String file : List.of("loss.png", "loss.svg", "checkpoints/step-00000060/config.json")) {
      assertTrue(Files.size(run.resolve(file)) > 0, file);
    }
    assertTrue(CommandRun.contents(run).keySet().stream().noneMatch(name -> name.endsWith(".tmp")));
  }

  /** Steps alike take times alike, whether something comes between them or not. */
  @Test
  void no_step_is_said_to_be_many_times_as_fast_as_the_others() throws IOException {
    ok(
        training(
            folder, run, "--steps", "300", "--eval-interval", "50", "--checkpoint-interval", "50"));
    List<Double> rates =
        metrics().stream().skip(100).map(row -> Double.parseDouble(row[5])).sorted().toList();
    double median = rates.get(rates.size() / 2);
    assertTrue(rates.getLast() < 10 * median, rates.getLast() + " beside " + median);
  }

  @Test
  void a_run_that_is_there_is_refused_before_any_work_and_stays_as_it_is() throws IOException {
    CommandRun.model(folder);
    Map<String, Integer> before = CommandRun.contents(run);
    refused(1, List.of("run holds a run of 6 steps already", "--resume"), training(folder, run));
    assertEquals(before, CommandRun.contents(run));
    refused(
        1,
        List.of("step-00000006", "is a model directory"),
        training(folder, run.resolve("checkpoints/step-00000006"), "--steps", "1"));
    assertEquals(before, CommandRun.contents(run));
    refused(1, List.of("text.txt", "not a folder"), training(folder, folder.resolve("text.txt")));
  }

  @Test
  void files_that_a_run_would_replace_are_refused_and_others_stay() throws IOException {
    Files.createDirectory(run);
    Files.writeString(run.resolve("letter.txt"), "dear");
    Path mine = Files.writeString(run.resolve("metrics.csv"), "of something else");
    refused(1, List.of("metrics.csv is there", "--out"), training(folder, run, "--steps", "2"));
    assertEquals("of something else", Files.readString(mine));
    Files.delete(mine);
    ok(training(folder, run, "--steps", "2"));
    assertEquals("dear", Files.readString(run.resolve("letter.txt")));
  }

  @Test
  void a_run_that_ended_before_its_first_checkpoint_can_be_begun_again() throws IOException {
    ok(training(folder, run, "--steps", "2"));
    try (var checkpoint = Files.walk(run.resolve("checkpoints/step-00000002"))) {
      for (Path path : checkpoint.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
    ok(training(folder, run, "--steps", "2"));
    assertEquals(2, metrics().size());
  }

  @Test
  void resuming_takes_no_options_of_a_new_run() throws IOException {
    CommandRun.model(folder);
    Map<String, Integer> before = CommandRun.contents(run);
    for (String[] option :
        new String[][] {
          {"--data", "x"}, {"--model", "tiny"}, {"--learning-rate", "1"}, {"--batch", "2"},
          {"--seed", "2"}, {"--vocabulary", "300"}, {"--validation", "0.1"}, {"--dtype", "f32"}
        }) {
      refused(
          2,
          List.of(option[0] + " belongs to a new run"),
          "train",
          "--resume",
          "--out",
          run.toString(),
          option[0],
          option[1]);
    }
    assertEquals(before, CommandRun.contents(run));
  }

  @Test
  void resuming_needs_a_run_with_something_left_to_do() throws IOException {
    Path nowhere = folder.resolve("nowhere");
    refused(
        1,
        List.of("nowhere", "no checkpoint to resume from"),
        "train",
        "--resume",
        "--out",
        nowhere.toString());
    assertFalse(Files.exists(nowhere));
    CommandRun.model(folder);
    String[] resume = {"train", "--resume", "--out", run.toString()};
    refused(1, List.of("all 6 steps are done", "--steps"), resume);
    Files.delete(run.resolve("run.json"));
    refused(1, List.of("run.json", "no run of 'culebra train'"), resume);
  }

  @Test
  void resuming_on_other_data_is_refused() throws IOException {
    CommandRun.model(folder);
    Path text = folder.resolve("text.txt");
    String begun = Files.readString(text);
    String[] resume = {"train", "--resume", "--out", run.toString(), "--steps", "8"};
    int word = begun.indexOf(' ');
    String swapped = begun.substring(word) + begun.substring(0, word); // just as long
    for (String other : List.of(swapped, begun + begun)) {
      Files.writeString(text, other);
      refused(1, List.of("the data is not what the run began with"), resume);
    }
    Files.writeString(text, begun);
    ok(resume);
  }

  @Test
  void options_that_make_no_sense_are_wrong_arguments_and_leave_nothing() throws IOException {
    for (String[] option :
        new String[][] {
          {"--steps", "0"},
          {"--batch", "0"},
          {"--learning-rate", "-1"},
          {"--dropout", "1"},
          {"--length", "33"},
          {"--validation", "1"},
          {"--keep", "0"},
          {"--schedule", "never"},
          {"--min-learning-rate", "1"},
          {"--warmup", "-1"},
          {"--accumulation", "0"},
          {"--steps", "many"},
          {"--beta1", "1"},
          {"--beta2", "-1"},
          {"--clip", "-1"},
          {"--weight-decay", "NaN"},
          {"--learning-rate", "Infinity"},
          {"--eval-interval", "-1"},
          {"--eval-batches", "0"},
          {"--checkpoint-interval", "-1"}
        }) {
      refused(2, List.of(option[0]), training(folder, run, option));
    }
    refused(
        1,
        List.of("vocabulary of 20 is too small"),
        "tokenizer",
        "train",
        "--data",
        folder + "/text.txt",
        "--vocabulary",
        "20",
        "--out",
        "" + run);
    assertFalse(Files.exists(run));
  }

  @Test
  void options_that_would_be_passed_over_are_refused() throws IOException {
    CommandRun.model(folder);
    Path second = folder.resolve("second");
    refused(
        2,
        List.of("--model means nothing beside --from"),
        training(folder, second, "--from", run.toString()));
    refused(
        2,
        List.of("--vocabulary means nothing beside --tokenizer"),
        training(folder, second, "--tokenizer", "gpt2"));
  }

  @Test
  void a_model_can_be_trained_further_on_other_text() throws IOException {
    CommandRun.model(folder);
    Path second = folder.resolve("second");
    Path text = CommandRun.text(folder.resolve("more.txt"), 500);
    ok(
        "train",
        "--data",
        text.toString(),
        "--from",
        run.toString(),
        "--steps",
        "2",
        "--batch",
        "2",
        "--out",
        second.toString());
    assertTrue(Files.isDirectory(second.resolve("checkpoints/step-00000002")));
  }

  @Test
  void a_loss_that_explodes_stops_the_run_with_step_tensor_and_what_is_left() throws IOException {
    String[] absurd = {
      "--learning-rate",
      "1e30",
      "--warmup",
      "0",
      "--steps",
      "50",
      "--dtype",
      "f32",
      "--checkpoint-interval",
      "1"
    };
    refused(
        1,
        List.of("step 2: loss NaN", "gradient of ", "checkpoint of step 1 is intact", "learning"),
        training(folder, run, absurd));
    assertTrue(Files.isDirectory(run.resolve("checkpoints/step-00000001")));
    absurd[absurd.length - 1] = "0";
    refused(
        1,
        List.of("step 2: loss NaN", "there is no checkpoint before it"),
        training(folder, folder.resolve("second"), absurd));
  }

  @Test
  void a_training_that_does_not_fit_into_memory_says_what_would_be_smaller() throws IOException {
    refused(
        1,
        List.of("MiB", "a smaller batch"),
        "train",
        "--data",
        CommandRun.text(folder.resolve("text.txt"), 800).toString(),
        "--model",
        "gpt2",
        "--vocabulary",
        "300",
        "--batch",
        "1000000",
        "--length",
        "32",
        "--steps",
        "1",
        "--out",
        "" + run);
  }

  @Test
  void a_quickstart_is_not_trained_over() throws IOException {
    CommandRun.model(folder);
    Map<String, Integer> before = CommandRun.contents(run);
    refused(
        1,
        List.of("holds a run of 6 steps already", "culebra generate --model", "--out"),
        "quickstart",
        "--out",
        run.toString());
    assertEquals(before, CommandRun.contents(run));
  }
}
