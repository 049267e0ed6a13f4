package dev.culebra.emulator.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What docs/driver-coverage.md says is so. */
class DriverCoverageTest {
  private static final Pattern FUNCTION = Pattern.compile("`(cu[A-Z]\\w*)`");

  private static Set<String> functions(String text, String from, String to) {
    Set<String> names = new TreeSet<>();
    Matcher matcher = FUNCTION.matcher(text.substring(text.indexOf(from), text.indexOf(to)));
    while (matcher.find()) {
      names.add(matcher.group(1));
    }
    return names;
  }

  @Test
  void the_page_lists_what_is_emulated_and_what_is_refused() throws IOException {
    String page = Files.readString(Path.of("..", "docs", "driver-coverage.md"));
    StubTable stubs = DriverStubs.TABLE;
    assertEquals(
        new TreeSet<>(stubs.implemented().keySet()),
        functions(page, "## Emulated", "## Refused by name"));
    assertEquals(stubs.unsupported(), functions(page, "## Refused by name", "## Refused in part"));
  }
}
