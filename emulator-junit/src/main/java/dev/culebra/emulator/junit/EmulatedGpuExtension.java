package dev.culebra.emulator.junit;

import dev.culebra.bindings.NativeLibraries;
import dev.culebra.emulator.check.Checker;
import dev.culebra.emulator.check.Finding;
import dev.culebra.emulator.driver.EmulatedDriver;
import dev.culebra.emulator.driver.EmulatorOptions;
import dev.culebra.emulator.exec.ExecutionOptions;
import dev.culebra.emulator.exec.Schedule;
import dev.culebra.emulator.profile.DeviceProfile;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.AnnotatedElement;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;

/** What {@link EmulatedGpu} does. */
final class EmulatedGpuExtension
    implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, ParameterResolver {
  private static final Namespace NAMESPACE = Namespace.create(EmulatedGpuExtension.class);

  @Override
  public void beforeAll(ExtensionContext context) {
    NativeLibraries.choose("emulated");
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    NativeLibraries.choose("emulated"); // where the annotation stands at the method alone
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    EmulatorOptions options = options(annotation(context));
    EmulatedDriver.reset(
        options.quiet().withDeviceOutput(new PrintStream(output, true, StandardCharsets.UTF_8)));
    context.getStore(NAMESPACE).put(EmulatedDevice.class, new EmulatedDevice(output));
  }

  @Override
  public void afterEach(ExtensionContext context) {
    List<Finding> findings = EmulatedDriver.close();
    if (findings.isEmpty()) {
      return;
    }
    AssertionError failure =
        new AssertionError(
            findings.stream()
                .map(Finding::toString)
                .collect(Collectors.joining("\n", "the emulated GPU found:\n", "")));
    // A test that failed already tells of its own failure first.
    context
        .getExecutionException()
        .ifPresentOrElse(
            earlier -> earlier.addSuppressed(failure),
            () -> {
              throw failure;
            });
  }

  private static EmulatedGpu annotation(ExtensionContext context) {
    List<AnnotatedElement> places = new ArrayList<>();
    places.add(context.getRequiredTestMethod());
    places.add(context.getRequiredTestClass());
    places.addAll(context.getEnclosingTestClasses().reversed());
    for (AnnotatedElement place : places) {
      Optional<EmulatedGpu> found = AnnotationSupport.findAnnotation(place, EmulatedGpu.class);
      if (found.isPresent()) {
        return found.get();
      }
    }
    throw new IllegalStateException("no @EmulatedGpu at " + context.getDisplayName());
  }

  private static EmulatorOptions options(EmulatedGpu gpu) {
    ExecutionOptions execution =
        ExecutionOptions.checked()
            .with(Checker.parse(gpu.check()))
            .with(Schedule.parse(gpu.schedule()))
            .withCounters(gpu.counters());
    return EmulatorOptions.defaults()
        .with(DeviceProfile.byName(gpu.profile()))
        .with(gpu.workers() == 0 ? execution : execution.withWorkers(gpu.workers()))
        .withMemory(gpu.memory());
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == EmulatedDevice.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return context.getStore(NAMESPACE).get(EmulatedDevice.class);
  }
}
