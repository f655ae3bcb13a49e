package dev.reelrank.cli;

import dev.reelrank.bus.EventReader;
import dev.reelrank.bus.QueueView;
import dev.reelrank.client.Session;
import dev.reelrank.client.farm.DataFolder;
import dev.reelrank.pipeline.Deadline;
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
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Trains the preference model, or goes back. */
@Command(
        name = "tune",
        mixinStandardHelpOptions = true,
        description =
                "Requests a training of the preference model on all selections so far. A running grade worker carries it out.")
final class TuneCommand implements Callable<Integer> {
    private static final Duration LONGEST = Duration.ofMinutes(10);

    @Mixin FarmOptions farm = new FarmOptions();

    @Option(names = "--reset", description = "Return to an earlier version instead of training.")
    boolean reset;

    @Option(
            names = "--to",
            paramLabel = "VERSION",
            description = "With --reset: the version. Default: 0, the state before any training.")
    long version;

    @Option(
            names = "--detach",
            description =
                    "Do not wait for the training (on your own cluster the command never waits).")
    boolean detach;

    @Mixin ModelOptions models = new ModelOptions();

    @Override
    public Integer call() {
        if (version != 0 && !reset) {
            throw new StageException(FailureCode.INVALID_CONFIG, "--to needs --reset");
        }
        DataFolder data = farm.dataFolder();
        String user = System.getProperty("user.name");
        boolean wait = !reset && !detach && farm.cluster.servers() == null;
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
            if (reset) {
                requireKnown(trainings);
            }
            trainings.fromEnd();
            session.publisher()
                    .publish(
                            reset
                                    ? new TuneReset(version, user, Instant.now())
                                    : new TuneRequested(user, Instant.now()));
            System.err.println(
                    reset
                            ? "Version " + version + " will be in force."
                            : "A training was requested.");
            return wait ? await(session, trainings) : ExitCode.OK;
        }
    }

    /** Flow would only log that it knows no such version, and the user would not see it. */
    private void requireKnown(EventReader trainings) {
        var known = new TreeSet<Long>(List.of(0L));
        trainings.readToEnd(
                stored -> {
                    if (stored.event() instanceof StageFact fact
                            && fact.result() instanceof TuneResult t) {
                        known.add(t.version());
                    }
                });
        if (!known.contains(version)) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "there is no version %d of the preference model; there are %s"
                            .formatted(version, known));
        }
    }

    /**
     * Prints every training until none is under way: one that had begun before may come first, and
     * the one that was asked for follows it.
     */
    private static int await(Session session, EventReader trainings) {
        Deadline limit = Deadline.in(LONGEST);
        boolean trained = false;
        try (var queues = new QueueView(session.connection())) {
            while (!limit.passed()) {
                for (var stored : trainings.poll(Duration.ofSeconds(1))) {
                    if (stored.event() instanceof StageFact fact
                            && fact.result() instanceof TuneResult t) {
                        print(t);
                        trained = true;
                    }
                }
                // Flow asks for the next one in the transaction that tells of the last.
                if (trained && queues.owed(StageName.TUNE).empty()) {
                    return ExitCode.OK;
                }
            }
        }
        throw new StageException(
                FailureCode.STORE_UNAVAILABLE,
                "no training ended within %d minutes; are there selections (reelrank select)? see the log of grade-cpu in %s, and reelrank dead list --stage tune"
                        .formatted(LONGEST.toMinutes(), session.data().logs()));
    }

    private static void print(TuneResult t) {
        System.out.printf(
                "%d selections: version %d (%s), held-out accuracy %.2f -> %.2f, confidence %.2f%n",
                t.pairs(),
                t.version(),
                t.kept()
                        ? "kept"
                        : t.lossTrend().isEmpty()
                                ? "unchanged: nothing new to learn"
                                : "unchanged: the new one was worse",
                t.heldOutBefore(),
                t.heldOutAfter(),
                t.confidence());
    }
}
