package dev.culebra.model.training;

import dev.culebra.model.Decoder;
import dev.culebra.model.Initialization;
import dev.culebra.model.ModelConfig;
import dev.culebra.model.Parameters;
import dev.culebra.model.checkpoint.CheckpointStore;
import dev.culebra.model.checkpoint.ModelDirectory;
import dev.culebra.model.checkpoint.RunDirectoryException;
import dev.culebra.model.tokenizer.Tokenizer;
import dev.culebra.runtime.Arena;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.Device;
import dev.culebra.runtime.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Trains a model in a run directory: steps, evaluations, checkpoints. A run that is stopped, or
 * killed at any moment, goes on from its newest checkpoint to the same bits as one that was not (on
 * the same device with as many threads).
 */
public final class Trainer implements AutoCloseable {
  private static final int STEPS_IN_FLIGHT = 2;

  private final Run run;
  private final TrainingConfig config;
  private final Device device;
  private final CheckpointStore store;
  private final List<AutoCloseable> open = new ArrayList<>();
  private final Parameters parameters;
  private final StepGraph[] graphs = new StepGraph[STEPS_IN_FLIGHT];
  private final Evaluator evaluator;
  private final List<TrainingListener> listeners = new ArrayList<>();
  private volatile boolean stopRequested;
  private TrainingState state;
  private StepClock clock;

  /** The step whose parameters the latest evaluation of this session measured. */
  private long evaluatedStep = -1;

  /**
   * What is trained, on what, and where.
   *
   * @param directory run directory
   * @param validation null for no evaluations; read from the start by each one
   * @param tokenizer that the data was made with, becomes part of the model; null for none
   */
  public record Run(
      Path directory,
      ModelConfig model,
      TrainingConfig config,
      BatchSource training,
      BatchSource validation,
      Tokenizer tokenizer) {}

  /** How a training ended. */
  public enum Outcome {
    /** All steps are done. */
    FINISHED,
    /** {@link #requestStop} was called; a checkpoint of the last step is there. */
    STOPPED
  }

  /** Brings the parameters to where training begins. */
  private interface Beginning {
    TrainingState set(Parameters parameters) throws IOException;
  }

  private Trainer(Device device, Run run, boolean resume, Beginning beginning) throws IOException {
    this.device = device;
    this.run = run;
    this.config = run.config();
    store = CheckpointStore.open(run.directory(), config.keep(), resume);
    open.add(store);
    try {
      parameters =
          opened(Parameters.forTraining(device, run.model(), config.dtype(), name -> false));
      state = beginning.set(parameters);
      run.training().seek(state.data());
      BatchInput input =
          opened(
              new BatchInput(device, config.batch(), config.length(), config.separateDocuments()));
      Decoder.Keep keep = config.recompute() ? Decoder.Keep.BLOCK_INPUTS : Decoder.Keep.ACTIVATIONS;
      Decoder decoder =
          opened(Decoder.open(parameters, config.batch(), config.length(), keep, input.random()));
      Arena arena = opened(device.memory().arena("gradient norm", DType.F32.bytes()));
      Tensor norm = arena.allocate(DType.F32, 1);
      AdamWOptimizer optimizer =
          new AdamWOptimizer(
              parameters, config.optimizer(), input.learningRate(), input.step(), norm);
      for (int i = 0; i < graphs.length; i++) {
        graphs[i] = opened(new StepGraph(device, config, decoder, optimizer, input, norm));
      }
      boolean evaluates = run.validation() != null && config.evaluationInterval() > 0;
      evaluator = evaluates ? opened(Evaluator.of(decoder, config.separateDocuments())) : null;
      open.add(device.stream()::synchronize); // closed first: steps may be in flight
    } catch (IOException | RuntimeException e) {
      try {
        close();
      } catch (IOException | RuntimeException other) {
        e.addSuppressed(other);
      }
      throw e;
    }
  }

  private <T extends AutoCloseable> T opened(T resource) {
    open.add(resource);
    return resource;
  }

  /** A new run from random parameters. */
  public static Trainer start(Device device, Run run) throws IOException {
    return new Trainer(
        device,
        run,
        false,
        parameters -> {
          Initialization.initialize(parameters, run.config().seed());
          return TrainingState.START;
        });
  }

  /** A new run from the parameters of a model. */
  public static Trainer startFrom(Device device, Run run, ModelDirectory model) throws IOException {
    if (!model.config().equals(run.model())) {
      throw new IllegalArgumentException(
          "%s is %s, not the %s to be trained"
              .formatted(model.path(), model.config(), run.model()));
    }
    return new Trainer(
        device,
        run,
        false,
        parameters -> {
          Initialization.initialize(parameters, run.config().seed());
          model.load(parameters);
          return TrainingState.START;
        });
  }

  /**
   * Goes on with the run in its directory, to the result of an uninterrupted one. Of its config
   * ({@link SavedTraining#config}) only what leaves the bits of a step alone may change: the number
   * of steps in all, recompute, and when to evaluate and save.
   *
   * @throws RunDirectoryException if there is no run, or it was begun with another model, config,
   *     tokenizer or data; the message names the field, both values and what to do
   */
  public static Trainer resume(Device device, Run run) throws IOException {
    return new Trainer(
        device,
        run,
        true,
        parameters -> {
          SavedTraining saved = SavedTraining.newest(run.directory());
          SameRun.require(run, saved);
          saved.restore(parameters);
          return saved.state();
        });
  }

  public void listen(TrainingListener listener) {
    listeners.add(listener);
  }

  public TrainingState state() {
    return state;
  }

  /** What is being trained, for a look between steps. */
  public Parameters parameters() {
    return parameters;
  }

  /** Lets {@link #run} finish its step, save and return. May be called from any thread. */
  public void requestStop() {
    stopRequested = true;
  }

  /**
   * Trains until all steps are done or a stop is requested; either way the last step has a
   * checkpoint then.
   *
   * @throws NonFiniteLossException if loss or gradient became infinite or NaN; nothing is saved, so
   *     the newest checkpoint is a good one
   * @throws RunDirectoryException if a checkpoint can't be written
   */
  public Outcome run() throws IOException {
    clock = new StepClock(state.seconds(), config.tokensPerStep());
    while (state.step() < config.steps() && !stopRequested) {
      long step = state.step() + 1;
      StepGraph graph = graphs[(int) (step % graphs.length)];
      StepGraph before = graphs[(int) ((step + 1) % graphs.length)];
      clock.launch(before.pending());
      graph.launch(step, run.training());
      // The step before is over or nearly so, while this one keeps the device busy.
      finish(before, false);
      state = at(step);
      if (evaluator != null && due(step, config.evaluationInterval())) {
        finish(graph, true);
        evaluate();
      }
      if (due(step, config.checkpointInterval())) {
        finish(graph, true);
        save();
      }
    }
    finish(graphs[(int) (state.step() % graphs.length)], true);
    save();
    return state.step() < config.steps() ? Outcome.STOPPED : Outcome.FINISHED;
  }

  private boolean due(long step, int interval) {
    return interval > 0 && (step % interval == 0 || step == config.steps());
  }

  private TrainingState at(long step) {
    return new TrainingState(
        step,
        run.training().position(),
        clock.seconds(),
        state.validationLoss(),
        state.bestStep(),
        state.bestLoss());
  }

  /**
   * @param last whether no other step was launched behind it
   */
  private void finish(StepGraph graph, boolean last) throws IOException {
    if (!graph.pending()) {
      return;
    }
    StepGraph.Result result = graph.finish();
    if (!result.finite()) {
      throw nonFinite(graph, result);
    }
    double tokensPerSecond = clock.finish(last);
    TrainingListener.StepMetrics metrics =
        new TrainingListener.StepMetrics(
            result.step(),
            result.loss(),
            result.gradNorm(),
            config.learningRate(result.step()),
            tokensPerSecond,
            clock.seconds());
    listeners.forEach(listener -> listener.onStep(metrics));
  }

  private NonFiniteLossException nonFinite(StepGraph graph, StepGraph.Result result)
      throws IOException {
    // The step after it may have run already: bring this one's gradients back.
    graph.repeat();
    device.stream().synchronize();
    return nonFinite(
        result.step(),
        "loss %s, gradient norm %s: %s"
            .formatted(result.loss(), result.gradNorm(), NonFiniteTensors.describe(parameters)));
  }

  private NonFiniteLossException nonFinite(long step, String what) throws IOException {
    return new NonFiniteLossException(
        step,
        "step %d: %s; %s%s; a lower learning rate or a longer warmup may help"
            .formatted(step, what, store.newestForMessage(), suspicion(step)));
  }

  /** A checkpoint of just before may have the parameters that failed: finite, but far out. */
  private String suspicion(long failed) throws IOException {
    List<CheckpointStore.Checkpoint> all = store.list();
    return all.isEmpty() || all.getLast().step() < failed - 1
        ? ""
        : ", but its parameters are those that failed; remove it to go on from an older one";
  }

  private void evaluate() {
    run.validation().seek(BatchSource.DataPosition.START);
    Evaluation evaluation = evaluator.evaluate(run.validation(), config.evaluationBatches());
    double loss = evaluation.loss();
    evaluatedStep = state.step();
    state =
        new TrainingState(
            state.step(), state.data(), state.seconds(), loss, state.bestStep(), state.bestLoss());
    listeners.forEach(listener -> listener.onEvaluation(state.step(), evaluation));
  }

  private void save() throws IOException {
    // The loss that would tell is that of the step to come.
    String damage = NonFiniteTensors.describeParameters(parameters);
    if (damage != null) {
      throw nonFinite(state.step(), "the update went out of range: " + damage);
    }
    if (isBest()) {
      state =
          new TrainingState(
              state.step(),
              state.data(),
              state.seconds(),
              state.validationLoss(),
              state.step(),
              state.validationLoss());
    }
    listeners.forEach(listener -> listener.beforeCheckpoint(state.step()));
    CheckpointStore.Checkpoint saved =
        store.save(
            state.step(),
            state.bestStep(),
            directory ->
                SavedTraining.write(
                    directory,
                    parameters,
                    config,
                    state,
                    run.tokenizer(),
                    run.training().identity()));
    listeners.forEach(listener -> listener.onCheckpoint(saved.step(), saved.directory()));
  }

  /** Only a loss of these very parameters counts: an earlier one says nothing of them. */
  private boolean isBest() {
    double loss = state.validationLoss();
    return evaluatedStep == state.step()
        && !Double.isNaN(loss)
        && !(loss >= state.bestLoss()); // NaN before the first
  }

  @Override
  public void close() throws IOException {
    Exception failure = null;
    for (AutoCloseable resource : open.reversed()) {
      try {
        resource.close();
      } catch (Exception e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    open.clear();
    switch (failure) {
      case null -> {}
      case IOException e -> throw e;
      case RuntimeException e -> throw e;
      default -> throw new IllegalStateException(failure);
    }
  }
}
