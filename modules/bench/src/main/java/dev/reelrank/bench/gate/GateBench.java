package dev.reelrank.bench.gate;

import dev.reelrank.bench.Hardware;
import dev.reelrank.bench.Part;
import dev.reelrank.bench.PartProcesses;
import dev.reelrank.bench.figure.FigureFile;
import dev.reelrank.bench.gate.GateFigures.Judged;
import dev.reelrank.dqa.GateFile;
import dev.reelrank.dqa.GradeStage;
import dev.reelrank.dqa.RecordedSignals;
import dev.reelrank.grading.gate.Gate;
import dev.reelrank.grading.gate.GateFit;
import dev.reelrank.grading.gate.Signals;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.testbed.Split;
import dev.reelrank.torch.TorchRuntime;
import dev.reelrank.worker.local.LocalOptions;
import dev.reelrank.worker.models.FileFingerprints;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Measures how well the quality gate tells rendered clips as they should be from those with a known
 * defect, and finds its limits.
 */
@Command(
        name = "gate",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Measures what the quality gate decides about clips with known defects.",
            "",
            "--fit finds the limits on the train split and writes gate.json into the folder of the"
                    + " models. Evidence is kept in the cache folder, so that limits can be fitted"
                    + " again without grading."
        })
public final class GateBench implements Callable<Integer> {
    @Spec private @Nullable CommandSpec spec;

    @Mixin private final LocalOptions local = new LocalOptions();

    @Option(
            names = "--fit",
            description = "Find limits and write them to gate.json in the folder of the models.")
    private boolean fit;

    @Option(
            names = "--prompts",
            description =
                    "Judge clips of fifty hand-written prompts instead of scenes: negation, rest,"
                            + " two that act, unusual words.")
    private boolean prompts;

    @Option(
            names = "--scenes",
            defaultValue = "200",
            description = "Scenes of the split. Default: ${DEFAULT-VALUE}.")
    private int scenes;

    @Option(
            names = "--from",
            defaultValue = "0",
            description = "First scene of the split. Default: ${DEFAULT-VALUE}.")
    private int from;

    @Option(
            names = "--split",
            description = "train, validation or test. Default: test; train for --fit.")
    private @Nullable String split;

    @Option(
            names = "--cache",
            paramLabel = "DIR",
            description = "Folder for the evidence of clips. Default: ~/.cache/reelrank/gate.")
    private @Nullable Path cache;

    @Option(
            names = "--part",
            paramLabel = "K/N",
            description =
                    "Only grade every Nth scene from the Kth on (0/N to N-1/N) and keep the"
                            + " evidence, so that processes can share the work.")
    private @Nullable String part;

    @Option(names = "--evidence", description = "Only grade and keep the evidence; decide nothing.")
    private boolean evidenceOnly;

    @Option(
            names = "--cached",
            description = "Grade nothing; leave out clips whose evidence is not in the cache.")
    private boolean cachedOnly;

    @Option(
            names = "--workers",
            defaultValue = "1",
            description =
                    "Processes that grade side by side, with one thread each if there are several."
                            + " Default: ${DEFAULT-VALUE}.")
    private int workers;

    @Option(
            names = "--devices",
            split = ",",
            paramLabel = "DEVICE",
            description = "Devices of the processes in turn. Default: that of --device.")
    private List<String> devices = List.of();

    @Option(
            names = "--found",
            defaultValue = "0.985",
            description = "With --fit: share of each defect to find. Default: ${DEFAULT-VALUE}.")
    private double found;

    @Option(
            names = "--review",
            defaultValue = "0.05",
            description =
                    "With --fit: share of clean clips that may be passed to a person. Default:"
                            + " ${DEFAULT-VALUE}.")
    private double review;

    @Option(
            names = "--reject",
            defaultValue = "0.003",
            description =
                    "With --fit: share of clean clips that may be rejected. Default:"
                            + " ${DEFAULT-VALUE}.")
    private double reject;

    @Mixin private final FigureFile json = new FigureFile();

    @Override
    public Integer call() throws IOException {
        var of = Split.parse(split == null ? (fit ? "train" : "test") : split);
        Path folder = cache == null ? defaultCache() : cache;
        if (workers > 1 && part == null) {
            PartProcesses.run(
                    Objects.requireNonNull(spec)
                            .root()
                            .commandLine()
                            .getParseResult()
                            .originalArgs(),
                    workers,
                    devices,
                    k -> List.of("--cache", folder.toString()));
        }
        try (var stage =
                new GradeStage(
                        local.models(),
                        FileFingerprints.ofUser(),
                        local.device(TorchRuntime::cudaAvailable))) {
            var evidence = new EvidenceCache(folder, stage, local.cores());
            var clips = prompts ? PromptClips.all() : clips(of);
            if (cachedOnly) {
                clips.removeIf(clip -> !evidence.has(clip));
            } else {
                evidence.fill(clips);
            }
            if (part != null || evidenceOnly) {
                return 0;
            }
            if (fit) {
                fit(stage, clips, evidence, of);
            }
            var figures = figures(stage, clips, evidence, of);
            System.out.print(figures.text());
            json.write(figures);
        }
        return 0;
    }

    private static Path defaultCache() {
        return Path.of(System.getProperty("user.home"), ".cache", "reelrank", "gate");
    }

    private List<GateClip> clips(Split of) {
        var clips = new ArrayList<GateClip>();
        for (int i : (part == null ? Part.WHOLE : Part.parse(part)).indices(scenes)) {
            clips.addAll(GateClip.ofScene(of, from + i));
        }
        return clips;
    }

    private void fit(GradeStage stage, List<GateClip> clips, EvidenceCache evidence, Split of)
            throws IOException {
        var cases = new ArrayList<GateFit.Case>();
        for (var clip : clips) {
            // Also of clips that a rule finds: what stands still beside something that moves is
            // no frozen video.
            var measures = RecordedSignals.of(evidence.read(clip)).measures();
            cases.add(new GateFit.Case(clip.isClean() ? null : clip.kind(), measures));
        }
        Gate gate =
                GateFit.fit(
                        cases,
                        RecordedSignals.LOWER,
                        RecordedSignals::isAnswer,
                        new GateFit.Goal(found, review, reject));
        var file =
                new GateFile(
                        stage.measuring().sha256(),
                        "reelrank bench gate --fit --split %s --scenes %d --from %d --found %s --review %s --reject %s"
                                .formatted(
                                        of.name().toLowerCase(java.util.Locale.ROOT),
                                        scenes,
                                        from,
                                        found,
                                        review,
                                        reject),
                        gate);
        Files.writeString(stage.gateFile(), file.json());
        System.err.println("wrote " + stage.gateFile());
    }

    private GateFigures figures(
            GradeStage stage, List<GateClip> clips, EvidenceCache evidence, Split of)
            throws IOException {
        var file = GateFile.read(stage.gateFile());
        if (file == null) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "there is no %s: find limits with --fit first".formatted(stage.gateFile()));
        }
        var judged = new ArrayList<Judged>();
        for (var clip : clips) {
            Signals signals = RecordedSignals.of(evidence.read(clip));
            judged.add(new Judged(clip, GateFile.judge(file, stage.measuring(), signals)));
        }
        Map<String, GateFigures.Row> rows = GateFigures.rows(judged);
        return new GateFigures(
                "reelrank bench gate" + (prompts ? " --prompts" : " --scenes " + scenes),
                Hardware.commit(),
                Hardware.cores(),
                prompts ? "prompts" : of.name().toLowerCase(java.util.Locale.ROOT),
                from,
                prompts ? 50 : scenes,
                rows,
                GateFigures.missed(rows));
    }
}
