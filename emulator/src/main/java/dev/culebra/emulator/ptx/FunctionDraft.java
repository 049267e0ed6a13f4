package dev.culebra.emulator.ptx;

import java.util.List;
import java.util.Map;

/**
 * A function before the module's files are known.
 *
 * @param body null for a declaration
 */
record FunctionDraft(
    String name,
    boolean entry,
    Variable.Linkage linkage,
    List<Variable> results,
    List<Variable> parameters,
    Function.LaunchBounds bounds,
    BodyDraft body,
    SourcePosition position) {

  Function finish(Map<Integer, String> files) {
    return new Function(
        name,
        entry,
        linkage,
        results,
        parameters,
        bounds,
        body == null ? null : body.finish(files),
        position);
  }
}
