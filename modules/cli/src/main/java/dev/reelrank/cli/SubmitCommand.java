package dev.reelrank.cli;

import dev.reelrank.client.AdapterReading;
import dev.reelrank.client.RunReading;
import dev.reelrank.client.Session;
import dev.reelrank.client.dataset.Dataset;
import dev.reelrank.client.farm.DataFolder;
import dev.reelrank.client.run.EditedPrompts;
import dev.reelrank.client.run.Submission;
import dev.reelrank.pipeline.ExitCode;
import dev.reelrank.pipeline.Ids;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Sends samples to a farm and returns. */
@Command(
        name = "submit",
        mixinStandardHelpOptions = true,
        description = {
            "Sends samples to a run and returns at once. Running workers, or workers that you start later, do the work.",
            "In an existing run, a failed sample is retried and a finished one is left unchanged."
        })
final class SubmitCommand implements Callable<Integer> {
    @Mixin FarmOptions farm = new FarmOptions();

    @Mixin DatasetOptions samples = new DatasetOptions();

    @Mixin ConfigurationOptions configuration = new ConfigurationOptions();

    @Option(names = "--run", paramLabel = "ID", description = "Id of the run. Default: a new run.")
    @Nullable String runId;

    @Option(names = "--json", description = "Print run id and samples as JSON.")
    boolean json;

    @Override
    public Integer call() {
        var config = configuration.read();
        var dataset = new Dataset(samples.folder());
        List<String> ids = samples.choose(dataset);
        DataFolder data = farm.dataFolder();
        String run = runId != null ? Ids.requireRunId(runId) : Ids.newRunId(Instant.now());
        try (var session = Session.open(data, farm.brokerOnly(data))) {
            var before = RunReading.view(session, run);
            var sent =
                    new Submission(session.publisher(), session.store(), Clock.systemUTC())
                            .send(
                                    before,
                                    UUID.randomUUID().toString(),
                                    dataset,
                                    ids,
                                    new EditedPrompts(samples.prompts),
                                    AdapterReading.resolved(session, config, before));
            sent.refused()
                    .forEach(
                            (id, e) ->
                                    System.err.println(
                                            "reelrank: " + e.getMessage() + " (" + e.code() + ")"));
            if (json) {
                Json.print(
                        Map.of(
                                "runId",
                                run,
                                "sent",
                                sent.sent(),
                                "refused",
                                sent.refused().keySet()));
            } else {
                System.out.println(run);
                System.err.printf(
                        "Sent %d samples to run %s; follow it with: reelrank collect --run %s --follow%n",
                        sent.sent().size(), run, run);
            }
            return sent.refused().isEmpty() ? ExitCode.OK : ExitCode.SAMPLE_FAILED;
        }
    }
}
