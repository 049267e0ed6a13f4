package dev.culebra.emulator.exec;

/**
 * The address of an access.
 *
 * @param wide whether the base lies in longs
 * @param slot of the base
 * @param offset that is added
 */
record AddressOperand(Space space, boolean wide, int slot, long offset) {}
