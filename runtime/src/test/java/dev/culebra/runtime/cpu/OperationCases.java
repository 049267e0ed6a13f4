package dev.culebra.runtime.cpu;

import dev.culebra.runtime.AdamW;
import dev.culebra.runtime.AttentionMask;
import dev.culebra.runtime.AttentionShape;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.Dropout;
import dev.culebra.runtime.Epilogue;
import dev.culebra.runtime.KeyValueCache;
import dev.culebra.runtime.Tensor;
import dev.culebra.runtime.Weight;
import dev.culebra.runtime.WeightFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;

/** Every operation once, on the same numbers whenever it is asked for, odd in all its sizes. */
final class OperationCases {
  private static final int ROWS = 37;
  private static final int COLUMNS = 515;

  /** One operation and all that it writes. */
  record Case(Runnable work, Tensor... outputs) {}

  private final Operands o;
  private final DType dtype;
  private final SplittableRandom random = new SplittableRandom(7);
  private final Map<String, Case> cases = new LinkedHashMap<>();

  private OperationCases(Operands o, DType dtype) {
    this.o = o;
    this.dtype = dtype;
  }

  static Map<String, Case> of(Operands o, DType dtype) {
    OperationCases all = new OperationCases(o, dtype);
    all.moves();
    all.norms();
    all.activations();
    all.losses();
    all.sampling();
    all.products();
    all.attention();
    return all.cases;
  }

  private void add(String name, Runnable work, Tensor... outputs) {
    cases.put(name, new Case(work, outputs));
  }

  private void moves() {
    Tensor x = fixed(dtype, ROWS, COLUMNS);
    Tensor y = fixed(dtype, ROWS, COLUMNS);
    Tensor floats = fixed(DType.F32, ROWS, COLUMNS);
    Tensor indices = o.ints(random.ints(ROWS, 0, ROWS).toArray());
    Tensor out = o.poisoned(dtype, 0, ROWS, COLUMNS);
    Tensor strided = o.poisoned(dtype, 2, ROWS, COLUMNS);
    Tensor dtable = o.zeros(ROWS, COLUMNS);
    Tensor scalar = o.zeros(1);
    add("fill", () -> o.ops.fill(out, 2), out);
    add("convert", () -> o.ops.convert(floats, out), out);
    add("add", () -> o.ops.add(x, y, out), out);
    add("add of rows", () -> o.ops.add(x, y, strided), strided);
    add("gatherRows", () -> o.ops.gatherRows(x, indices, out), out);
    add("sum", () -> o.ops.sum(floats, true, scalar), scalar);
    add("embedding", () -> o.ops.embedding(indices, x, indices, y, out), out);
    add("embeddingBackward", () -> o.ops.embeddingBackward(indices, x, dtable), dtable);
  }

  private void norms() {
    Tensor x = fixed(dtype, ROWS, COLUMNS);
    Tensor y = fixed(dtype, ROWS, COLUMNS);
    Tensor weight = fixed(dtype, 1, COLUMNS);
    Tensor mean = fixed(DType.F32, 1, ROWS);
    Tensor rstd = fixed(DType.F32, 1, ROWS);
    Tensor out = o.poisoned(dtype, 0, ROWS, COLUMNS);
    Tensor sum = o.poisoned(dtype, 0, ROWS, COLUMNS);
    Tensor dweight = o.zeros(COLUMNS);
    Tensor dbias = o.zeros(COLUMNS);
    Tensor m = o.zeros(ROWS);
    Tensor r = o.zeros(ROWS);
    add("layerNorm", () -> o.ops.layerNorm(x, y, sum, weight, weight, 1e-5f, out, m, r), out, m, r);
    add("rmsNorm", () -> o.ops.rmsNorm(x, null, null, weight, 1e-5f, out, r), out, r);
    add(
        "layerNormBackward",
        () -> o.ops.layerNormBackward(y, x, weight, mean, rstd, x, out, dweight, dbias),
        out,
        dweight,
        dbias);
    add(
        "rmsNormBackward",
        () -> o.ops.rmsNormBackward(y, x, weight, rstd, null, out, dweight),
        out,
        dweight);
  }

  private void activations() {
    Tensor x = fixed(dtype, ROWS, COLUMNS);
    Tensor y = fixed(dtype, ROWS, COLUMNS);
    Tensor wide = fixed(dtype, ROWS, 2 * COLUMNS);
    Tensor out = o.poisoned(dtype, 0, ROWS, COLUMNS);
    Tensor doubled = o.poisoned(dtype, 0, ROWS, 2 * COLUMNS);
    Dropout dropout = new Dropout(0.3f, o.ints(3, 4, 5), 1);
    add("gelu", () -> o.ops.gelu(x, out), out);
    add("geluBackward", () -> o.ops.geluBackward(y, x, out), out);
    add("swiglu", () -> o.ops.swiglu(wide, out), out);
    add("swigluBackward", () -> o.ops.swigluBackward(y, wide, doubled), doubled);
    add("dropout", () -> o.ops.dropout(x, dropout, out), out);
  }

  private void losses() {
    Tensor logits = fixed(dtype, ROWS, COLUMNS);
    Tensor replaced = fixed(dtype, ROWS, COLUMNS);
    Tensor targets = o.ints(random.ints(ROWS, -1, COLUMNS).toArray());
    Tensor half = o.floats(0.5f);
    Tensor losses = o.zeros(ROWS);
    Tensor gradients = fixed(DType.F32, ROWS, COLUMNS);
    Tensor norm = o.zeros(1);
    Tensor[] state = {o.zeros(ROWS, COLUMNS), o.zeros(ROWS, COLUMNS), o.zeros(ROWS, COLUMNS)};
    Tensor working = o.poisoned(DType.BF16, 0, ROWS, COLUMNS);
    AdamW adamW = new AdamW(0.9f, 0.99f, 1e-8f, 0.1f, 1, half, o.ints(3), half);
    add("crossEntropy", () -> o.ops.crossEntropy(logits, targets, losses), losses);
    add(
        "crossEntropyWithGradient",
        () -> o.ops.crossEntropyWithGradient(replaced, targets, half, losses),
        replaced,
        losses);
    add("globalNorm", () -> o.ops.globalNorm(gradients, norm), norm);
    add(
        "adamW",
        () -> o.ops.adamW(adamW, state[0], gradients, state[1], state[2], working),
        state[0],
        state[1],
        state[2],
        working);
  }

  private void sampling() {
    Tensor logits = fixed(dtype, ROWS, COLUMNS);
    float[] options = new float[ROWS * 5];
    for (int row = 0; row < ROWS; row++) {
      float[] some = {row % 4, row % 3 * 10, row % 2 == 0 ? 0.9f : 1, 0.01f, 1.1f};
      System.arraycopy(some, 0, options, row * 5, 5);
    }
    Tensor parameters = o.floats(options).reshape(ROWS, 5);
    Tensor seeds = o.ints(random.ints(2 * ROWS).toArray()).reshape(ROWS, 2);
    Tensor history = o.ints(random.ints(ROWS * 4, 0, COLUMNS).toArray()).reshape(ROWS, 4);
    Tensor lengths = o.ints(random.ints(ROWS, 0, 4).toArray());
    Tensor positions = o.ints(new int[ROWS]);
    Tensor next = o.ints(new int[ROWS]);
    add("sample", () -> o.ops.sample(logits, parameters, seeds, history, lengths, next), next);
    add("advance", () -> o.ops.advance(next, history, lengths, positions), history, lengths);
  }

  private void products() {
    int inputs = 67;
    int outputs = 93;
    Tensor x = fixed(dtype, ROWS, inputs);
    Tensor source = fixed(dtype, outputs, inputs);
    Tensor bias = fixed(dtype, 1, outputs);
    Tensor dout = fixed(dtype, ROWS, outputs);
    Tensor kept = o.poisoned(dtype, 0, ROWS, outputs);
    Tensor out = o.poisoned(dtype, 0, ROWS, outputs);
    Tensor total = fixed(dtype, ROWS, outputs);
    Tensor few = o.poisoned(dtype, 0, 3, outputs);
    Tensor dx = o.poisoned(dtype, 0, ROWS, inputs);
    Tensor dweight = o.zeros(outputs, inputs);
    Tensor dbias = o.zeros(outputs);
    Weight weight = o.device.weight(source, WeightFormat.SOURCE, true);
    o.ops.refresh(weight);
    Epilogue gelu = Epilogue.gelu(bias, kept);
    add("matmul with GELU", () -> o.ops.matmul(x, weight, gelu, out), out, kept);
    add("matmul added", () -> o.ops.matmul(x, weight, Epilogue.residual(bias), total), total);
    Tensor firstRows = x.rows(0, 3);
    add("matmul of few rows", () -> o.ops.matmul(firstRows, weight, Epilogue.NONE, few), few);
    add("matmulBackwardInput", () -> o.ops.matmulBackwardInput(dout, weight, false, dx), dx);
    add(
        "matmulBackwardWeight",
        () -> o.ops.matmulBackwardWeight(dout, x, true, dweight, dbias),
        dweight,
        dbias);
  }

  private void attention() {
    AttentionShape shape = new AttentionShape(1, ROWS, 4, 2, 18);
    int width = 4 * 18;
    int keyWidth = 2 * 18;
    AttentionMask mask = new AttentionMask(true, 0, null);
    Tensor q = fixed(dtype, ROWS, width);
    Tensor k = fixed(dtype, ROWS, keyWidth);
    Tensor v = fixed(dtype, ROWS, keyWidth);
    Tensor dout = fixed(dtype, ROWS, width);
    Tensor out = o.poisoned(dtype, 0, ROWS, width);
    Tensor lse = o.zeros(1, 4, ROWS);
    Tensor dq = o.poisoned(dtype, 0, ROWS, width);
    Tensor dk = o.poisoned(dtype, 0, ROWS, keyWidth);
    Tensor dv = o.poisoned(dtype, 0, ROWS, keyWidth);
    float scale = 0.25f;
    Dropout dropout = new Dropout(0.1f, o.ints(3, 4, 5), 2);
    add(
        "attention",
        () -> o.ops.attention(shape, mask, scale, q, k, v, dropout, out, lse),
        out,
        lse);
    add(
        "attentionBackward",
        () ->
            o.ops.attentionBackward(
                shape, mask, scale, q, k, v, dropout, out, lse, dout, dq, dk, dv),
        dq,
        dk,
        dv);
    int[] places = random.ints(ROWS, 0, 1000).toArray();
    Tensor turned = fixed(dtype, ROWS, width);
    Tensor frequencies = o.floats(1, 0.5f, 0.2f, 0.1f, 0.05f, 0.02f, 0.01f, 0.005f, 0.001f);
    Tensor positions = o.ints(places);
    add("rope", () -> o.ops.rope(turned, positions, frequencies, 4, false), turned);
    KeyValueCache cache =
        new KeyValueCache(
            fixed(dtype, 48, keyWidth),
            fixed(dtype, 48, keyWidth),
            o.ints(0, 1, 2).reshape(1, 3),
            16);
    Tensor sequence = o.ints(0);
    Tensor last = o.ints(41);
    Tensor query = q.rows(0, 1);
    Tensor decoded = o.poisoned(dtype, 0, 1, width);
    Tensor key = k.rows(0, 1);
    Tensor value = v.rows(0, 1);
    add(
        "storeKeyValue",
        () -> o.ops.storeKeyValue(key, value, sequence, last, cache),
        cache.keys(),
        cache.values());
    add(
        "decodeAttention",
        () -> o.ops.decodeAttention(query, sequence, last, cache, 4, scale, 0, decoded),
        decoded);
  }

  private Tensor fixed(DType type, int rows, int columns) {
    Tensor tensor = o.poisoned(type, 0, rows, columns);
    for (int i = 0; i < rows * columns; i++) {
      Operands.set(tensor, i, random.nextGaussian());
    }
    return tensor;
  }
}
