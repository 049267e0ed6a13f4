package dev.culebra.model;

/**
 * What some device memory is used for.
 *
 * @param purpose in words
 * @param bytes of it
 */
public record MemoryUse(String purpose, long bytes) {}
