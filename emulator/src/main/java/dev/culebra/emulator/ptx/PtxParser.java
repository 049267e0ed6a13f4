package dev.culebra.emulator.ptx;

/** Reads PTX text, versions 6.0 to 9.x as nvcc and people write it. */
public final class PtxParser {
  private PtxParser() {}

  /**
   * Reads a module. Opcodes and modifiers are taken as they come: who decodes an instruction judges
   * them.
   *
   * @param moduleName for messages
   * @throws PtxException where the text is not well formed; its message names line and column
   */
  public static PtxModule parse(String moduleName, String text) {
    return new ModuleParser(new Lexer(moduleName, text)).parse();
  }
}
