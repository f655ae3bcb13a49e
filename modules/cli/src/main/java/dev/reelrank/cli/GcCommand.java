package dev.reelrank.cli;

import dev.reelrank.client.RunReading;
import dev.reelrank.client.Session;
import dev.reelrank.client.farm.DataFolder;
import dev.reelrank.client.retention.Deletion;
import dev.reelrank.client.retention.Retention;
import dev.reelrank.pipeline.ExitCode;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.event.RunUpdated;
import dev.reelrank.worker.store.StoreContents.Entry;
import dev.reelrank.worker.store.StoreContents.Part;
import dev.reelrank.worker.store.Stores;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Frees the store. */
@Command(
        name = "gc",
        mixinStandardHelpOptions = true,
        description = {
            "Removes files from the store that nothing needs any more. Without --yes, it only reports what it would remove.",
            "It may run while workers run. To remove runs too, delete them (reelrank runs delete) or use --runs-older-than."
        })
final class GcCommand implements Callable<Integer> {
    private static final Duration WAIT = Duration.ofSeconds(30);

    @Mixin FarmOptions farm = new FarmOptions();

    @Option(
            names = "--older-than",
            paramLabel = "DAYS",
            defaultValue = "30",
            description =
                    "Remove only what was not used for this number of days, at least 1. Default: ${DEFAULT-VALUE}.")
    int days = 30;

    @Option(
            names = "--runs-older-than",
            paramLabel = "DAYS",
            description =
                    "First delete the runs that ended at least this number of days ago. Default: delete no run.")
    @Nullable Integer runDays;

    @Option(
            names = "--keep",
            paramLabel = "RUN",
            arity = "1..*",
            description =
                    "Runs that --runs-older-than does not delete; * stands for any characters.")
    List<String> keep = new ArrayList<>();

    @Option(names = "--yes", description = "Remove the files instead of only reporting them.")
    boolean yes;

    @Option(names = "--json", description = "As JSON.")
    boolean json;

    /**
     * What was done, or would be.
     *
     * @param dryRun nothing was removed
     * @param deletedRuns by --runs-older-than
     * @param parts by part of the store
     */
    record Outcome(boolean dryRun, Set<String> deletedRuns, Map<String, Share> parts) {}

    /** How much of a part of the store. */
    record Share(int files, long bytes) {
        static Share of(List<Entry> entries, Part part) {
            var mine = entries.stream().filter(e -> e.part() == part).toList();
            return new Share(mine.size(), mine.stream().mapToLong(Entry::size).sum());
        }
    }

    @Override
    public Integer call() {
        if (days < Retention.LEAST_AGE.toDays() || (runDays != null && runDays < 1)) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "--older-than and --runs-older-than must be at least 1 day: what is younger may be in use");
        }
        DataFolder data = farm.dataFolder();
        Instant limit = Instant.now().minus(Duration.ofDays(days));
        try (var session = Session.open(data, farm.withFlow(data));
                var contents = Stores.contents(farm.storeUri(data))) {
            Set<String> old = oldRuns(session);
            if (yes && !old.isEmpty()) {
                old = new Deletion(session).delete(old, WAIT);
            }
            Set<String> deleted = Retention.deletedRuns(session);
            deleted.addAll(old);
            try (var retention =
                    Retention.of(session.connection(), session.store(), contents, deleted, limit)) {
                List<Entry> entries = retention.removable();
                say(old, yes ? retention.remove(entries) : entries);
            }
            return ExitCode.OK;
        }
    }

    private Set<String> oldRuns(Session session) {
        var old = new TreeSet<String>();
        if (runDays == null) {
            return old;
        }
        Instant limit = Instant.now().minus(Duration.ofDays(runDays));
        List<Pattern> kept = keep.stream().map(GcCommand::pattern).toList();
        for (RunUpdated run : RunReading.all(session)) {
            if (run.status() == RunUpdated.Status.DONE
                    && run.at().isBefore(limit)
                    && kept.stream().noneMatch(p -> p.matcher(run.runId()).matches())) {
                old.add(run.runId());
            }
        }
        return old;
    }

    private static Pattern pattern(String text) {
        return Pattern.compile(Pattern.quote(text).replace("*", "\\E.*\\Q"));
    }

    private void say(Set<String> runs, List<Entry> entries) {
        Map<String, Share> parts = new LinkedHashMap<>();
        for (Part part : Part.values()) {
            parts.put(part.folder(), Share.of(entries, part));
        }
        if (json) {
            Json.print(new Outcome(!yes, runs, parts));
            return;
        }
        if (!runs.isEmpty()) {
            System.out.printf("%s: %s%n", yes ? "deleted runs" : "runs to delete", runs);
        }
        parts.forEach(
                (name, share) ->
                        System.out.printf(
                                "%-8s %6d files  %s%n",
                                name, share.files(), ByteSize.of(share.bytes())));
        System.out.println(
                yes
                        ? "Removed."
                        : "Nothing is removed yet: reelrank gc --yes with the same options removes it.");
    }
}
