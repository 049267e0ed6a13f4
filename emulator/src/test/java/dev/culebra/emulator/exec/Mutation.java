package dev.culebra.emulator.exec;

import dev.culebra.emulator.ptx.Instruction;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A way to break a kernel by changing one of its instructions. */
enum Mutation {
  BARRIER_DELETED(true) {
    @Override
    String change(Instruction instruction, String statement) {
      boolean waits = Set.of("bar", "barrier").contains(instruction.opcode());
      return waits && !instruction.modifiers().contains("red") ? "" : null;
    }
  },
  WAIT_RAISED(true) {
    @Override
    String change(Instruction instruction, String statement) {
      return has(instruction, "cp", "wait_group") ? raised(statement) : null;
    }
  },
  WAIT_DELETED(true) {
    @Override
    String change(Instruction instruction, String statement) {
      boolean waits = has(instruction, "cp", "wait_group") || has(instruction, "cp", "wait_all");
      return waits ? "" : null;
    }
  },
  COMMIT_DROPPED(true) {
    @Override
    String change(Instruction instruction, String statement) {
      return has(instruction, "cp", "commit_group") ? "" : null;
    }
  },
  MBARRIER_WAIT_DELETED(true) {
    @Override
    String change(Instruction instruction, String statement) {
      boolean waits =
          has(instruction, "mbarrier", "try_wait") || has(instruction, "mbarrier", "test_wait");
      return waits
          ? statement.replaceFirst("mbarrier\\S+\\s+([^,]+),.*", "setp.eq.u32 $1, 0, 0;")
          : null;
    }
  },
  ARRIVAL_DROPPED(true) {
    @Override
    String change(Instruction instruction, String statement) {
      boolean arrives =
          has(instruction, "mbarrier", "arrive") || has(instruction, "cp", "mbarrier");
      return arrives ? "" : null;
    }
  },
  FENCE_DROPPED(true) {
    @Override
    String change(Instruction instruction, String statement) {
      return Set.of("membar", "fence").contains(instruction.opcode()) ? "" : null;
    }
  },
  ORDER_WEAKENED(true) {
    @Override
    String change(Instruction instruction, String statement) {
      boolean access = Set.of("ld", "st", "atom", "red").contains(instruction.opcode());
      Matcher order = Pattern.compile("\\.(acquire|release|acq_rel)").matcher(statement);
      return access && order.find() ? order.replaceFirst(".relaxed") : null;
    }
  },
  ATOMIC_SPLIT(true) {
    @Override
    String change(Instruction instruction, String statement) {
      boolean atomic = Set.of("atom", "red").contains(instruction.opcode());
      List<String> modifiers = instruction.modifiers();
      if (!atomic || !modifiers.contains("add")) {
        return null;
      }
      Matcher parts = ATOMIC.matcher(statement);
      if (!parts.matches()) {
        throw new IllegalArgumentException(statement);
      }
      String space = modifiers.stream().filter(SPACES::contains).findFirst().orElse("");
      String type = modifiers.getLast();
      String place = (space.isEmpty() ? "" : "." + space) + "." + type;
      return "{ .reg ."
          + type
          + " before, after; ld"
          + place
          + " before, "
          + parts.group("address")
          + "; add."
          + type
          + " after, before, "
          + parts.group("value")
          + "; st"
          + place
          + " "
          + parts.group("address")
          + ", after; "
          + (parts.group("old") == null ? "" : "mov.b32 " + parts.group("old") + ", before; ")
          + "}";
    }
  },
  MASK_NARROWED(true) {
    @Override
    String change(Instruction instruction, String statement) {
      boolean meets = Set.of("shfl", "vote", "bar").contains(instruction.opcode());
      return meets && statement.endsWith("-1;") ? statement.replace("-1;", "-2;") : null;
    }
  },
  STORE_OFF_BY_ONE(true) {
    @Override
    String change(Instruction instruction, String statement) {
      return instruction.opcode().equals("st") ? shifted(instruction, statement) : null;
    }
  },
  LOAD_OFF_BY_ONE(false) {
    @Override
    String change(Instruction instruction, String statement) {
      boolean loads =
          instruction.opcode().equals("ld") && !instruction.modifiers().contains("param");
      return loads ? shifted(instruction, statement) : null;
    }
  },
  BOUND_OFF_BY_ONE(false) {
    @Override
    String change(Instruction instruction, String statement) {
      if (!instruction.opcode().equals("setp")
          || instruction.modifiers().getLast().startsWith("f")) {
        return null;
      }
      Matcher comparison = Pattern.compile("setp\\.(lt|le|gt|ge)").matcher(statement);
      if (comparison.find()) {
        String other =
            comparison.group(1).charAt(0) + (comparison.group(1).endsWith("t") ? "e" : "t");
        return comparison.replaceFirst("setp." + other);
      }
      return raised(statement);
    }

    @Override
    String witness(String before, String after) {
      String predicate = before.replaceFirst("\\S+\\s+([^,]+),.*", "$1");
      return "{ .reg .pred differs; "
          + after.replace(predicate, "differs")
          + " "
          + before
          + " xor.pred differs, differs, "
          + predicate
          + "; @differs trap; }";
    }
  },
  GUARD_DROPPED(false) {
    @Override
    String change(Instruction instruction, String statement) {
      boolean branch = instruction.opcode().equals("bra");
      return instruction.guard() == null
          ? null
          : branch ? "" : statement.replaceFirst("@!?\\S+\\s+", "");
    }

    @Override
    String witness(String before, String after) {
      String guard = before.split("\\s+")[0];
      String other = guard.startsWith("@!") ? guard.replace("!", "") : guard.replace("@", "@!");
      return after.isEmpty() ? guard + " trap;" : other + " trap; " + before;
    }
  };

  private static final Pattern ATOMIC =
      Pattern.compile(
          "\\S+\\s+(?:(?<old>[^\\[,]+),\\s*)?(?<address>\\[[^]]+])\\s*,\\s*(?<value>[^;]+);");
  private static final Set<String> SPACES = Set.of("global", "shared", "shared::cta");

  /**
   * Whether it makes a defect wherever it changes what a kernel does, and not just other results.
   */
  final boolean alwaysDefect;

  Mutation(boolean alwaysDefect) {
    this.alwaysDefect = alwaysDefect;
  }

  /**
   * The changed statement.
   *
   * @param statement from its guard to its semicolon
   * @return null where it can't be changed so
   */
  abstract String change(Instruction instruction, String statement);

  /**
   * A statement to stand in the place of one: it does the same, and traps where the changed one
   * would do anything else; or at once, where that can't be told.
   */
  String witness(String before, String after) {
    return "trap;";
  }

  private static boolean has(Instruction instruction, String opcode, String modifier) {
    return instruction.opcode().equals(opcode) && instruction.modifiers().contains(modifier);
  }

  /** With one more where the statement ends with a number. */
  private static String raised(String statement) {
    Matcher number = Pattern.compile("(-?\\d+);$").matcher(statement);
    return number.find() ? number.replaceFirst(Long.parseLong(number.group(1)) + 1 + ";") : null;
  }

  /** With its address one element further. */
  private static String shifted(Instruction instruction, String statement) {
    int bytes = Integer.parseInt(instruction.modifiers().getLast().substring(1)) / Byte.SIZE;
    for (String modifier : instruction.modifiers()) {
      bytes *= modifier.equals("v2") ? 2 : modifier.equals("v4") ? 4 : 1;
    }
    return statement.replaceFirst("\\[([^]]+)]", "[$1+" + bytes + "]");
  }
}
