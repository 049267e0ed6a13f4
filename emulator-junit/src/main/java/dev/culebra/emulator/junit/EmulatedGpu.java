package dev.culebra.emulator.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * Runs tests that call the CUDA driver, cuBLAS or cuBLASLt through the generated bindings on an
 * emulated GPU. Each test gets a fresh device, and fails when a checker found something that the
 * test did not {@linkplain EmulatedDevice#takeFindings take}. What stands at a method goes before
 * what stands at its class.
 *
 * <p>The generated functions bind once a JVM: no test of the same JVM can use a real GPU. Tests
 * with this annotation never run at the same time.
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD})
@ExtendWith(EmulatedGpuExtension.class)
@ResourceLock("dev.culebra.emulator")
public @interface EmulatedGpu {
  /** {@code h100}, {@code a100} or {@code rtx4090}. */
  String profile() default "h100";

  /** {@code fixed}, {@code late} or {@code random:SEED}. */
  String schedule() default "fixed";

  /**
   * Checkers with commas between, {@code all} or {@code none}: memory, initialised, race, barrier,
   * async-copy, host-api.
   */
  String check() default "all";

  /** Whether {@link EmulatedDevice#counters} has what kernels did. */
  boolean counters() default false;

  /** Threads that run blocks; 0 for one a core. */
  int workers() default 0;

  /** Bytes of device memory; 0 for what the profile has. */
  long memory() default 0;
}
