package dev.culebra.runtime;

import java.util.Arrays;

/**
 * The checks that every operation makes when it is enqueued. Messages name the operation, the
 * tensor by its role, and both shapes.
 */
public final class TensorChecks {
  private TensorChecks() {}

  /** {@code tensor} has {@code rows} rows of {@code columns}, whatever its leading dimensions. */
  public static void matrix(
      String operation, String role, Tensor tensor, long rows, long columns, DType... dtypes) {
    present(operation, role, tensor);
    if (tensor.rows() != rows || tensor.columns() != columns) {
      throw new IllegalArgumentException(
          operation + ": " + role + " is " + tensor + ", expected [" + rows + ", " + columns + "]");
    }
    dtype(operation, role, tensor, dtypes);
  }

  /** {@code tensor} is contiguous with {@code elements} elements, whatever its shape. */
  public static void expect(
      String operation, String role, Tensor tensor, DType dtype, long elements) {
    vector(operation, role, tensor, elements, dtype);
  }

  /** {@code tensor} is contiguous with {@code elements} elements and one of {@code dtypes}. */
  public static void vector(
      String operation, String role, Tensor tensor, long elements, DType... dtypes) {
    present(operation, role, tensor);
    if (tensor.elements() != elements) {
      throw new IllegalArgumentException(
          operation + ": " + role + " is " + tensor + ", expected " + elements + " elements");
    }
    contiguous(operation, role, tensor);
    dtype(operation, role, tensor, dtypes);
  }

  /** The rows of {@code tensor} follow each other without gaps. */
  public static void contiguous(String operation, String role, Tensor tensor) {
    if (!tensor.isContiguous()) {
      throw new IllegalArgumentException(
          operation + ": " + role + " is " + tensor + ", expected contiguous");
    }
  }

  /** {@code tensor} has one of {@code dtypes}; no dtypes given means any. */
  public static void dtype(String operation, String role, Tensor tensor, DType... dtypes) {
    if (dtypes.length > 0 && !Arrays.asList(dtypes).contains(tensor.dtype())) {
      throw new IllegalArgumentException(
          operation + ": " + role + " is " + tensor + ", expected " + Arrays.toString(dtypes));
    }
  }

  /** {@code tensor} is not null. */
  public static void present(String operation, String role, Tensor tensor) {
    if (tensor == null) {
      throw new IllegalArgumentException(operation + ": " + role + " is missing");
    }
  }

  /** {@code tensor} lies on this device, in an arena that is open. */
  public static void usable(String operation, Tensor tensor, Device device) {
    Arena arena = tensor.arena();
    if (arena.device() != device) {
      throw new IllegalArgumentException(
          "%s: %s of arena '%s' belongs to another device (%s) than the one it is used on (%s)"
              .formatted(operation, tensor, arena.name(), arena.device().name(), device.name()));
    }
    if (!arena.isOpen()) {
      throw new IllegalStateException(
          "%s: %s lies in arena '%s', which is closed".formatted(operation, tensor, arena.name()));
    }
  }

  /** {@code tensor} is contiguous and {@code bytes} of host memory have room for all of it. */
  public static void copyable(String operation, String role, Tensor tensor, long bytes) {
    present(operation, role, tensor);
    contiguous(operation, role, tensor);
    if (tensor.bytes() > bytes) {
      throw new IllegalArgumentException(
          operation
              + ": "
              + role
              + " is "
              + tensor
              + " of "
              + tensor.bytes()
              + " bytes, the host memory has "
              + bytes);
    }
  }

  /** A condition on the arguments of an operation. */
  public static void require(String operation, boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(operation + ": " + message);
    }
  }
}
