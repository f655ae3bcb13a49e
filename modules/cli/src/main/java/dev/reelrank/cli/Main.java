package dev.reelrank.cli;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.reelrank.pipeline.ExitCode;
import dev.reelrank.pipeline.NativeMemory;
import dev.reelrank.pipeline.StageException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.jspecify.annotations.Nullable;
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
    /** The class path alone has some 250 files; a client's connections and a store come on top. */
    private static final long FILES = 512;

    private Main() {}

    public static void main(String[] args) {
        requireFiles();
        NativeMemory.unlimited();
        System.exit(written(System.out, commandLine(args).execute(args)));
    }

    /** Below this limit, the Java runtime itself fails somewhere, and nobody can say why. */
    private static void requireFiles() {
        if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                && unix.getMaxFileDescriptorCount() < FILES) {
            System.err.printf(
                    "reelrank: this process may open %d files and needs %d: raise the limit with ulimit -n %d%n",
                    unix.getMaxFileDescriptorCount(), FILES, 8 * FILES);
            System.exit(ExitCode.CONFIG);
        }
    }

    /**
     * A command whose data did not reach its reader has not done its work: a full disk, or a reader
     * that has gone.
     */
    static int written(PrintStream out, int exitCode) {
        if (!out.checkError() || exitCode != ExitCode.OK) {
            return exitCode;
        }
        System.err.println(
                "reelrank: standard output could not be written: its disk is full or its reader has gone");
        return ExitCode.RESOURCES;
    }

    /**
     * The command line for these arguments; without any, with every command.
     *
     * @param arguments those that it will be given
     */
    static CommandLine commandLine(String... arguments) {
        var root = new CommandLine(new Main());
        Commands.addTo(root, arguments);
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
        FileSystemException file = fileOf(e);
        if (file != null) {
            command.getErr()
                    .println(command.getColorScheme().errorText("reelrank: " + describe(file)));
            return ExitCode.CONFIG;
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

    /** The file behind a failure, null if there is none: it is somebody else's, gone or full. */
    private static @Nullable FileSystemException fileOf(Throwable failure) {
        for (Throwable e = failure; e != null; e = e.getCause()) {
            if (e instanceof FileSystemException file && file.getFile() != null) {
                return file;
            }
        }
        return null;
    }

    private static String describe(FileSystemException e) {
        if (e instanceof AccessDeniedException) {
            return "this user (%s) may not use %s: give it the right, or name another file or folder"
                    .formatted(System.getProperty("user.name"), e.getFile());
        }
        if (e instanceof NoSuchFileException) {
            return e.getFile() + " is not there";
        }
        if (e instanceof FileAlreadyExistsException) {
            return e.getFile() + " is there already and is no folder; name another one";
        }
        String reason = e.getReason() == null ? e.getClass().getSimpleName() : e.getReason();
        return "cannot use %s: %s; name another file or folder".formatted(e.getFile(), reason);
    }
}
