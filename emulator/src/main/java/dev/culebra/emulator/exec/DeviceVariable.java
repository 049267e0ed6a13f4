package dev.culebra.emulator.exec;

/** A {@code .global} or {@code .const} variable of a loaded module. */
public record DeviceVariable(String name, long address, long bytes) {}
