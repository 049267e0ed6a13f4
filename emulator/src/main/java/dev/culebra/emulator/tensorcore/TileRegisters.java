package dev.culebra.emulator.tensorcore;

/**
 * Where the registers of the four matrices lie: slots of {@code words[slot][lane]}, or of longs.
 */
public record TileRegisters(int[] a, int[] b, int[] c, int[] d) {}
