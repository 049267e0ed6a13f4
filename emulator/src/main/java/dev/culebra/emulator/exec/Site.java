package dev.culebra.emulator.exec;

import dev.culebra.emulator.ptx.Function;
import dev.culebra.emulator.ptx.Instruction;

/** An instruction and where it stands, for reports. */
public record Site(String module, Function function, Instruction instruction) {}
