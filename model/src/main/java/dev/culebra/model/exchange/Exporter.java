package dev.culebra.model.exchange;

import dev.culebra.model.ModelConfig;
import dev.culebra.model.ParameterLayout;
import dev.culebra.model.checkpoint.DurableDirectory;
import dev.culebra.model.checkpoint.JsonDocument;
import dev.culebra.model.checkpoint.ModelDirectory;
import dev.culebra.model.checkpoint.SafeTensorsWriter;
import dev.culebra.model.checkpoint.TensorType;
import dev.culebra.model.exchange.ForeignName.Part;
import dev.culebra.model.tokenizer.Tokenizer;
import dev.culebra.model.tokenizer.Tokenizers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Writes a model as a Hugging Face directory: GPT-2's form or Llama's, whichever it has. */
public final class Exporter {
  private Exporter() {}

  /**
   * Exports a model, its weights in F32.
   *
   * @param out the new directory; must not exist, or be empty
   * @throws IllegalArgumentException if Hugging Face has no model of this form
   */
  public static void exportHuggingFace(ModelDirectory model, Path out) throws IOException {
    ModelConfig config = model.config();
    Tokenizer tokenizer = model.tokenizer();
    List<ForeignName> names =
        HuggingFaceConfig.isGpt2(config)
            ? ForeignNames.gpt2(config, "transformer.")
            : ForeignNames.llama(config);
    byte[] json = JsonDocument.bytes(HuggingFaceConfig.write(config, tokenizer.endOfText()));
    DurableDirectory.create(
        out,
        directory -> {
          directory.write("config.json", json);
          directory.write(ForeignTensors.SINGLE, Map.of("format", "pt"), sources(model, names));
          Tokenizers.write(tokenizer, directory.path());
        });
  }

  private static List<SafeTensorsWriter.Source> sources(
      ModelDirectory model, List<ForeignName> names) {
    ParameterLayout layout = ParameterLayout.of(model.config());
    List<SafeTensorsWriter.Source> sources = new ArrayList<>();
    for (ForeignName name : names) {
      long[] shape = layout.entry(name.name()).shape();
      int columns = shape.length == 2 ? Math.toIntExact(shape[1]) : 1;
      long row = 0;
      for (Part part : name.parts()) {
        long firstRow = row;
        sources.add(
            new SafeTensorsWriter.Source(
                part.name(),
                TensorType.F32,
                ForeignParameters.shapeOf(part, columns, shape.length),
                () ->
                    ForeignParameters.extract(
                        model.read(name.name(), shape), firstRow, part, columns)));
        row += part.rows();
      }
    }
    return sources;
  }
}
