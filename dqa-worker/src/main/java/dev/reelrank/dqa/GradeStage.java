package dev.reelrank.dqa;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.grading.EvidenceKind;
import dev.reelrank.grading.Finding;
import dev.reelrank.grading.Synthesis;
import dev.reelrank.grading.gate.Signals;
import dev.reelrank.grading.gate.Verdict;
import dev.reelrank.grading.preference.PreferenceModel;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.config.GradeConfig;
import dev.reelrank.pipeline.config.StageConfig;
import dev.reelrank.pipeline.stage.Fingerprint;
import dev.reelrank.pipeline.stage.GradeRequest;
import dev.reelrank.pipeline.stage.GradeResult;
import dev.reelrank.pipeline.stage.GradeResult.PhaseMemory;
import dev.reelrank.pipeline.stage.LoadKey;
import dev.reelrank.pipeline.stage.Needs;
import dev.reelrank.pipeline.stage.Outcome;
import dev.reelrank.pipeline.stage.Stage;
import dev.reelrank.pipeline.stage.StageContext;
import dev.reelrank.qwen.QwenPrecision;
import dev.reelrank.video.Images;
import dev.reelrank.worker.models.FileFingerprints;
import dev.reelrank.worker.models.ModelFolders;
import dev.reelrank.worker.models.ModelName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The grade stage. Its phases run one after another over the whole batch: each loads its models
 * once, looks at every video, and releases everything before the next begins, so that the largest
 * phase decides the memory, not their sum.
 */
public final class GradeStage implements Stage<GradeRequest, GradeResult> {
    private final ModelFolders folders;
    private final FileFingerprints fingerprints;
    private final Device device;
    private long mostMib;
    private final PreferenceModels preferences = new PreferenceModels(new ObjectMapper());

    public GradeStage(ModelFolders folders, FileFingerprints fingerprints, Device device) {
        this.folders = folders;
        this.fingerprints = fingerprints;
        this.device = device;
    }

    @Override
    public StageName name() {
        return StageName.GRADE;
    }

    @Override
    public int version() {
        // 3: facts are read from the user's own words; a gate decides.
        return 3;
    }

    @Override
    public LoadKey loadKey(StageConfig config) {
        return new GradeKey(
                precision(),
                folders.folder(ModelName.QWEN),
                folders.folder(ModelName.DINOV3),
                folders.folder(ModelName.CLIP));
    }

    private QwenPrecision precision() {
        return QwenPrecision.parse("auto", device);
    }

    @Override
    public Fingerprint fingerprint(LoadKey key) {
        var wanted = (GradeKey) key;
        var parts =
                new TreeMap<>(
                        Map.of(
                                "qwen", wanted.qwen(),
                                "dinov3", wanted.dinov3(),
                                "clip", wanted.clip()));
        if (Files.isRegularFile(gateFile())) {
            parts.put("gate", gateFile());
        }
        return fingerprints.of(parts);
    }

    /** Where the limits of the gate are, whether they are there or not. */
    public Path gateFile() {
        return folders.root().resolve(GateFile.NAME);
    }

    /**
     * Fingerprint of what the limits of the gate belong to: the weights of the models that measure.
     * What is written about a model in its folder is no part of it.
     */
    public Fingerprint measuring() {
        var parts = new TreeMap<String, Path>();
        for (var model : List.of(ModelName.QWEN, ModelName.DINOV3, ModelName.CLIP)) {
            Path folder = folders.folder(model);
            try (var files = Files.list(folder)) {
                files.filter(f -> f.toString().matches(".*\\.(safetensors|onnx)"))
                        .forEach(f -> parts.put(model.id() + "/" + f.getFileName(), f));
            } catch (IOException e) {
                throw new StageException(
                        FailureCode.MODEL_MISSING, "cannot list the model folder " + folder, e);
            }
        }
        return fingerprints.of(parts);
    }

    private Function<Signals, Verdict> gate() {
        var file = GateFile.read(gateFile());
        var models = measuring();
        return signals -> GateFile.judge(file, models, signals);
    }

    @Override
    public Needs needs(LoadKey key, StageConfig config) {
        double most = phases().stream().mapToDouble(GradingPhase::needGib).max().orElse(0);
        return new Needs(most, device.isCuda() ? 2 : 0);
    }

    /** In the order they run; see {@link Grading}. */
    List<GradingPhase> phases() {
        return List.of(
                new LanguagePhase(folders.folder(ModelName.QWEN), precision()),
                new PerceptionPhase(
                        folders.folder(ModelName.DINOV3), folders.folder(ModelName.CLIP)),
                new MotionPhase());
    }

    private List<GradingPhase> phases(List<GradeRequest> requests) {
        var all = new ArrayList<>(phases());
        if (requests.stream().anyMatch(r -> r.config().preference().byVlm())) {
            all.add(new JudgePhase(folders.folder(ModelName.QWEN), precision()));
        }
        return all;
    }

    /**
     * Looks whether the models of every phase can be loaded, so that a broken one fails here and
     * not in the middle of a chunk. They are loaded by {@link #run}, one phase after another:
     * together they would not fit.
     */
    @Override
    public void load(LoadKey key, Device onto) {
        phases().forEach(GradingPhase::check);
    }

    @Override
    public List<Outcome<GradeResult>> run(List<GradeRequest> requests, StageContext context) {
        double budget =
                requests.stream()
                        .mapToDouble(r -> r.config().memoryBudgetGib())
                        .min()
                        .orElse(Double.MAX_VALUE);
        var phases = phases(requests);
        var grading = new Grading(phases, budget);
        List<Item> items = requests.stream().map(r -> open(r, context)).toList();
        mostMib = 0;
        return grading.run(
                        items,
                        context.device(),
                        context.cores(),
                        done -> {
                            for (int i = 0; i < items.size(); i++) {
                                context.progress(i, done, phases.size());
                            }
                        },
                        context::cancelled)
                .map(
                        graded -> {
                            mostMib =
                                    graded.memory().stream()
                                            .filter(m -> !m.phase().equals(PhaseName.MOTION.id()))
                                            .mapToLong(PhaseMemory::peakMib)
                                            .max()
                                            .orElse(0);
                            return finish(requests, graded, context);
                        })
                .orElseGet(
                        () ->
                                requests.stream()
                                        .<Outcome<GradeResult>>map(
                                                r ->
                                                        new Outcome.Returned<>(
                                                                "cancelled between two phases of grading"))
                                        .toList());
    }

    /** The adapter of the vision-language model that a request names, checked and fetched. */
    private JudgePhase.@Nullable By judge(GradeRequest request, StageContext context) {
        var preference = request.config().preference();
        String name = preference.adapter();
        if (name == null) {
            return null;
        }
        if (preference.files().size() != 1) {
            throw new StageException(
                    FailureCode.INVALID_SAMPLE,
                    "grade.preference.adapter: '%s' came without its file; submit the samples with this version of reelrank, which looks adapters up"
                            .formatted(name));
        }
        Path folder = folders.folder(ModelName.QWEN);
        String base = fingerprints.of(Map.of(ModelName.QWEN.id(), folder)).sha256();
        if (preference.base() != null && !preference.base().equals(base)) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH,
                    "%s was trained on a vision-language model with the fingerprint %s, but %s has %s; use that model, or train it again on this one"
                            .formatted(name, preference.base(), folder, base));
        }
        var file = preference.files().values().iterator().next();
        return new JudgePhase.By(name, context.store().fetch(file, context.scratch()));
    }

    private Item open(GradeRequest request, StageContext context) {
        try {
            Path video = context.store().fetch(request.video().video(), context.scratch());
            var reference = Images.read(context.store().fetch(request.image(), context.scratch()));
            return Item.of(
                            new VideoFile(
                                    request.originalPrompt(), request.subject(), reference, video),
                            request.config().frames())
                    .judgedBy(judge(request, context));
        } catch (StageException e) {
            return Item.failed(request.originalPrompt(), e);
        }
    }

    private List<Outcome<GradeResult>> finish(
            List<GradeRequest> requests, Grading.Graded graded, StageContext context) {
        List<Outcome<GradeResult>> outcomes = new ArrayList<>();
        var gate = gate();
        for (int i = 0; i < requests.size(); i++) {
            outcomes.add(
                    finish(requests.get(i), graded.items().get(i), graded.memory(), gate, context));
        }
        return outcomes;
    }

    private Outcome<GradeResult> finish(
            GradeRequest request,
            Item item,
            List<PhaseMemory> memory,
            Function<Signals, Verdict> gate,
            StageContext context) {
        if (item.failure() != null) {
            return Outcome.failed(item.failure());
        }
        var version = request.preference();
        try {
            PreferenceModel model =
                    version.model() == null
                            ? null
                            : preferences.read(
                                    context.store().fetch(version.model(), context.scratch()));
            return new Outcome.Success<>(
                    result(item.found(), version.version(), model, request.config(), memory, gate),
                    Map.of());
        } catch (StageException e) {
            return Outcome.failed(e);
        }
    }

    /**
     * Grades files: what {@code reelrank grade} and the benchmarks do. All of them are one chunk.
     *
     * @param which phases to run; the evidence of those left out is missing
     * @param preference null before there is one
     * @throws StageException INVALID_CONFIG for a budget that a phase exceeds, and what loading
     *     throws; a failure of one file is in its {@link GradedFile}
     */
    public List<GradedFile> gradeFiles(
            List<VideoFile> files,
            Set<PhaseName> which,
            GradeConfig config,
            @Nullable PreferenceModel preference,
            int cores) {
        var chosen =
                phases().stream()
                        .filter(p -> which.stream().anyMatch(w -> w.id().equals(p.name())))
                        .toList();
        var graded =
                new Grading(chosen, config.memoryBudgetGib())
                        .run(
                                files.stream().map(f -> Item.of(f, config.frames())).toList(),
                                device,
                                cores,
                                done -> {},
                                () -> false)
                        .orElseThrow();
        long version = preference == null ? 0 : 1;
        var gate = gate();
        return graded.items().stream()
                .map(
                        i ->
                                new GradedFile(
                                        i.video().video(),
                                        i.failure() != null
                                                ? null
                                                : result(
                                                        i.found(),
                                                        version,
                                                        preference,
                                                        config,
                                                        graded.memory(),
                                                        gate),
                                        i.failure(),
                                        i.found().facts(),
                                        i.found().segmentations(),
                                        i.found().features()))
                .toList();
    }

    /** Puts what the phases found together. */
    static GradeResult result(
            Found found,
            long version,
            @Nullable PreferenceModel model,
            GradeConfig config,
            List<PhaseMemory> memory,
            Function<Signals, Verdict> gate) {
        Map<EvidenceKind, Finding> findings = new EnumMap<>(EvidenceKind.class);
        findings.putAll(found.findings());
        findings.put(EvidenceKind.BENCHMARK, found.benchmark().finding());
        if (found.arrangement() != null) {
            findings.put(EvidenceKind.SPATIAL, found.arrangement().finding(found.traces()));
        }
        // The judge has spoken already where it was asked.
        findings.computeIfAbsent(
                EvidenceKind.PREFERENCE, kind -> preference(found, version, model));
        var verdict =
                gate.apply(RecordedSignals.of(Synthesis.evidence(findings, config.weights())));
        Synthesis grade = Synthesis.of(findings, config.weights(), verdict);
        return new GradeResult(
                grade.letter() == null ? null : grade.letter().text(),
                grade.score(),
                grade.partial(),
                grade.evidence(),
                grade.reasoning(),
                version,
                memory,
                recorded(verdict));
    }

    private static GradeResult.Verdict recorded(Verdict verdict) {
        return new GradeResult.Verdict(
                verdict.decision().id(),
                verdict.because(),
                verdict.defects().stream()
                        .map(
                                d ->
                                        new GradeResult.Defect(
                                                d.measure(),
                                                d.value(),
                                                d.limit(),
                                                d.decision().id(),
                                                d.text()))
                        .toList());
    }

    private static Finding preference(Found found, long version, @Nullable PreferenceModel model) {
        if (model == null) {
            return Finding.unused(
                    0.5,
                    Details.text(
                            Details.object()
                                    .put("version", version)
                                    .put(
                                            "missing",
                                            "the model has not learned from any selection yet")));
        }
        var details = Details.object().put("version", version);
        var features = details.putObject("features");
        found.features().forEach((name, value) -> features.put(name, Details.round(value)));
        if (!found.features().keySet().containsAll(model.features())) {
            return Finding.missing(
                    Details.missing(
                            "the video has too few frames, or the prompt has no words, for the features of preference version "
                                    + version));
        }
        return Finding.of(
                model.estimate(Features.vector(found.features(), model.features())),
                Details.text(details));
    }

    /** Of the largest phase of the last batch; motion needs no device. */
    @Override
    public long peakDeviceBytes() {
        return device.isCuda() ? mostMib << 20 : 0;
    }

    @Override
    public void unload() {}

    @Override
    public void close() {}
}
