package dev.culebra.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DoctorCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int doctor(String... args) {
    String[] all = new String[args.length + 1];
    all[0] = "doctor";
    System.arraycopy(args, 0, all, 1, args.length);
    return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), all);
  }

  @Test
  void doctor_reports_machine_libraries_device_and_measured_speed() {
    assertEquals(0, doctor("--device", "cpu", "--threads", "2"), () -> out + "\n" + err);
    String report = out.toString();
    assertTrue(report.contains("Java                   " + Runtime.version()), report);
    assertTrue(report.contains("oneDNN               3.13."), report);
    assertTrue(report.contains("bits, compiled by C2"), report);
    for (SpeedCheck check : SpeedCheck.values()) {
      String line =
          report.lines().filter(l -> l.contains(check.title())).findFirst().orElse("missing");
      String figure = line.substring(line.indexOf(check.title()) + check.title().length()).strip();
      assertTrue(Double.parseDouble(figure.split(" ")[0]) > 0, line);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"cuda", "cuda:1", "emulated", "emulated:h100"})
  void doctor_fails_where_the_device_is_not_there(String device) {
    assertEquals(1, doctor("--device", device));
    assertTrue(out.toString().contains("device '" + device + "' is not available"), out.toString());
  }
}
