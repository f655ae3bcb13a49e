package dev.reelrank.cli;

import dev.reelrank.cli.farm.DataFolder;
import dev.reelrank.pipeline.ExitCode;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.event.TuneRequested;
import dev.reelrank.pipeline.event.TuneReset;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Trains the preference model, or goes back. */
@Command(
        name = "tune",
        mixinStandardHelpOptions = true,
        description =
                "Asks for a training of the preference model with the selections so far; a running dqa-worker does it.")
final class TuneCommand implements Callable<Integer> {
    @Mixin FarmOptions farm = new FarmOptions();

    @Option(names = "--reset", description = "Go back to an earlier version instead.")
    boolean reset;

    @Option(
            names = "--to",
            paramLabel = "VERSION",
            description = "With --reset: which. Default: 0, before any training.")
    long version;

    @Override
    public Integer call() {
        if (version != 0 && !reset) {
            throw new StageException(FailureCode.INVALID_CONFIG, "--to needs --reset");
        }
        DataFolder data = farm.dataFolder();
        String user = System.getProperty("user.name");
        try (var session = Session.open(data, farm.brokerOnly(data))) {
            session.publisher()
                    .publish(
                            reset
                                    ? new TuneReset(version, user, Instant.now())
                                    : new TuneRequested(user, Instant.now()));
            System.err.println(
                    reset
                            ? "Version " + version + " will be in force."
                            : "A training is asked for.");
            return ExitCode.OK;
        }
    }
}
