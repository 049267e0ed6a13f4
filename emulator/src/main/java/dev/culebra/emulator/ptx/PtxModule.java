package dev.culebra.emulator.ptx;

import java.util.List;

/**
 * A module of PTX.
 *
 * @param name of the file or whatever else it is called in messages
 * @param versionMajor of the PTX language
 * @param targetArchitecture 80 of {@code sm_80}
 * @param targetSuffix {@code a}, {@code f} or nothing
 * @param variables of module scope
 */
public record PtxModule(
    String name,
    int versionMajor,
    int versionMinor,
    int targetArchitecture,
    String targetSuffix,
    int addressSize,
    List<Variable> variables,
    List<Function> functions) {}
