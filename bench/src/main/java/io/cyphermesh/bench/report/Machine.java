package io.cyphermesh.bench.report;

import io.cyphermesh.core.identity.Rsa;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/** What figures depend on. */
public final class Machine {
  private Machine() {}

  /** One line: cores, CPU, JDK, who checks signatures, and how busy it was before. */
  public static String line() {
    return "machine: "
        + Runtime.getRuntime().availableProcessors()
        + " cores of "
        + cpu()
        + "; JDK "
        + Runtime.version()
        + "; "
        + Rsa.fastest().providerName()
        + "; load average "
        + Report.decimals(ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage(), 1);
  }

  private static String cpu() {
    try {
      return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse(System.getProperty("os.arch", "an unknown kind"));
    } catch (IOException e) {
      return System.getProperty("os.arch", "an unknown kind");
    }
  }
}
