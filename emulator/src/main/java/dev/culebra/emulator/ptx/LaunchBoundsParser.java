package dev.culebra.emulator.ptx;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Reads performance and cluster directives of one function (PTX ISA 11.4, 11.7, 11.8). */
final class LaunchBoundsParser {
  private static final int DIMENSIONS = 3;

  /** What may stand behind a declared function that no semicolon ends. */
  private static final Set<String> OF_MODULE =
      Set.of(
          "visible extern weak common entry func global const shared file section pragma alias"
              .split(" "));

  private final Lexer lexer;
  private final ConstantExpression expressions;

  private int maxThreads;
  private List<Integer> required = List.of();
  private int minBlocks;
  private int maxRegisters;
  private List<Integer> cluster = List.of();
  private boolean explicitCluster;
  private int maxClusterRank;
  private boolean blocksAreClusters;
  private boolean noReturn;

  LaunchBoundsParser(Lexer lexer, ConstantExpression expressions) {
    this.lexer = lexer;
    this.expressions = expressions;
  }

  /** Reads what stands between a kernel's parameters and its body. */
  Function.LaunchBounds ofKernel() {
    while (lexer.kind() == Token.DOTTED) {
      switch (lexer.name()) {
        case "maxntid" -> {
          refuseBoth(!required.isEmpty());
          maxThreads = product(dimensions());
        }
        case "reqntid" -> {
          refuseBoth(maxThreads > 0);
          required = dimensions();
        }
        case "minnctapersm", "maxnctapersm" -> minBlocks = count();
        case "maxnreg" -> maxRegisters = count();
        case "reqnctapercluster" -> cluster = dimensions();
        case "maxclusterrank" -> maxClusterRank = count();
        case "explicitcluster" -> explicitCluster = flag();
        case "blocksareclusters" -> blocksAreClusters = flag();
        case "pragma" -> pragma();
        default -> throw lexer.expected("a directive of a kernel or its body");
      }
    }
    return bounds();
  }

  /**
   * Reads what stands between a function's parameters and its body, or the module's next directive.
   *
   * @param results whether it has any
   */
  Function.LaunchBounds ofFunction(boolean results) {
    while (lexer.kind() == Token.DOTTED && !OF_MODULE.contains(lexer.name())) {
      switch (lexer.name()) {
        case "noreturn" -> {
          if (results) {
            throw lexer.error("a function with results can't be .noreturn");
          }
          noReturn = flag();
        }
        // Registers are virtual here; how many a callee saves changes nothing.
        case "abi_preserve", "abi_preserve_control" -> count();
        default -> throw lexer.expected("a directive of a function or its body");
      }
    }
    return bounds();
  }

  private Function.LaunchBounds bounds() {
    return new Function.LaunchBounds(
        maxThreads,
        required,
        minBlocks,
        maxRegisters,
        cluster,
        explicitCluster,
        maxClusterRank,
        blocksAreClusters,
        noReturn);
  }

  private void refuseBoth(boolean other) {
    if (other) {
      throw lexer.error("a kernel can have .maxntid or .reqntid, not both");
    }
  }

  private boolean flag() {
    lexer.advance();
    return true;
  }

  private int count() {
    lexer.advance();
    return expressions.parseCount("a number");
  }

  /** Reads one to three numbers; those that are left out are 1. */
  private List<Integer> dimensions() {
    List<Integer> dimensions = new ArrayList<>(DIMENSIONS);
    do {
      if (dimensions.size() == DIMENSIONS) {
        throw lexer.error("there are three dimensions at most");
      }
      lexer.advance();
      SourcePosition position = lexer.position();
      int size = expressions.parseCount("a number");
      if (size == 0) {
        throw lexer.error(position, "a dimension can't be 0");
      }
      dimensions.add(size);
    } while (lexer.kind() == Token.COMMA);
    while (dimensions.size() < DIMENSIONS) {
      dimensions.add(1);
    }
    return List.copyOf(dimensions);
  }

  private static int product(List<Integer> dimensions) {
    long product = 1;
    for (int size : dimensions) {
      product = Math.min(product * size, Integer.MAX_VALUE);
    }
    return (int) product;
  }

  /** Reads a {@code .pragma}; what it says has no meaning in PTX itself (PTX ISA 11.4.7). */
  void pragma() {
    do {
      lexer.advance();
      if (lexer.kind() != Token.STRING) {
        throw lexer.expected("a string");
      }
      lexer.advance();
    } while (lexer.kind() == Token.COMMA);
    lexer.take(Token.SEMICOLON);
  }
}
