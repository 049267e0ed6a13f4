package dev.culebra.model.training;

import dev.culebra.model.ParameterLayout;
import dev.culebra.model.Parameters;
import dev.culebra.runtime.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Finds the first tensor of a training that holds a NaN or an infinity. */
final class NonFiniteTensors {
  private NonFiniteTensors() {}

  /** For a message: the first gradient, or else parameter, in the order of the layout. */
  static String describe(Parameters parameters) {
    try (DeviceReader reader =
        new DeviceReader(parameters.device(), parameters.layout().entries())) {
      for (ParameterLayout.Entry entry : parameters.layout().entries()) {
        Tensor gradient = parameters.gradient(entry.name());
        if (gradient != null) {
          long at = firstNonFinite(reader.read(gradient));
          if (at >= 0) {
            return "first in the gradient of " + entry.name() + ", element " + at;
          }
        }
      }
      String parameter = firstParameter(parameters, reader);
      return parameter != null ? parameter : "all gradients and parameters are finite by now";
    }
  }

  /** For a message: the first such parameter; null if all are finite. */
  static String describeParameters(Parameters parameters) {
    try (DeviceReader reader =
        new DeviceReader(parameters.device(), parameters.layout().entries())) {
      return firstParameter(parameters, reader);
    }
  }

  private static String firstParameter(Parameters parameters, DeviceReader reader) {
    for (ParameterLayout.Entry entry : parameters.layout().entries()) {
      long at = firstNonFinite(reader.read(parameters.tensor(entry.name())));
      if (at >= 0) {
        return "first in the parameter " + entry.name() + ", element " + at;
      }
    }
    return null;
  }

  private static long firstNonFinite(MemorySegment values) {
    long elements = values.byteSize() / Float.BYTES;
    for (long i = 0; i < elements; i++) {
      if (!Float.isFinite(values.getAtIndex(ValueLayout.JAVA_FLOAT, i))) {
        return i;
      }
    }
    return -1;
  }
}
