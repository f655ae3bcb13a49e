package dev.reelrank.bench.process;

import dev.reelrank.client.config.ConfigurationFile;
import dev.reelrank.flow.process.FlowCommand;
import dev.reelrank.worker.store.InputRoots;
import dev.reelrank.worker.store.Stores;
import picocli.CommandLine;

/** Flow as a process of its own, as {@code reelrank flow} starts it. */
public final class FlowMain {
    private FlowMain() {}

    public static void main(String[] args) {
        System.exit(
                new CommandLine(
                                new FlowCommand(
                                        ConfigurationFile::json,
                                        uri -> Stores.existing(uri, InputRoots.NONE)))
                        .execute(args));
    }
}
