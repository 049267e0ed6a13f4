package dev.culebra.emulator.exec;

/**
 * Where a parameter of a kernel lies among the bytes of all.
 *
 * @param offset in bytes
 * @param bytes that it takes
 * @param alignment in bytes
 */
public record KernelParameter(int offset, int bytes, int alignment) {}
