package dev.reelrank.cli;

import dev.reelrank.pipeline.ExitCode;
import dev.reelrank.pipeline.StageException;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The reelrank command. */
@Command(
        name = "reelrank",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Turns one reference image and one prompt into one video, on a farm of GPUs.",
        synopsisSubcommandLabel = "COMMAND",
        subcommandsRepeatable = false,
        footer = {
            "",
            "Exit codes: 0 done; 1 some sample failed; 2 wrong usage or configuration; 3 model files; 4 memory or disk;",
            "5 store, broker or endpoint does not answer; 70 internal error; 130 interrupted."
        })
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        var root = new CommandLine(new Main());
        Commands.addTo(root);
        return root.setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true)
                .setParameterExceptionHandler(Main::explainUsage)
                .setExecutionExceptionHandler(Main::explain);
    }

    /**
     * What was wrong and where to look; a page of options would push the first out of sight. Who
     * named no command, or one that there is not, sees those there are.
     */
    private static int explainUsage(CommandLine.ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        command.getErr().println(command.getColorScheme().errorText("reelrank: " + e.getMessage()));
        CommandLine.UnmatchedArgumentException.printSuggestions(e, command.getErr());
        if (command.getSubcommands().isEmpty()) {
            command.getErr()
                    .println(
                            "reelrank: see '"
                                    + command.getCommandSpec().qualifiedName()
                                    + " --help' for its options");
        } else {
            command.usage(command.getErr());
        }
        return ExitCode.CONFIG;
    }

    /**
     * A failure with a code is for the user and needs no stack trace; anything else is a fault of
     * ours and gets one.
     */
    private static int explain(Exception e, CommandLine command, CommandLine.ParseResult parsed) {
        if (e instanceof StageException known) {
            command.getErr()
                    .println(command.getColorScheme().errorText("reelrank: " + known.getMessage()));
            command.getErr().println("reelrank: code " + known.code());
            return ExitCode.of(known.code().category());
        }
        LoggerFactory.getLogger(Main.class).error("a fault in {}", command.getCommandName(), e);
        command.getErr()
                .println(
                        command.getColorScheme()
                                .errorText(
                                        "reelrank: "
                                                + e
                                                + "; this is an internal error, see the log above"));
        return ExitCode.INTERNAL;
    }
}
