package dev.reelrank.bus.process;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a process of the farm logs. */
public final class LogOptions {
    @Option(
            names = "--log-format",
            defaultValue = "JSON",
            description = "${COMPLETION-CANDIDATES} (${DEFAULT-VALUE}).")
    private LogFormat format = LogFormat.JSON;

    @Option(
            names = "--log-dir",
            paramLabel = "DIR",
            description = "Log to DIR/NAME.log instead of standard error.")
    private @Nullable Path folder;

    /**
     * Logs like that from now on.
     *
     * @param name of the process, for the file
     */
    public void configure(String name) {
        Logs.configure(format, folder == null ? null : folder.resolve(name + ".log"));
    }
}
