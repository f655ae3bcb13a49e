package dev.reelrank.cli;

import dev.reelrank.client.RunReading;
import dev.reelrank.client.Session;
import dev.reelrank.client.farm.DataFolder;
import dev.reelrank.client.results.SampleView;
import dev.reelrank.client.run.SampleRequests;
import dev.reelrank.client.run.Selections;
import dev.reelrank.pipeline.ExitCode;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.stage.CandidateResult;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Says which candidate a person prefers. */
@Command(
        name = "select",
        mixinStandardHelpOptions = true,
        description =
                "Records that you prefer one candidate of a sample to others; the preference model learns from it.")
final class SelectCommand implements Callable<Integer> {
    @Mixin FarmOptions farm = new FarmOptions();

    @Option(names = "--run", required = true, paramLabel = "ID", description = "The run.")
    String runId = "";

    @Option(names = "--sample", required = true, paramLabel = "ID", description = "The sample.")
    String sampleId = "";

    @Option(
            names = "--chosen",
            required = true,
            paramLabel = "SEED",
            description = "The preferred candidate.")
    long chosen;

    @Option(
            names = "--rejected",
            paramLabel = "SEED",
            arity = "1..*",
            description = "The candidates that you like less. Default: all others.")
    List<Long> rejected = new ArrayList<>();

    @Option(
            names = "--by",
            paramLabel = "NAME",
            description = "Name of the person who prefers it. Default: your user name.")
    @Nullable String by;

    @Option(names = "--json", description = "Print the selection ids.")
    boolean json;

    @Override
    public Integer call() {
        DataFolder data = farm.dataFolder();
        try (var session = Session.open(data, farm.brokerOnly(data))) {
            var view = RunReading.one(session, runId);
            SampleView sample = SampleRequests.sample(view, sampleId);
            if (sample.sample().isEmpty()) {
                throw new StageException(
                        FailureCode.INVALID_CONFIG,
                        "sample '%s' of run %s has not been taken in yet; wait for a candidate"
                                .formatted(sampleId, runId));
            }
            CandidateResult winner = candidate(sample, chosen);
            List<Long> losers =
                    rejected.isEmpty()
                            ? sample.candidates().stream()
                                    .map(CandidateResult::seed)
                                    .filter(s -> s != chosen)
                                    .toList()
                            : rejected;
            if (losers.isEmpty() || losers.contains(chosen)) {
                throw new StageException(
                        FailureCode.INVALID_CONFIG,
                        "a selection needs a second candidate to compare with; sample %s has only %s"
                                .formatted(sampleId, seeds(sample)));
            }
            String testId = UUID.randomUUID().toString();
            var made = new ArrayList<String>();
            for (long loser : losers) {
                String id = UUID.randomUUID().toString();
                session.publisher()
                        .publish(
                                Selections.of(
                                        id,
                                        testId,
                                        sample,
                                        seen(winner),
                                        seen(candidate(sample, loser)),
                                        by != null ? by : System.getProperty("user.name"),
                                        Instant.now()));
                made.add(id);
            }
            if (json) {
                Json.print(made);
            } else {
                System.err.printf(
                        "%d selections recorded. Flow trains the preference model after every five new selections, during the current run or the next one; reelrank tune trains it now.%n",
                        made.size());
            }
            return ExitCode.OK;
        }
    }

    private static Selections.Seen seen(CandidateResult candidate) {
        return new Selections.Seen(candidate.seed(), candidate.video());
    }

    private CandidateResult candidate(SampleView sample, long seed) {
        return sample.candidates().stream()
                .filter(c -> c.seed() == seed)
                .findFirst()
                .orElseThrow(
                        () ->
                                new StageException(
                                        FailureCode.INVALID_CONFIG,
                                        "sample %s of run %s has no candidate with seed %d; it has %s"
                                                .formatted(sampleId, runId, seed, seeds(sample))));
    }

    private static List<Long> seeds(SampleView sample) {
        return sample.candidates().stream().map(CandidateResult::seed).toList();
    }
}
