package dev.reelrank.cli;

import dev.reelrank.bus.EventReader;
import dev.reelrank.cli.terminal.Terminal;
import dev.reelrank.client.AdapterReading;
import dev.reelrank.client.Session;
import dev.reelrank.client.farm.ChildState;
import dev.reelrank.pipeline.ExitCode;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.event.AdapterUpdated;
import dev.reelrank.pipeline.event.DeadLetter;
import dev.reelrank.pipeline.event.Event;
import dev.reelrank.pipeline.event.ProgressReported;
import dev.reelrank.pipeline.event.StageFact;
import dev.reelrank.pipeline.event.WorkRef;
import dev.reelrank.pipeline.event.WorkRequested;
import dev.reelrank.pipeline.stage.AlignRequest;
import dev.reelrank.pipeline.stage.AlignResult;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Asks for a training and tells how it goes. */
final class AlignFollower {
    private static final Duration STEP = Duration.ofMillis(250);
    private static final Duration SUPERVISION = Duration.ofSeconds(2);
    private static final Duration TOLD = Duration.ofSeconds(10);

    private final Session session;
    private final WorkRef work;
    private Instant toldAt = Instant.EPOCH;

    private AlignFollower(Session session, WorkRef work) {
        this.session = session;
        this.work = work;
    }

    /** Asks for it, anew if it has failed before. */
    static AlignFollower ask(Session session, AlignRequest request) {
        String user = System.getProperty("user.name");
        var first = WorkRequested.training(request, 0, user, Instant.now());
        int epoch = epoch(session, first.work().workId());
        var asked =
                epoch == 0 ? first : WorkRequested.training(request, epoch, user, Instant.now());
        session.publisher().publish(asked);
        return new AlignFollower(session, asked.work());
    }

    /** The epoch after the last failure, or that of a success. */
    private static int epoch(Session session, String workId) {
        int[] epoch = {0};
        var topics = session.topics();
        try (var reader =
                session.reader(
                        List.of(topics.dead(StageName.ALIGN), topics.facts(StageName.ALIGN)))) {
            reader.readToEnd(
                    stored -> {
                        if (stored.event() instanceof DeadLetter letter
                                && letter.work() != null
                                && letter.work().workId().equals(workId)) {
                            epoch[0] = Math.max(epoch[0], letter.work().epoch() + 1);
                        }
                        if (stored.event() instanceof StageFact fact
                                && fact.work().workId().equals(workId)) {
                            epoch[0] = Math.max(epoch[0], fact.work().epoch());
                        }
                    });
        }
        return epoch[0];
    }

    /** Waits for the end of the training and prints the adapter that it made. */
    int follow(boolean json) {
        var topics = session.topics();
        try (EventReader reader =
                session.reader(
                        List.of(
                                topics.facts(StageName.ALIGN),
                                topics.dead(StageName.ALIGN),
                                topics.progress()))) {
            long looked = System.nanoTime();
            while (true) {
                for (var stored : reader.poll(STEP)) {
                    var result = ended(stored.event());
                    if (result.isPresent()) {
                        print(adapter(result.get()), json);
                        return ExitCode.OK;
                    }
                }
                if (System.nanoTime() - looked > SUPERVISION.toNanos()) {
                    requireTrainer();
                    looked = System.nanoTime();
                }
            }
        }
    }

    private Optional<AlignResult> ended(Event event) {
        if (event instanceof StageFact fact
                && fact.work().workId().equals(work.workId())
                && fact.work().epoch() >= work.epoch()
                && fact.result() instanceof AlignResult result) {
            return Optional.of(result);
        }
        if (event instanceof DeadLetter letter
                && letter.work() != null
                && letter.work().workId().equals(work.workId())
                && letter.work().epoch() >= work.epoch()) {
            throw new StageException(letter.code(), letter.message());
        }
        if (event instanceof ProgressReported progress
                && progress.work().workId().equals(work.workId())) {
            tell(progress);
        }
        return Optional.empty();
    }

    private void tell(ProgressReported progress) {
        // What was said before this command began is old.
        boolean due = toldAt.plus(TOLD).isBefore(progress.at()) || progress.step() >= progress.of();
        if (!due || progress.at().isBefore(Instant.now().minusSeconds(60))) {
            return;
        }
        toldAt = progress.at();
        Map<String, Double> figures = progress.figures();
        if (figures.containsKey("encodedPairs")) {
            System.err.printf("%.0f pairs encoded%n", figures.get("encodedPairs"));
        } else if (figures.containsKey("loss")) {
            System.err.println(StepLine.of(progress.step(), progress.of(), figures));
        } else if (figures.containsKey("comparedSamples")) {
            System.err.printf("%.0f held-out samples generated%n", figures.get("comparedSamples"));
        }
    }

    /** Flow writes the version in the transaction of the fact; both topics are read committed. */
    private AdapterUpdated adapter(AlignResult result) {
        return AdapterReading.all(session).stream()
                .filter(a -> a.adapter().name().equals(work.sampleId()))
                .filter(a -> a.adapter().files().equals(result.files()))
                .reduce((a, b) -> b)
                .orElseThrow(
                        () ->
                                new StageException(
                                        FailureCode.INTERNAL_ERROR,
                                        "the training ended, but flow made no version of "
                                                + work.sampleId()));
    }

    private static void print(AdapterUpdated made, boolean json) {
        if (json) {
            Json.print(made);
            return;
        }
        System.out.printf(
                "%s: %s (%s); loss %.4f%s%n",
                made.adapter().id(),
                AdapterReading.word(made.state()),
                made.reason(),
                made.figures().getOrDefault("loss", Double.NaN),
                made.figures().containsKey("accuracy")
                        ? ", accuracy %.2f".formatted(made.figures().get("accuracy"))
                        : "");
        System.err.printf(
                "%s%s%n", use(made), Terminal.isWatched() ? "; see 'reelrank adapters show'" : "");
    }

    /** How a run asks for it: beside the LoRAs that it was trained beside. */
    static String use(AdapterUpdated made) {
        var configuration = made.configuration();
        var beside = configuration == null ? null : configuration.loras();
        var loras = new ArrayList<String>();
        if (beside != null) {
            beside.forEach(
                    lora ->
                            loras.add(
                                    "{name: \"%s\", strength: %s}"
                                            .formatted(lora.name(), lora.strength())));
        }
        loras.add("{name: \"adapter:%s\", strength: 1}".formatted(made.adapter().id()));
        return (beside == null
                        ? "Use it, after the LoRAs that the model has by default, with"
                        : "Use it with")
                + " --set 'candidate.loras=["
                + String.join(", ", loras)
                + "]'";
    }

    /** A trainer that is not restarted any more: nobody would do the work. */
    private void requireTrainer() {
        for (ChildState child : session.farm().children()) {
            if (child.gaveUp() != null
                    && (child.name().startsWith("align-") || child.name().equals("flow"))) {
                throw new StageException(FailureCode.INVALID_CONFIG, child.gaveUp());
            }
        }
    }
}
