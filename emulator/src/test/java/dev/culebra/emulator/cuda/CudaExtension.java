package dev.culebra.emulator.cuda;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Gives each test that asks for one a {@link Cuda} of its own. */
final class CudaExtension implements ParameterResolver {
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(CudaExtension.class);

  /** Closes the device when its test is over. */
  private record Closing(Cuda cuda) implements AutoCloseable {
    @Override
    public void close() {
      cuda.close();
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Cuda.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return context
        .getStore(NAMESPACE)
        .getOrComputeIfAbsent("cuda", key -> new Closing(Cuda.start(Cuda.options())), Closing.class)
        .cuda();
  }
}
