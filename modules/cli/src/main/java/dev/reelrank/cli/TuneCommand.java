package dev.reelrank.cli;

import dev.reelrank.bus.EventReader;
import dev.reelrank.cli.farm.DataFolder;
import dev.reelrank.pipeline.ExitCode;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.event.StageFact;
import dev.reelrank.pipeline.event.TuneRequested;
import dev.reelrank.pipeline.event.TuneReset;
import dev.reelrank.pipeline.stage.TuneResult;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
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
    private static final Duration LONGEST = Duration.ofMinutes(10);

    @Mixin FarmOptions farm = new FarmOptions();

    @Option(names = "--reset", description = "Go back to an earlier version instead.")
    boolean reset;

    @Option(
            names = "--to",
            paramLabel = "VERSION",
            description = "With --reset: which. Default: 0, before any training.")
    long version;

    @Option(
            names = "--detach",
            description =
                    "Do not wait for the training (on a cluster of your own nothing is waited for).")
    boolean detach;

    @Mixin ModelOptions models = new ModelOptions();

    @Override
    public Integer call() {
        if (version != 0 && !reset) {
            throw new StageException(FailureCode.INVALID_CONFIG, "--to needs --reset");
        }
        DataFolder data = farm.dataFolder();
        String user = System.getProperty("user.name");
        boolean wait = !reset && !detach && farm.bootstrap == null;
        var spec =
                wait
                        ? farm.spec(
                                data,
                                true,
                                Devices.of(null),
                                models.root().toString(),
                                models.overrides,
                                30)
                        : farm.brokerOnly(data);
        try (var session = Session.open(data, spec);
                var trainings = session.reader(List.of(session.topics().facts(StageName.TUNE)))) {
            trainings.fromEnd();
            session.publisher()
                    .publish(
                            reset
                                    ? new TuneReset(version, user, Instant.now())
                                    : new TuneRequested(user, Instant.now()));
            System.err.println(
                    reset
                            ? "Version " + version + " will be in force."
                            : "A training is asked for.");
            return wait ? await(session, trainings) : ExitCode.OK;
        }
    }

    private static int await(Session session, EventReader trainings) {
        Instant limit = Instant.now().plus(LONGEST);
        while (Instant.now().isBefore(limit)) {
            for (var stored : trainings.poll(Duration.ofSeconds(1))) {
                if (stored.event() instanceof StageFact fact
                        && fact.result() instanceof TuneResult t) {
                    System.out.printf(
                            "version %d (%s) after %d selections: held-out accuracy %.2f -> %.2f, confidence %.2f%n",
                            t.version(),
                            t.kept() ? "kept" : "the new one was worse and is not kept",
                            t.pairs(),
                            t.heldOutBefore(),
                            t.heldOutAfter(),
                            t.confidence());
                    return ExitCode.OK;
                }
            }
        }
        throw new StageException(
                FailureCode.STORE_UNAVAILABLE,
                "no training ended within %d minutes; are there selections (reelrank select)? see the log of grade-cpu in %s, and reelrank dead list --stage tune"
                        .formatted(LONGEST.toMinutes(), session.data().logs()));
    }
}
