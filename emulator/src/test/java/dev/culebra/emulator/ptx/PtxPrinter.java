package dev.culebra.emulator.ptx;

import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Writes a module as PTX in one way of several, so that two modules are the same when they print
 * the same; positions aside.
 */
final class PtxPrinter {
  private final StringBuilder text = new StringBuilder();
  private final Map<String, Integer> files = new LinkedHashMap<>();

  private PtxPrinter() {}

  static String print(PtxModule module) {
    PtxPrinter printer = new PtxPrinter();
    printer.module(module);
    return printer.text.toString();
  }

  private void line(String format, Object... arguments) {
    text.append(String.format(format, arguments)).append('\n');
  }

  /** Names that the parser makes hold a dot; and some hide a special register somewhere. */
  private static String name(String name) {
    boolean special = SpecialRegisters.isScalar(name) || SpecialRegisters.isVector(name);
    return name.replace(".", "$$").replaceAll("(?<=.)%", "\\$") + (special ? "$$" : "");
  }

  private void module(PtxModule module) {
    line(".version %d.%d", module.versionMajor(), module.versionMinor());
    String options = String.join(", ", module.targetOptions());
    line(
        ".target sm_%d%s%s",
        module.targetArchitecture(),
        module.targetSuffix(),
        options.isEmpty() ? "" : ", " + options);
    line(".address_size %d", module.addressSize());
    for (Function function : module.functions()) {
      head(function, true);
    }
    for (Variable variable : module.variables()) {
      line("%s;", variable(variable, true));
    }
    for (Function function : module.functions()) {
      if (function.body() != null) {
        head(function, false);
        body(function);
      }
    }
    new TreeMap<>(module.aliases())
        .forEach((alias, target) -> line(".alias %s, %s;", name(alias), name(target)));
    files.forEach((file, index) -> line(".file %d \"%s\"", index, file));
  }

  private static String linkage(Variable.Linkage linkage) {
    return linkage == Variable.Linkage.LOCAL ? "" : "." + linkage.name().toLowerCase() + " ";
  }

  private void head(Function function, boolean declaration) {
    line(
        "%s%s %s%s%s %s%s",
        linkage(function.linkage()),
        function.entry() ? ".entry" : ".func",
        function.results().isEmpty() ? "" : parameters(function.results()) + " ",
        name(function.name()),
        parameters(function.parameters()),
        bounds(function.bounds()),
        declaration ? ";" : "");
  }

  private static String bounds(Function.LaunchBounds bounds) {
    StringBuilder text = new StringBuilder();
    number(text, "maxntid", bounds.maxThreads());
    dimensions(text, "reqntid", bounds.required());
    number(text, "minnctapersm", bounds.minBlocksPerMultiprocessor());
    number(text, "maxnreg", bounds.maxRegisters());
    dimensions(text, "reqnctapercluster", bounds.cluster());
    text.append(bounds.explicitCluster() ? ".explicitcluster " : "");
    number(text, "maxclusterrank", bounds.maxClusterRank());
    text.append(bounds.blocksAreClusters() ? ".blocksareclusters " : "");
    return text.append(bounds.noReturn() ? ".noreturn " : "").toString();
  }

  private static void number(StringBuilder text, String directive, int number) {
    text.append(number == 0 ? "" : "." + directive + " " + number + " ");
  }

  private static void dimensions(StringBuilder text, String directive, List<Integer> sizes) {
    if (!sizes.isEmpty()) {
      text.append('.').append(directive).append(' ');
      text.append(sizes.stream().map(String::valueOf).collect(Collectors.joining(", ")));
      text.append(' ');
    }
  }

  private static String parameters(List<Variable> parameters) {
    return parameters.stream()
        .map(parameter -> variable(parameter, false))
        .collect(Collectors.joining(", ", "(", ")"));
  }

  private static String variable(Variable variable, boolean initialised) {
    StringBuilder text = new StringBuilder(linkage(variable.linkage()));
    text.append('.').append(variable.space().name().toLowerCase());
    text.append(" .align ").append(variable.alignment());
    if (!variable.attributes().isEmpty()) {
      text.append(" .attribute(.").append(String.join(", .", variable.attributes())).append(')');
    }
    boolean register = variable.space() == StateSpace.REG;
    text.append(register && variable.elements() > 1 ? " .v" + variable.elements() : "");
    text.append(" .").append(variable.type().spelling());
    if (variable.pointer() != null) {
      StateSpace space = variable.pointer().space();
      text.append(" .ptr").append(space == null ? "" : " ." + space.name().toLowerCase());
      text.append(" .align ").append(variable.pointer().alignment());
    }
    text.append(' ').append(name(variable.name()));
    if (variable.elements() != 1 && !register) {
      text.append(variable.elements() == 0 ? "[]" : "[" + variable.elements() + "]");
    }
    if (initialised && variable.initial() != null) {
      text.append(" = ").append(initial(variable));
    }
    return text.toString();
  }

  private static String initial(Variable variable) {
    Map<Long, Variable.Relocation> relocations = new HashMap<>();
    variable
        .relocations()
        .forEach(relocation -> relocations.put(relocation.byteOffset(), relocation));
    int bytes = variable.type().bytes();
    StringBuilder text = new StringBuilder();
    for (int offset = 0; offset < variable.initial().length; offset += bytes) {
      Variable.Relocation relocation = relocations.get((long) offset);
      text.append(text.isEmpty() ? "" : ", ");
      text.append(relocation == null ? value(variable, offset) : address(variable, relocation));
    }
    return variable.elements() == 1 ? text.toString() : "{" + text + "}";
  }

  private static String value(Variable variable, int offset) {
    long bits = 0;
    for (int i = variable.type().bytes() - 1; i >= 0; i--) {
      bits = bits << Byte.SIZE | variable.initial()[offset + i] & 0xFF;
    }
    return switch (variable.type()) {
      case F32 -> String.format("0f%08x", bits);
      case F64 -> String.format("0d%016x", bits);
      default -> String.format("0x%x", bits);
    };
  }

  private static String address(Variable variable, Variable.Relocation relocation) {
    String symbol = name(relocation.symbol());
    String address =
        (relocation.generic() ? "generic(" + symbol + ")" : symbol)
            + (relocation.addend() == 0 ? "" : "+" + relocation.addend());
    boolean masked = relocation.width() == 1;
    if (!masked) {
      return address;
    }
    return String.format("0x%x(%s)", 0xFFL << relocation.shift(), address);
  }

  private void body(Function function) {
    FunctionBody body = function.body();
    line("{");
    int first = 0;
    for (List<Variable> all : List.of(function.results(), function.parameters())) {
      for (Variable variable : all) {
        first += variable.space() == StateSpace.REG ? (int) variable.elements() : 0;
      }
    }
    // Which are there first depends on what was a vector; those in no instruction come and go.
    Set<Operand.Register> used = new TreeSet<>(Comparator.comparing(Operand.Register::name));
    for (Instruction instruction : body.instructions()) {
      instruction.operands().forEach(operand -> use(operand, used));
      if (instruction.guard() != null) {
        used.add(instruction.guard().predicate());
      }
    }
    for (Operand.Register register : used) {
      if (register.index() >= first) {
        line(".reg .%s %s;", register.type().spelling(), name(register.name()));
      }
    }
    for (Variable variable : body.variables()) {
      line("%s;", variable(variable, false));
    }
    body.prototypes().forEach(this::prototype);
    body.callTargets()
        .forEach((name, targets) -> line("%s: .calltargets %s;", name, String.join(", ", targets)));
    body.branchTargets()
        .forEach(
            (name, labels) ->
                line(
                    "%s: .branchtargets %s;",
                    name,
                    labels.stream().map(PtxPrinter::label).collect(Collectors.joining(", "))));
    SourceLine source = null;
    for (int i = 0; i < body.instructions().size(); i++) {
      Instruction instruction = body.instructions().get(i);
      if (instruction.source() != null && !instruction.source().equals(source)) {
        location(instruction.source());
        source = instruction.source();
      }
      line("$L%d: %s", i, instruction(instruction));
    }
    line("$L%d:", body.instructions().size());
    line("}");
  }

  private static void use(Operand operand, Set<Operand.Register> used) {
    switch (operand) {
      case Operand.Register register -> used.add(register);
      case Operand.NegatedPredicate negated -> used.add(negated.register());
      case Operand.Negated negated -> use(negated.operand(), used);
      case Operand.Selected selected -> used.add(selected.register());
      case Operand.Address address when address.base() != null -> use(address.base(), used);
      case Operand.UnifiedAddress unified -> use(unified.address(), used);
      case Operand.ElementAddress element -> used.add(element.index());
      case Operand.TensorAddress tensor -> {
        use(tensor.map(), used);
        if (tensor.sampler() != null) {
          use(tensor.sampler(), used);
        }
        tensor.coordinates().forEach(coordinate -> use(coordinate, used));
      }
      case Operand.Vector vector -> vector.elements().forEach(element -> use(element, used));
      case Operand.Pair pair -> {
        use(pair.first(), used);
        use(pair.second(), used);
      }
      case Operand.Arguments arguments ->
          arguments.elements().forEach(element -> use(element, used));
      default -> {}
    }
  }

  private void prototype(String name, FunctionBody.Prototype prototype) {
    line(
        "%s: .callprototype %s _ %s;",
        name, parameters(prototype.results()), parameters(prototype.parameters()));
  }

  private void location(SourceLine line) {
    if (line.inlinedAt() != null) {
      location(line.inlinedAt());
    }
    text.append(".loc ").append(place(line));
    if (line.inlinedAt() != null) {
      text.append(", function_name f, inlined_at ").append(place(line.inlinedAt()));
    }
    text.append('\n');
  }

  private String place(SourceLine line) {
    Integer file = files.computeIfAbsent(line.file(), key -> files.size() + 1);
    return file + " " + line.line() + " 0";
  }

  private static String label(Operand.Label label) {
    return "$L" + label.target();
  }

  private static String instruction(Instruction instruction) {
    StringBuilder text = new StringBuilder();
    if (instruction.guard() != null) {
      text.append(instruction.guard().negated() ? "@!" : "@");
      text.append(operand(instruction.guard().predicate())).append(' ');
    }
    return text.append(instruction.spelling())
        .append(' ')
        .append(operands(instruction.operands()))
        .append(';')
        .toString();
  }

  private static String operands(List<Operand> operands) {
    return operands.stream().map(PtxPrinter::operand).collect(Collectors.joining(", "));
  }

  private static String offset(long offset) {
    return offset == 0 ? "" : "+" + offset;
  }

  private static String operand(Operand operand) {
    return switch (operand) {
      case Operand.Register register -> name(register.name());
      case Operand.NegatedPredicate negated -> "!" + operand(negated.register());
      case Operand.Negated negated -> "-" + operand(negated.operand());
      case Operand.Selected selected -> operand(selected.register()) + "." + selected.selector();
      case Operand.SpecialRegister special ->
          "%" + special.name() + (special.component() == null ? "" : "." + special.component());
      case Operand.IntegerConstant constant -> Long.toString(constant.value());
      case Operand.FloatConstant constant ->
          String.format(constant.type() == ScalarType.F32 ? "0f%08x" : "0d%016x", constant.bits());
      case Operand.SymbolAddress symbol -> name(symbol.name()) + offset(symbol.offset());
      case Operand.Address address -> address(address);
      case Operand.UnifiedAddress unified -> address(unified.address()) + ".unified";
      case Operand.ElementAddress element ->
          name(element.array().name())
              + "["
              + operand(element.index())
              + offset(element.offset())
              + "]";
      case Operand.TensorAddress tensor ->
          "["
              + operand(tensor.map())
              + ", "
              + (tensor.sampler() == null ? "" : operand(tensor.sampler()) + ", ")
              + "{"
              + operands(tensor.coordinates())
              + "}]";
      case Operand.Vector vector -> "{" + operands(vector.elements()) + "}";
      case Operand.Pair pair -> operand(pair.first()) + "|" + operand(pair.second());
      case Operand.Label label -> label(label);
      case Operand.DirectiveLabel label -> label.name();
      case Operand.Arguments arguments -> "(" + operands(arguments.elements()) + ")";
      case Operand.Sink() -> "_";
    };
  }

  private static String address(Operand.Address address) {
    if (address.base() == null) {
      return "[" + address.offset() + "]";
    }
    return "[" + operand(address.base()) + offset(address.offset()) + "]";
  }
}
