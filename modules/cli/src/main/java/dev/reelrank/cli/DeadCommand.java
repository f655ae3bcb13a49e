package dev.reelrank.cli;

import dev.reelrank.bus.StoredEvent;
import dev.reelrank.client.RunReading;
import dev.reelrank.client.Session;
import dev.reelrank.client.farm.DataFolder;
import dev.reelrank.client.run.Quarantined;
import dev.reelrank.client.run.SampleRequests;
import dev.reelrank.pipeline.ExitCode;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.event.DeadLetter;
import dev.reelrank.pipeline.event.WorkRequested;
import dev.reelrank.pipeline.stage.AlignRequest;
import dev.reelrank.pipeline.stage.Stages;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Work that flow no longer tries. */
@Command(
        name = "dead",
        mixinStandardHelpOptions = true,
        description = "Lists dead letters and retries their samples.")
final class DeadCommand {
    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = "Lists dead letters with their causes.")
    int list(
            @Mixin FarmOptions farm,
            @Option(names = "--run", paramLabel = "ID", description = "Only of this run.")
                    @Nullable String run,
            @Option(names = "--stage", paramLabel = "STAGE", description = "Only of this stage.")
                    @Nullable String stage,
            @Option(names = "--json", description = "Print one JSON document per line.")
                    boolean json) {
        DataFolder data = farm.dataFolder();
        try (var session = Session.open(data, farm.brokerOnly(data))) {
            List<DeadLetter> letters = read(session, run, stage);
            for (DeadLetter letter : letters) {
                if (json) {
                    System.out.println(Json.line(letter));
                } else {
                    print(letter);
                }
            }
            if (letters.isEmpty() && !json) {
                System.out.println("No dead letters.");
            }
            return ExitCode.OK;
        }
    }

    /** What is retried. */
    static final class Which {
        @Option(names = "--run", required = true, paramLabel = "ID", description = "Of this run.")
        @Nullable String run;

        @Option(
                names = "--unread",
                required = true,
                description = "Records that an older build could not read.")
        boolean unread;
    }

    @Command(
            name = "retry",
            mixinStandardHelpOptions = true,
            description = {
                "With --run: retries failed samples: keeps succeeded work, repeats failed work, then ranks and grades again.",
                "With --run adapters: retries failed trainings of adapters, by their names.",
                "With --unread, after an upgrade: sends records again that an older build could not read (UNKNOWN_SCHEMA)."
            })
    int retry(
            @Mixin FarmOptions farm,
            @ArgGroup(multiplicity = "1") Which which,
            @Option(
                            names = "--sample",
                            paramLabel = "ID",
                            arity = "1..*",
                            description = "Samples to retry. Default: all failed and partial ones.")
                    @Nullable List<String> samples) {
        DataFolder data = farm.dataFolder();
        try (var session = Session.open(data, farm.brokerOnly(data))) {
            if (which.run == null) {
                return sendAgain(new Quarantined(session));
            }
            String run = which.run;
            if (run.equals(Stages.ADAPTERS_RUN)) {
                return retryTrainings(session, samples);
            }
            var view = RunReading.one(session, run);
            Set<String> ids =
                    samples == null ? SampleRequests.failed(view) : new LinkedHashSet<>(samples);
            ids.forEach(id -> SampleRequests.sample(view, id));
            var requests =
                    new SampleRequests(e -> session.publisher().publish(e), Clock.systemUTC());
            ids.forEach(id -> requests.retry(run, id, System.getProperty("user.name")));
            System.err.printf(
                    "Retrying %d samples of run %s; follow it with: reelrank collect --run %s --follow%n",
                    ids.size(), run, run);
            return ExitCode.OK;
        }
    }

    /** The latest failure of each name is asked for again; the training goes on from its state. */
    private static int retryTrainings(Session session, @Nullable List<String> names) {
        var latest = new java.util.TreeMap<String, DeadLetter>();
        for (DeadLetter letter : read(session, Stages.ADAPTERS_RUN, StageName.ALIGN.id())) {
            var work = Objects.requireNonNull(letter.work());
            if (names == null || names.contains(work.sampleId())) {
                latest.put(work.sampleId(), letter);
            }
        }
        for (DeadLetter letter : latest.values()) {
            var work = Objects.requireNonNull(letter.work());
            if (letter.request() instanceof AlignRequest request) {
                session.publisher()
                        .publish(
                                WorkRequested.training(
                                        request,
                                        work.epoch() + 1,
                                        System.getProperty("user.name"),
                                        Instant.now()));
            }
        }
        System.err.printf("Retrying %d trainings: %s%n", latest.size(), latest.keySet());
        return ExitCode.OK;
    }

    private static int sendAgain(Quarantined quarantined) {
        Quarantined.Outcome outcome = quarantined.sendAgain();
        outcome.left().forEach((source, why) -> System.err.printf("%s: %s%n", source, why));
        System.err.printf(
                "Sent %d records again; %d stay dead letters.%n",
                outcome.sent().size(), outcome.left().size());
        return ExitCode.OK;
    }

    private static List<DeadLetter> read(
            Session session, @Nullable String run, @Nullable String stage) {
        List<String> topics = new ArrayList<>();
        for (StageName name :
                stage == null ? Stages.STANDARD.names() : List.of(Stages.STANDARD.parse(stage))) {
            topics.add(session.topics().dead(name));
        }
        var letters = new ArrayList<DeadLetter>();
        try (var reader = session.reader(topics)) {
            reader.readToEnd(
                    (StoredEvent stored) -> {
                        if (stored.event() instanceof DeadLetter letter
                                && (run == null
                                        || (letter.work() != null
                                                && Objects.equals(letter.work().runId(), run)))) {
                            letters.add(letter);
                        }
                    });
        }
        letters.sort(java.util.Comparator.comparing(DeadLetter::at));
        return letters;
    }

    private static void print(DeadLetter letter) {
        var work = letter.work();
        String what =
                work == null
                        ? "bytes at " + letter.source()
                        : "%s / %s / %s%s, epoch %d"
                                .formatted(
                                        work.runId(),
                                        work.sampleId(),
                                        work.stage().id(),
                                        work.seed() == null ? "" : " seed " + work.seed(),
                                        work.epoch());
        System.out.printf("%s  %s  %s%n  %s%n", letter.at(), letter.code(), what, letter.message());
        if (letter.cause() != null) {
            System.out.println("  because: " + letter.cause().lines().findFirst().orElse(""));
        }
        System.out.printf("  after %d attempts by %s%n", letter.attempts(), letter.processes());
    }
}
