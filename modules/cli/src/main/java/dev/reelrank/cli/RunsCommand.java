package dev.reelrank.cli;

import com.github.freva.asciitable.AsciiTable;
import dev.reelrank.client.RunReading;
import dev.reelrank.client.Session;
import dev.reelrank.client.farm.DataFolder;
import dev.reelrank.client.results.SampleView;
import dev.reelrank.client.retention.Deletion;
import dev.reelrank.client.retention.Retention;
import dev.reelrank.client.run.Intent;
import dev.reelrank.client.run.Intents;
import dev.reelrank.client.run.Intents.Unfinished;
import dev.reelrank.client.run.SampleRequests;
import dev.reelrank.pipeline.ExitCode;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.worker.store.StoreContents;
import dev.reelrank.worker.store.StoreContents.Entry;
import dev.reelrank.worker.store.Stores;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What {@code run} commands of this data folder began and did not finish. */
@Command(
        name = "runs",
        mixinStandardHelpOptions = true,
        description =
                "Lists the unfinished run commands of this machine, abandons, cancels and deletes runs.")
final class RunsCommand {
    /**
     * @param state {@code running}, {@code interrupted} or {@code unreadable}
     */
    record Row(
            String runId,
            String state,
            @Nullable String dataset,
            int samples,
            @Nullable String out) {
        static Row of(Unfinished one) {
            Intent intent = one.intent();
            return intent == null
                    ? new Row(one.runId(), one.living() ? "running" : "unreadable", null, 0, null)
                    : new Row(
                            one.runId(),
                            "interrupted",
                            intent.dataset(),
                            intent.sampleIds().size(),
                            intent.out());
        }
    }

    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description =
                    "The run commands that are not finished: running, or interrupted. All runs of a farm: reelrank status.")
    int list(
            @Mixin FarmOptions farm,
            @Option(names = "--json", description = "As JSON.") boolean json) {
        List<Row> rows = intents(farm).unfinished().stream().map(Row::of).toList();
        if (json) {
            Json.print(rows);
        } else if (rows.isEmpty()) {
            System.out.println("No run of this data folder is unfinished.");
        } else {
            System.out.println(
                    AsciiTable.builder()
                            .border(AsciiTable.NO_BORDERS)
                            .data(
                                    rows,
                                    List.of(
                                            left("run", Row::runId),
                                            left("state", Row::state),
                                            left(
                                                    "samples",
                                                    r ->
                                                            r.dataset() == null
                                                                    ? ""
                                                                    : Integer.toString(
                                                                            r.samples())),
                                            left(
                                                    "dataset",
                                                    r -> r.dataset() == null ? "" : r.dataset()),
                                            left("results", r -> r.out() == null ? "" : r.out())))
                            .asString());
        }
        return ExitCode.OK;
    }

    @Command(
            name = "abandon",
            mixinStandardHelpOptions = true,
            description = {
                "Abandons an interrupted run: no command resumes it.",
                "What was already sent is still computed while a farm runs; reelrank collect writes the results that exist."
            })
    int abandon(@Mixin FarmOptions farm, @Parameters(paramLabel = "RUN") String run) {
        int given = intents(farm).abandon(run);
        if (given == 0) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "no unfinished run %s here; reelrank runs list names them".formatted(run));
        }
        System.err.println("Run " + run + " is given up.");
        return ExitCode.OK;
    }

    @Command(
            name = "delete",
            mixinStandardHelpOptions = true,
            description = {
                "Deletes a run: commands no longer show it, and gc frees what only it needs.",
                "Its result files outside the store are kept, and so is everything that a replay of it or a selection uses."
            })
    int delete(
            @Mixin FarmOptions farm,
            @Option(names = "--run", required = true, paramLabel = "ID", description = "The run.")
                    String run) {
        DataFolder data = farm.dataFolder();
        try (var session = Session.open(data, farm.withFlow(data));
                var contents = Stores.contents(farm.storeUri(data))) {
            var deletion = new Deletion(session);
            deletion.requireDeletable(run);
            if (intents(farm).unfinished().stream().anyMatch(u -> u.runId().equals(run))) {
                throw new StageException(
                        FailureCode.INVALID_CONFIG,
                        "a run command has not finished run %s: wait for it, or give it up with: reelrank runs abandon %s"
                                .formatted(run, run));
            }
            List<Entry> freed = freed(session, contents, run);
            if (!deletion.delete(List.of(run), Duration.ofSeconds(30)).contains(run)) {
                throw new StageException(
                        FailureCode.BROKER_UNAVAILABLE,
                        "flow did not delete run %s within 30 s: is it running, and is no sample of the run being retried?"
                                .formatted(run));
            }
            System.err.printf(
                    "Run %s is deleted. Only it needed %d files of the store (%s); reelrank gc --yes removes them once they are unused for 30 days (--older-than: other days).%n",
                    run, freed.size(), ByteSize.of(freed.stream().mapToLong(Entry::size).sum()));
            return ExitCode.OK;
        }
    }

    @Command(
            name = "cancel",
            mixinStandardHelpOptions = true,
            description = {
                "Ends the samples of a run that are under way: nothing more of them is asked for.",
                "What workers have begun they finish. 'reelrank dead retry --run ID' goes on with a cancelled run."
            })
    int cancel(
            @Mixin FarmOptions farm,
            @Option(names = "--run", required = true, paramLabel = "ID", description = "The run.")
                    String run,
            @Option(
                            names = "--sample",
                            paramLabel = "ID",
                            arity = "1..*",
                            description = "Samples to cancel. Default: all that are under way.")
                    @Nullable List<String> samples) {
        DataFolder data = farm.dataFolder();
        try (var session = Session.open(data, farm.withFlow(data))) {
            var view = RunReading.one(session, run);
            List<String> ids =
                    samples != null
                            ? samples
                            : view.samples().values().stream()
                                    .filter(s -> !s.terminal())
                                    .map(SampleView::sampleId)
                                    .toList();
            ids.forEach(id -> SampleRequests.sample(view, id));
            var requests =
                    new SampleRequests(e -> session.publisher().publish(e), Clock.systemUTC());
            ids.forEach(id -> requests.cancel(run, id, System.getProperty("user.name")));
            System.err.printf(
                    "Cancelling %d samples of run %s; see them with: reelrank status --run %s%n",
                    ids.size(), run, run);
            return ExitCode.OK;
        }
    }

    /** What is needed now, and by nobody without the run. */
    private static List<Entry> freed(Session session, StoreContents contents, String run) {
        Set<String> deleted = Retention.deletedRuns(session);
        List<Entry> before = removable(session, contents, deleted);
        deleted.add(run);
        List<Entry> after = new ArrayList<>(removable(session, contents, deleted));
        after.removeAll(before);
        return after;
    }

    private static List<Entry> removable(
            Session session, StoreContents contents, Set<String> deleted) {
        try (var retention =
                Retention.of(
                        session.connection(), session.store(), contents, deleted, Instant.MAX)) {
            return retention.removable();
        }
    }

    private static Intents intents(FarmOptions farm) {
        return new Intents(farm.dataFolder().runs());
    }

    private static com.github.freva.asciitable.ColumnData<Row> left(
            String title, Function<Row, String> value) {
        return Columns.left(title, 200, value);
    }
}
