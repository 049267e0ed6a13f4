package dev.culebra.cli;

import picocli.CommandLine.IVersionProvider;

/** Culebra's version, from the manifest of its jar. */
final class Version implements IVersionProvider {
  static String culebra() {
    String version = Version.class.getPackage().getImplementationVersion();
    return version == null ? "(unpackaged)" : version;
  }

  @Override
  public String[] getVersion() {
    return new String[] {
      "culebra " + culebra(),
      "Java " + Runtime.version() + ", " + System.getProperty("java.vm.vendor")
    };
  }
}
