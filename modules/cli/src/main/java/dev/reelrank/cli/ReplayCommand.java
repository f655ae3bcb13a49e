package dev.reelrank.cli;

import dev.reelrank.client.AdapterReading;
import dev.reelrank.client.RunReading;
import dev.reelrank.client.Session;
import dev.reelrank.client.farm.DataFolder;
import dev.reelrank.client.results.RunView;
import dev.reelrank.client.results.SampleView;
import dev.reelrank.client.run.EditedPrompts;
import dev.reelrank.pipeline.ExitCode;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.Ids;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.config.RunConfiguration;
import dev.reelrank.pipeline.event.Event;
import dev.reelrank.pipeline.event.RunClosed;
import dev.reelrank.pipeline.event.RunOpened;
import dev.reelrank.pipeline.event.SampleFact;
import dev.reelrank.pipeline.event.SampleSubmitted;
import dev.reelrank.pipeline.event.StageFact;
import dev.reelrank.pipeline.stage.Stages;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A rerun from recorded facts. */
@Command(
        name = "replay",
        mixinStandardHelpOptions = true,
        description = {
            "Runs the samples of a run again from one stage on, in a new run that inherits the facts before that stage.",
            "Stored results are reused: ranking with new weights generates no videos."
        })
final class ReplayCommand implements Callable<Integer> {
    @Mixin FarmOptions farm = new FarmOptions();

    @Mixin ConfigurationOptions configuration = new ConfigurationOptions();

    @Option(
            names = "--run",
            required = true,
            paramLabel = "ID",
            description = "The run to start from.")
    String runId = "";

    @Option(
            names = "--from",
            required = true,
            paramLabel = "STAGE",
            description = "prompt, candidate, ranking or grade.")
    String from = "";

    @Option(
            names = "--sample-ids",
            paramLabel = "ID",
            arity = "1..*",
            description = "Samples to replay. Default: all samples of the run.")
    List<String> sampleIds = new ArrayList<>();

    @Option(
            names = "--prompts",
            paramLabel = "DIR",
            description =
                    "Folder with edited prompts. Samples with an edited prompt are generated again.")
    @Nullable Path prompts;

    @Option(
            names = "--as",
            paramLabel = "ID",
            description = "Name of the new run. Default: the time.")
    @Nullable String newRun;

    @Option(names = "--json", description = "Print the new run's id and samples as JSON.")
    boolean json;

    @Override
    public Integer call() {
        StageName stage = Stages.STANDARD.parse(from);
        if (!Stages.STANDARD.of(stage).ofSample()) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "--from must be a stage of the samples: one of " + Stages.STANDARD.ofSample());
        }
        DataFolder data = farm.dataFolder();
        String target = newRun != null ? Ids.requireRunId(newRun) : Ids.newRunId(Instant.now());
        var edited = new EditedPrompts(prompts);
        try (var session = Session.open(data, farm.brokerOnly(data))) {
            RunView source = RunReading.one(session, runId);
            RunConfiguration config =
                    AdapterReading.resolved(
                            session, configuration.over(() -> configurationOf(source)));
            String submission = UUID.randomUUID().toString();
            var events = new ArrayList<Event>();
            var sent = new ArrayList<String>();
            for (SampleView sample : source.samples().values()) {
                if (sample.sample().isEmpty()
                        || !(sampleIds.isEmpty() || sampleIds.contains(sample.sampleId()))) {
                    continue;
                }
                events.add(
                        resubmitted(
                                sample,
                                target,
                                submission,
                                stage,
                                config,
                                edited.of(sample.sampleId())));
                sent.add(sample.sampleId());
            }
            for (String id : sampleIds) {
                if (!sent.contains(id)) {
                    throw new StageException(
                            FailureCode.INVALID_CONFIG, "run " + runId + " has no sample " + id);
                }
            }
            session.publisher().publish(new RunOpened(target, config, runId, Instant.now()));
            session.publisher().publish(events);
            session.publisher()
                    .publish(new RunClosed(target, submission, sent.size(), Instant.now()));
            if (json) {
                Json.print(Map.of("runId", target, "inheritedFrom", runId, "sent", sent));
            } else {
                System.out.println(target);
                System.err.printf(
                        "Replaying %d samples of run %s from %s in run %s; follow it with: reelrank collect --run %s --follow%n",
                        sent.size(), runId, stage.id(), target, target);
            }
            return ExitCode.OK;
        }
    }

    private RunConfiguration configurationOf(RunView source) {
        return source.run()
                .map(r -> r.configuration())
                .orElseThrow(
                        () ->
                                new StageException(
                                        FailureCode.INVALID_CONFIG,
                                        "run " + runId + " does not exist"));
    }

    /** Drafts and their comparison belong to the candidates. */
    private static boolean stands(StageFact fact, StageName from) {
        StageName made = fact.result().preliminary() ? StageName.CANDIDATE : fact.work().stage();
        return Stages.STANDARD.before(made, from);
    }

    private SampleSubmitted resubmitted(
            SampleView sample,
            String target,
            String submission,
            StageName stage,
            RunConfiguration config,
            Optional<String> userPrompt) {
        SampleFact fact = sample.sample().orElseThrow();
        if (userPrompt.isPresent() && Stages.STANDARD.before(StageName.CANDIDATE, stage)) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "the prompt of %s was edited, so its candidates must be generated again: use --from candidate"
                            .formatted(sample.sampleId()));
        }
        List<StageFact> inherited =
                sample.facts().stream()
                        .filter(f -> stands(f, stage))
                        .filter(
                                f ->
                                        userPrompt.isEmpty()
                                                || !f.work().stage().equals(StageName.PROMPT))
                        .map(
                                f ->
                                        f.inheritedFrom() != null
                                                ? f
                                                : new StageFact(
                                                        f.work(),
                                                        f.producer(),
                                                        f.computation(),
                                                        f.result(),
                                                        runId,
                                                        f.at()))
                        .toList();
        // A prompt that the user wrote for the earlier run stands in its prompt fact; here it is
        // only said again if it was edited again.
        return new SampleSubmitted(
                target,
                submission,
                sample.sampleId(),
                fact.originalPrompt(),
                fact.image(),
                fact.subject(),
                userPrompt.orElse(null),
                config,
                inherited,
                Instant.now());
    }
}
