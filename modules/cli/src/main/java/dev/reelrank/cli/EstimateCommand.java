package dev.reelrank.cli;

import dev.reelrank.client.RunReading;
import dev.reelrank.client.Session;
import dev.reelrank.client.estimate.FarmEstimate;
import dev.reelrank.client.farm.DataFolder;
import dev.reelrank.client.results.RunCost;
import dev.reelrank.pipeline.ExitCode;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.CandidateConfig;
import dev.reelrank.pipeline.config.CandidateConfig.Prune;
import dev.reelrank.pipeline.config.RunConfiguration;
import dev.reelrank.pipeline.event.RunUpdated;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How long a run would take. */
@Command(
        name = "estimate",
        mixinStandardHelpOptions = true,
        description = {
            "Estimates how long a run takes and how many GPU hours it needs.",
            "Uses the timings of an earlier run of this farm whose candidates have the same settings."
        })
final class EstimateCommand implements Callable<Integer> {
    private static final List<Long> ANY = List.of(0L);

    @Mixin FarmOptions farm = new FarmOptions();

    @Mixin ConfigurationOptions configuration = new ConfigurationOptions();

    @Option(names = "--samples", required = true, description = "Number of samples.")
    int samples;

    @Option(
            names = "--seeds",
            description = "Candidates per sample. Default: as in the configuration.")
    @Nullable Integer seeds;

    @Option(
            names = "--gpus",
            defaultValue = "1",
            description = "Number of GPUs. Default: ${DEFAULT-VALUE}.")
    int gpus = 1;

    @Option(
            names = "--run",
            paramLabel = "ID",
            description =
                    "The earlier run. Default: the latest one with the settings of --preset, --config and --set.")
    @Nullable String runId;

    @Option(names = "--json", description = "As JSON.")
    boolean json;

    @Override
    public Integer call() {
        RunConfiguration wanted = configuration.read();
        int count = seeds != null ? seeds : wanted.candidate().candidateSeeds().size();
        DataFolder data = farm.dataFolder();
        try (var session = Session.open(data, farm.brokerOnly(data))) {
            Earlier earlier =
                    runId != null
                            ? read(session, runId)
                            : latest(session, wanted.candidate(), count);
            var prune = wanted.candidate().prune();
            FarmEstimate estimate = FarmEstimate.of(earlier.cost(), samples, count, gpus, prune);
            int finished = prune == null ? count : Math.min(count, prune.kept());
            if (json) {
                Json.print(
                        Map.of(
                                "earlierRun", earlier.runId(),
                                "samples", samples,
                                "seeds", count,
                                "finished", finished,
                                "gpus", gpus,
                                "makespanSeconds", estimate.makespanSeconds(),
                                "gpuHours", estimate.gpuHours()));
            } else {
                System.out.printf(
                        Locale.ROOT,
                        "%d samples × %d seeds%s on %d GPUs: %s, %.2f GPU hours (by run %s)%n",
                        samples,
                        count,
                        finished == count ? "" : ", of which " + finished + " are finished,",
                        gpus,
                        duration(estimate.makespanSeconds()),
                        estimate.gpuHours(),
                        earlier.runId());
            }
            return ExitCode.OK;
        }
    }

    /** A run whose timings are taken. */
    private record Earlier(String runId, RunCost cost) {}

    private static Earlier read(Session session, String runId) {
        return new Earlier(runId, RunCost.of(RunReading.one(session, runId).samples().values()));
    }

    /** What a run took from the store tells nothing: one that computed candidates is wanted. */
    private static Earlier latest(Session session, CandidateConfig wanted, int count) {
        List<RunUpdated> runs = new ArrayList<>(RunReading.all(session));
        Collections.reverse(runs);
        return runs.stream()
                .filter(run -> run.done() > 0)
                .filter(run -> alike(run.configuration().candidate(), wanted, count))
                .map(run -> read(session, run.runId()))
                .filter(e -> FarmEstimate.servedBy(e.cost(), count, wanted.prune()))
                .findFirst()
                .orElseThrow(
                        () ->
                                new StageException(
                                        FailureCode.INVALID_CONFIG,
                                        "no finished run of this farm has computed candidates with these settings: run two samples with them first (reelrank run --num-samples 2 and the same options), or name a run with --run"));
    }

    /**
     * Equal but for the seeds, which cost the same, and where some of so many seeds are pruned, but
     * for the number that goes on: drafts and what is finished cost the same.
     */
    static boolean alike(CandidateConfig run, CandidateConfig wanted, int count) {
        var rule = wanted.prune();
        var same =
                run.prune() != null && rule != null && rule.kept() < count
                        ? run.withPrune(new Prune(run.prune().after(), rule.keep()))
                        : run;
        return same.withSeeds(ANY).equals(wanted.withSeeds(ANY));
    }

    private static String duration(double seconds) {
        long whole = Math.round(seconds);
        return whole < 120
                ? whole + " s"
                : whole < 7200
                        ? "%d min %d s".formatted(whole / 60, whole % 60)
                        : "%d h %d min".formatted(whole / 3600, whole % 3600 / 60);
    }
}
