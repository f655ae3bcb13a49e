package dev.reelrank.cli;

import picocli.CommandLine.IVersionProvider;

/** Says which Reelrank, and on which Java. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        String version = Main.class.getPackage().getImplementationVersion();
        return new String[] {
            "reelrank " + (version == null ? "(from classes)" : version),
            "Java "
                    + Runtime.version()
                    + ", "
                    + System.getProperty("os.name")
                    + " "
                    + System.getProperty("os.arch")
        };
    }
}
