package dev.culebra.emulator.ptx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Makes one module's text of several: what one declares {@code .extern} is what another defines,
 * and names that one module alone sees are told apart by an ending.
 */
public final class PtxLinker {
  private static final Pattern HEADER =
      Pattern.compile("(?m)^\\s*\\.(version|target|address_size)\\b[^\\n]*");
  private static final Pattern FILE_NUMBER =
      Pattern.compile("(\\.file\\s+|\\.loc\\s+|\\binlined_at\\s+)(\\d+)");

  /** What a name can be part of, before and after it. */
  private static final String NOT_BEFORE = "(?<![\\w$%.])";

  private static final String NOT_AFTER = "(?![\\w$])";

  private static final String OF_NOTHING = ".version 6.0\n.target sm_50\n.address_size 64\n";

  private final List<Input> inputs = new ArrayList<>();

  /** One module. */
  private record Input(PtxModule module, String text) {}

  /** What is wrong with the modules together. */
  public static final class LinkException extends Exception {
    private static final long serialVersionUID = 1;

    LinkException(String message) {
      super(message);
    }
  }

  /**
   * Adds a module.
   *
   * @param module what was read from the text
   */
  public void add(PtxModule module, String text) {
    inputs.add(new Input(module, withoutComments(text)));
  }

  /**
   * The modules' one text; of none, a module of nothing.
   *
   * @throws LinkException when a name is defined twice
   */
  public String link() throws LinkException {
    if (inputs.isEmpty()) {
      return OF_NOTHING;
    }
    Map<String, Definition> definitions = definitions();
    StringBuilder linked = new StringBuilder(header());
    for (int i = 0; i < inputs.size(); i++) {
      String text = HEADER.matcher(inputs.get(i).text).replaceAll("");
      text = withFileNumbersOf(i, text);
      text = withOwnNames(i, text);
      text = withoutRepeated(i, text, definitions);
      linked.append(withDeclarations(text, definitions)).append('\n');
    }
    return linked.toString();
  }

  /** The newest version and target of all; options of the first. */
  private String header() {
    PtxModule first = inputs.getFirst().module;
    int version = 0;
    PtxModule newest = first;
    for (Input input : inputs) {
      PtxModule module = input.module;
      version = Math.max(version, module.versionMajor() * 10 + module.versionMinor());
      if (module.targetArchitecture() > newest.targetArchitecture()) {
        newest = module;
      }
    }
    return ".version %d.%d\n.target sm_%d%s\n.address_size %d\n"
        .formatted(
            version / 10,
            version % 10,
            newest.targetArchitecture(),
            newest.targetSuffix(),
            first.addressSize());
  }

  /** Where a name that all see is defined. */
  private record Definition(int input, Variable.Linkage linkage, boolean function) {
    boolean weak() {
      return linkage == Variable.Linkage.WEAK || linkage == Variable.Linkage.COMMON;
    }
  }

  private Map<String, Definition> definitions() throws LinkException {
    Map<String, Definition> definitions = new HashMap<>();
    for (int i = 0; i < inputs.size(); i++) {
      for (Function function : inputs.get(i).module.functions()) {
        if (function.body() != null) {
          define(definitions, function.name(), new Definition(i, function.linkage(), true));
        }
      }
      for (Variable variable : inputs.get(i).module.variables()) {
        if (variable.linkage() != Variable.Linkage.EXTERN) {
          define(definitions, variable.name(), new Definition(i, variable.linkage(), false));
        }
      }
    }
    return definitions;
  }

  private static void define(Map<String, Definition> all, String name, Definition definition)
      throws LinkException {
    if (definition.linkage == Variable.Linkage.LOCAL) {
      return;
    }
    Definition before = all.get(name);
    if (before != null && !before.weak() && !definition.weak()) {
      throw new LinkException(name + " is defined by more than one module");
    }
    if (before == null || before.weak() && !definition.weak()) {
      all.put(name, definition);
    }
  }

  private static Set<String> names(PtxModule module) {
    Set<String> names = new HashSet<>();
    module.functions().forEach(function -> names.add(function.name()));
    module.variables().forEach(variable -> names.add(variable.name()));
    return names;
  }

  private static Set<String> localNames(PtxModule module) {
    Set<String> names = new HashSet<>();
    for (Function function : module.functions()) {
      if (function.linkage() == Variable.Linkage.LOCAL) {
        names.add(function.name());
      }
    }
    for (Variable variable : module.variables()) {
      if (variable.linkage() == Variable.Linkage.LOCAL) {
        names.add(variable.name());
      }
    }
    return names;
  }

  private static String withFileNumbersOf(int input, String text) {
    int offset = input * 1000;
    return FILE_NUMBER
        .matcher(text)
        .replaceAll(found -> found.group(1) + (Integer.parseInt(found.group(2)) + offset));
  }

  private String withOwnNames(int input, String text) {
    String changed = text;
    for (String name : localNames(inputs.get(input).module)) {
      for (int other = 0; other < inputs.size(); other++) {
        if (other != input && names(inputs.get(other).module).contains(name)) {
          changed =
              Pattern.compile(NOT_BEFORE + Pattern.quote(name) + NOT_AFTER)
                  .matcher(changed)
                  .replaceAll(Matcher.quoteReplacement(name + "$" + input));
          break;
        }
      }
    }
    return changed;
  }

  /** Drops definitions of which another module's is taken. */
  private String withoutRepeated(int input, String text, Map<String, Definition> definitions) {
    String changed = text;
    for (Function function : inputs.get(input).module.functions()) {
      Definition taken = definitions.get(function.name());
      if (function.body() != null && taken != null && taken.input != input) {
        changed = withoutFunction(changed, function.name());
      }
    }
    for (Variable variable : inputs.get(input).module.variables()) {
      Definition taken = definitions.get(variable.name());
      if (variable.linkage() != Variable.Linkage.EXTERN
          && taken != null
          && taken.input != input
          && variable.linkage() != Variable.Linkage.LOCAL) {
        changed = withoutVariable(changed, variable.name());
      }
    }
    return changed;
  }

  private static String withoutFunction(String text, String name) {
    Matcher begin =
        Pattern.compile(
                "\\.weak\\s+\\.(entry|func)\\b[^;{}]*?"
                    + NOT_BEFORE
                    + Pattern.quote(name)
                    + NOT_AFTER
                    + "[^;{}]*\\{")
            .matcher(text);
    if (!begin.find()) {
      return text;
    }
    int depth = 1;
    int at = begin.end();
    while (depth > 0 && at < text.length()) {
      depth += text.charAt(at) == '{' ? 1 : text.charAt(at) == '}' ? -1 : 0;
      at++;
    }
    return text.substring(0, begin.start()) + text.substring(at);
  }

  private static String withoutVariable(String text, String name) {
    return Pattern.compile(
            "\\.(weak|common)\\s+\\.(global|const)\\b[^;]*?"
                + NOT_BEFORE
                + Pattern.quote(name)
                + NOT_AFTER
                + "[^;]*;")
        .matcher(text)
        .replaceAll("");
  }

  /** What was declared to be elsewhere is declared as it is defined. */
  private static String withDeclarations(String text, Map<String, Definition> definitions) {
    String changed = text;
    for (Map.Entry<String, Definition> entry : definitions.entrySet()) {
      if (entry.getValue().function) {
        String directive = entry.getValue().weak() ? ".weak" : ".visible";
        changed =
            Pattern.compile(
                    "\\.extern(\\s+\\.func\\b[^;{}]*?"
                        + NOT_BEFORE
                        + Pattern.quote(entry.getKey())
                        + NOT_AFTER
                        + ")")
                .matcher(changed)
                .replaceAll(found -> Matcher.quoteReplacement(directive + found.group(1)));
      }
    }
    return changed;
  }

  private static String withoutComments(String text) {
    StringBuilder kept = new StringBuilder(text.length());
    int at = 0;
    while (at < text.length()) {
      char next = text.charAt(at);
      int end;
      if (text.startsWith("//", at)) {
        end = text.indexOf('\n', at);
        at = end < 0 ? text.length() : end;
      } else if (text.startsWith("/*", at)) {
        end = text.indexOf("*/", at + 2);
        at = end < 0 ? text.length() : end + 2;
        kept.append(' ');
      } else if (next == '"') {
        end = text.indexOf('"', at + 1);
        end = end < 0 ? text.length() : end + 1;
        kept.append(text, at, end);
        at = end;
      } else {
        kept.append(next);
        at++;
      }
    }
    return kept.toString();
  }
}
