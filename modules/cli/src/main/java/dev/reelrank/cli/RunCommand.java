package dev.reelrank.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.cli.terminal.Interruption;
import dev.reelrank.cli.terminal.RunDisplay;
import dev.reelrank.cli.terminal.Terminal;
import dev.reelrank.client.AdapterReading;
import dev.reelrank.client.RunReading;
import dev.reelrank.client.RunTopics;
import dev.reelrank.client.Session;
import dev.reelrank.client.dataset.Dataset;
import dev.reelrank.client.farm.ChildState;
import dev.reelrank.client.farm.DataFolder;
import dev.reelrank.client.results.RunFiles;
import dev.reelrank.client.results.RunView;
import dev.reelrank.client.results.SampleView;
import dev.reelrank.client.run.EditedPrompts;
import dev.reelrank.client.run.Intent;
import dev.reelrank.client.run.Intents;
import dev.reelrank.client.run.RunFollower;
import dev.reelrank.client.run.Submission;
import dev.reelrank.console.Studio;
import dev.reelrank.generator.CandidateCheck;
import dev.reelrank.pipeline.ExitCode;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.Ids;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.CandidateConfig;
import dev.reelrank.pipeline.config.RunConfiguration;
import dev.reelrank.pipeline.event.SampleUpdated;
import dev.reelrank.worker.models.ModelCards;
import dev.reelrank.worker.models.ModelFolders;
import dev.reelrank.worker.models.ModelName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The main job: everything on this machine, from samples to videos. */
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        description = {
            "Runs samples through the whole pipeline on this machine and writes the videos.",
            "Starts broker, flow and one set of workers per GPU, or uses running ones. After an"
                    + " interruption, the same command resumes the run.",
            "Without arguments: the bundled samples with the small testbed models."
        })
final class RunCommand implements Callable<Integer> {
    private static final Duration STEP = Duration.ofMillis(250);
    private static final Duration SUPERVISION = Duration.ofSeconds(2);

    @Mixin FarmOptions farm = new FarmOptions();

    @Mixin ModelOptions models = new ModelOptions();

    @Mixin DatasetOptions samples = new DatasetOptions();

    @Mixin ConfigurationOptions configuration = new ConfigurationOptions();

    @Mixin GpuOptions gpus = new GpuOptions();

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Folder for the results of all runs. Default: ${DEFAULT-VALUE}",
            defaultValue = "outputs")
    Path out = Path.of("outputs");

    @Option(names = "--run", paramLabel = "ID", description = "Name of the run. Default: the time.")
    @Nullable String runId;

    @Option(
            names = "--drain-timeout",
            paramLabel = "SECONDS",
            description =
                    "Time for workers to finish their current work when the run ends. Default:"
                            + " ${DEFAULT-VALUE}",
            defaultValue = "30")
    int drainSeconds = 30;

    @Option(
            names = "--keep-only",
            description =
                    "Write the winners only of samples that the quality gate keeps; report.json has"
                            + " all of them.")
    boolean keepOnly;

    @Mixin FinishOptions finish = new FinishOptions();

    @Option(names = "--json", description = "Print the report to standard output.")
    boolean json;

    @Option(
            names = "--studio",
            description =
                    "Also serve the studio: watch the run and vote on its videos in a browser. Ends"
                            + " with Ctrl-C.")
    boolean studio;

    @Mixin StudioOptions studioOptions = new StudioOptions();

    @Override
    public Integer call() throws IOException, InterruptedException {
        var config = configuration.read();
        var dataset = new Dataset(samples.folder());
        List<String> ids = samples.choose(dataset);
        new EditedPrompts(samples.prompts);
        if (!Files.isDirectory(models.root())) {
            throw new StageException(
                    FailureCode.MODEL_MISSING,
                    "there is no models folder %s; pass one with --models DIR that contains wan/ lightning/ qwen/ dinov3/ sam3/ clip/ or Hugging Face hub cache folders"
                            .formatted(models.root()));
        }
        var folders = models.folders();
        CandidateCheck.check(config.candidate(), folders);
        CandidateCheck.note(config.candidate(), folders)
                .ifPresent(note -> System.err.println("Note: " + note + "."));
        FinishWeights.find(config.finish(), models);
        notes(config, folders)
                .forEach((model, limits) -> System.err.println("Note on " + model + ": " + limits));
        DataFolder data = farm.dataFolder();
        var wanted =
                new Intent(
                        runId != null ? Ids.requireRunId(runId) : Ids.newRunId(Instant.now()),
                        java.util.UUID.randomUUID().toString(),
                        samples.folder().toString(),
                        ids,
                        samples.prompts == null
                                ? null
                                : samples.prompts.toAbsolutePath().toString(),
                        out.toAbsolutePath().normalize().toString(),
                        config);
        requireWritable(out.toAbsolutePath());
        if (studio) {
            studioOptions.settings(data.scratch("studio"));
        }
        var intents = new Intents(data.runs());
        try (var session =
                Session.open(
                        data,
                        farm.spec(
                                data,
                                true,
                                gpus.devices(),
                                models.root().toString(),
                                models.overrides,
                                drainSeconds))) {
            Optional<Intents.Claim> interrupted = intents.resume(wanted, runId);
            try (Intents.Claim claim =
                    interrupted.isPresent() ? interrupted.get() : intents.begin(wanted)) {
                String run = claim.intent().runId();
                if (interrupted.isPresent()) {
                    System.err.println("Resuming run " + run + ", which was interrupted.");
                }
                tellOthers(intents, claim.intent());
                try (Studio pages = studio ? studioOptions.start(session) : null) {
                    int code = carryOut(session, claim, interrupted.isEmpty());
                    if (pages != null) {
                        System.err.println(
                                "The studio stays open at "
                                        + pages.address()
                                        + "; end it with Ctrl-C.");
                        new CountDownLatch(1).await();
                    }
                    return code;
                }
            }
        }
    }

    /** What the models that this run loads say they cannot do, by model. */
    private static Map<String, String> notes(RunConfiguration config, ModelFolders folders) {
        var notes =
                new LinkedHashMap<>(
                        ModelCards.limits(CandidateCheck.chosen(config.candidate(), folders)));
        var others = EnumSet.of(ModelName.QWEN, ModelName.DINOV3, ModelName.SAM3, ModelName.CLIP);
        if (config.ranking().needsVggt()) {
            others.addAll(EnumSet.of(ModelName.VGGT, ModelName.LPIPS));
        }
        notes.putAll(ModelCards.limits(folders, others));
        return notes;
    }

    private int carryOut(Session session, Intents.Claim claim, boolean isNew) throws IOException {
        try (var interruption =
                Interruption.saying(
                        "Interrupted. No work is lost: the same command resumes run "
                                + claim.intent().runId()
                                + ".")) {
            return carryOut(session, claim, send(session, claim, isNew));
        }
    }

    /** How many candidates are made of a sample, and how many of them are finished. */
    static String candidates(CandidateConfig candidate) {
        String each = candidate.candidateSeeds().size() + " candidates each";
        return candidate.prunes()
                ? each + ", of which the best %d go on".formatted(candidate.finished())
                : each;
    }

    /**
     * @param isNew nothing was sent before: what is refused now leaves nothing to go on with
     */
    private static Submission.Sent send(Session session, Intents.Claim claim, boolean isNew) {
        Intent intent = claim.intent();
        try {
            System.err.printf(
                    "Run %s: %d samples, %s; results in %s%n",
                    intent.runId(),
                    intent.sampleIds().size(),
                    candidates(intent.configuration().candidate()),
                    Path.of(intent.out(), intent.runId()));
            var before = RunReading.view(session, intent.runId());
            return new Submission(session.publisher(), session.store(), Clock.systemUTC())
                    .send(
                            before,
                            intent.submissionId(),
                            new Dataset(Path.of(intent.dataset())),
                            intent.sampleIds(),
                            new EditedPrompts(
                                    intent.prompts() == null ? null : Path.of(intent.prompts())),
                            AdapterReading.resolved(session, intent.configuration(), before));
        } catch (StageException e) {
            if (isNew && e.code() == FailureCode.INVALID_CONFIG) {
                claim.finished();
            }
            throw e;
        }
    }

    /** Before anything is sent: results that cannot be written are of no use. */
    private static void requireWritable(Path folder) {
        try {
            Files.createDirectories(folder);
            Files.delete(Files.createTempFile(folder, ".", ".part"));
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "cannot write results into %s (%s); name another folder with --out"
                            .formatted(folder.toAbsolutePath(), e),
                    e);
        }
    }

    /** What other commands began and did not finish is theirs; nobody waits for it here. */
    private static void tellOthers(Intents intents, Intent mine) {
        for (Intents.Unfinished other : intents.unfinished()) {
            if (!other.living() && !other.runId().equals(mine.runId())) {
                System.err.printf(
                        "Run %s was interrupted. The command that began it resumes it; to give it"
                                + " up: reelrank runs abandon %s%n",
                        other.runId(), other.runId());
            }
        }
    }

    private int carryOut(Session session, Intents.Claim claim, Submission.Sent sent)
            throws IOException {
        Intent intent = claim.intent();
        sent.refused()
                .forEach(
                        (id, e) ->
                                System.err.println(
                                        "reelrank: " + e.getMessage() + " (" + e.code() + ")"));
        if (sent.sent().isEmpty()) {
            claim.finished();
            throw new StageException(
                    FailureCode.INVALID_SAMPLE,
                    "none of the samples of run " + intent.runId() + " could be submitted");
        }
        var view = new RunView(intent.runId());
        var files = new RunFiles(Path.of(intent.out()), intent.runId(), session.store(), keepOnly);
        link(session.data().logs(), files.folder().resolve("logs"));
        follow(session, view, files, intent.submissionId(), sent.sent());
        claim.finished();
        var report = files.report(view);
        finish.write(session.store(), view, files, models);
        if (json) {
            System.out.println(
                    new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(report));
        } else {
            System.out.print(RunTable.of(view, files.folder()));
        }
        boolean failed =
                !sent.refused().isEmpty()
                        || sent.sent().stream().anyMatch(id -> failed(view.samples().get(id)));
        return failed ? ExitCode.SAMPLE_FAILED : ExitCode.OK;
    }

    private static boolean failed(@Nullable SampleView sample) {
        return sample == null
                || sample.update().map(u -> u.status() == SampleUpdated.Status.FAILED).orElse(true);
    }

    /**
     * Until every sample that was sent has ended. A run that existed before says that it is done
     * until flow has taken in what was sent.
     */
    private static void follow(
            Session session,
            RunView view,
            RunFiles files,
            String submissionId,
            List<String> sampleIds) {
        Set<String> mine = Set.of(submissionId);
        try (var display = new RunDisplay(Terminal.isWatched());
                var reader =
                        session.reader(RunTopics.withProgress(session.topics()))
                                .onlyRun(view.runId())) {
            var follower = new RunFollower(view, files, display);
            long looked = System.nanoTime();
            do {
                while (!view.ended(mine, sampleIds)) {
                    follower.step(reader, STEP);
                    if (System.nanoTime() - looked > SUPERVISION.toNanos()) {
                        hopeless(session.farm().children());
                        looked = System.nanoTime();
                    }
                }
                // The topics are not ordered among each other: a sample may have begun anew.
                reader.readToEnd(stored -> view.apply(stored.event()));
            } while (!view.ended(mine, sampleIds));
            follower.conclude();
        }
    }

    /**
     * A process that is not restarted and that no other process can replace: the run would wait for
     * ever.
     */
    private static void hopeless(List<ChildState> children) {
        var lost = new ArrayList<String>();
        for (ChildState child : children) {
            if (child.gaveUp() == null) {
                continue;
            }
            String kind = child.name().replaceAll("-(cpu|cuda\\d+)$", "");
            boolean another =
                    children.stream()
                            .anyMatch(
                                    c ->
                                            c.gaveUp() == null
                                                    && c.name()
                                                            .replaceAll("-(cpu|cuda\\d+)$", "")
                                                            .equals(kind));
            if (!another) {
                lost.add(child.gaveUp());
            }
        }
        if (!lost.isEmpty()) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "the run cannot continue: "
                            + String.join("; ", lost)
                            + "; fix the cause and start the same command again to resume the run");
        }
    }

    /** The processes may serve several runs; each run's folder shows their logs. */
    private static void link(Path logs, Path link) throws IOException {
        Files.createDirectories(link.getParent());
        if (!Files.exists(link, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
            Files.createSymbolicLink(link, logs);
        }
    }
}
