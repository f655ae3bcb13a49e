package dev.reelrank.cli;

import picocli.CommandLine;

/** Shows tests of other packages the command line as users have it. */
public final class CommandLines {
    private CommandLines() {}

    public static CommandLine root() {
        return Main.commandLine();
    }
}
