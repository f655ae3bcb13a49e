package dev.reelrank.dqa;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.grading.EvidenceKind;
import dev.reelrank.grading.Finding;
import dev.reelrank.grading.Synthesis;
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
import dev.reelrank.qwen.Precision;
import dev.reelrank.video.Images;
import dev.reelrank.worker.models.FileFingerprints;
import dev.reelrank.worker.models.ModelFolders;
import dev.reelrank.worker.models.ModelName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The grade stage. Its phases run one after another over the whole batch: each loads its models
 * once, looks at every video, and releases everything before the next begins, so that the largest
 * phase decides the memory, not their sum.
 */
public final class GradeStage implements Stage<GradeRequest, GradeResult> {
    private static final Logger log = LoggerFactory.getLogger(GradeStage.class);

    private final ModelFolders folders;
    private final FileFingerprints fingerprints;
    private final Device device;
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
        return 1;
    }

    @Override
    public LoadKey loadKey(StageConfig config) {
        return new LoadKey(precision().label(), Map.of("models", "qwen+dinov3+clip"));
    }

    private Precision precision() {
        return Precision.parse("auto", device);
    }

    @Override
    public Fingerprint fingerprint(LoadKey key) {
        return fingerprints.of(
                Map.of(
                        "qwen",
                        folders.folder(ModelName.QWEN),
                        "dinov3",
                        folders.folder(ModelName.DINOV3),
                        "clip",
                        folders.folder(ModelName.CLIP)));
    }

    @Override
    public Needs needs(StageConfig config) {
        double most = phases().stream().mapToDouble(Phase::needGib).max().orElse(0);
        return new Needs(most, device.isCuda() ? 2 : 0);
    }

    @Override
    public int maxBatch() {
        return 9;
    }

    private List<Phase> phases() {
        return List.of(
                new LanguagePhase(folders.folder(ModelName.QWEN), precision()),
                new PerceptionPhase(
                        folders.folder(ModelName.DINOV3), folders.folder(ModelName.CLIP)),
                new MotionPhase());
    }

    /** Nothing: each phase of a batch loads its own models, one phase at a time. */
    @Override
    public void load(LoadKey key, Device onto) {}

    @Override
    public List<Outcome<GradeResult>> run(List<GradeRequest> requests, StageContext context) {
        List<Item> items = requests.stream().map(r -> open(r, context)).toList();
        List<PhaseMemory> memory = new ArrayList<>();
        int step = 0;
        List<Phase> phases = phases();
        for (Phase phase : phases) {
            if (context.cancelled()) {
                return items.stream()
                        .<Outcome<GradeResult>>map(
                                i -> new Outcome.Returned<>("cancelled between two phases"))
                        .toList();
            }
            memory.add(run(phase, items, context));
            step++;
            for (int i = 0; i < items.size(); i++) {
                context.progress(i, step, phases.size());
            }
        }
        return items.stream().map(i -> finish(i, memory, context)).toList();
    }

    private Item open(GradeRequest request, StageContext context) {
        try {
            return new Item(
                    request,
                    context.store().fetch(request.video().video(), context.scratch()),
                    Images.read(context.store().fetch(request.image(), context.scratch())));
        } catch (StageException e) {
            return Item.failed(request, e);
        }
    }

    private PhaseMemory run(Phase phase, List<Item> items, StageContext context) {
        double budget =
                items.stream()
                        .mapToDouble(i -> i.request.config().memoryBudgetGib())
                        .min()
                        .orElse(0);
        if (phase.needGib() > budget) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "the %s phase of the grading needs %.1f GiB, the memory budget is %.1f GiB: raise grade.memoryBudgetGib or take smaller models"
                            .formatted(phase.name(), phase.needGib(), budget));
        }
        long begin = System.nanoTime();
        try (var loaded = phase.load(context.device(), context.cores())) {
            long ready = System.nanoTime();
            for (Item item : items) {
                if (item.failure == null) {
                    try {
                        loaded.look(item);
                    } catch (StageException e) {
                        item.failure = e;
                    }
                }
            }
            var memory =
                    new PhaseMemory(
                            phase.name(),
                            (ready - begin) / 1_000_000,
                            (System.nanoTime() - ready) / 1_000_000,
                            loaded.peakMib());
            log.info(
                    "phase {}: loaded in {} ms, {} videos in {} ms, peak {} MiB",
                    phase.name(),
                    memory.loadMillis(),
                    items.size(),
                    memory.runMillis(),
                    memory.peakMib());
            return memory;
        }
    }

    private Outcome<GradeResult> finish(Item item, List<PhaseMemory> memory, StageContext context) {
        if (item.failure != null) {
            return Outcome.failed(item.failure);
        }
        item.findings.put(EvidenceKind.BENCHMARK, item.benchmark.finding());
        item.findings.put(EvidenceKind.PREFERENCE, preference(item, context));
        GradeConfig config = item.request.config();
        Synthesis grade = Synthesis.of(item.findings, config.weights());
        return new Outcome.Success<>(
                new GradeResult(
                        grade.letter() == null ? null : grade.letter().text(),
                        grade.score(),
                        grade.partial(),
                        grade.evidence(),
                        grade.reasoning(),
                        item.request.preference().version(),
                        memory),
                Map.of());
    }

    private Finding preference(Item item, StageContext context) {
        var version = item.request.preference();
        if (version.model() == null) {
            return Finding.unused(
                    0.5,
                    Details.text(
                            Details.object()
                                    .put("version", version.version())
                                    .put("missing", "no selections were learned from yet")));
        }
        var model = preferences.read(context.store().fetch(version.model(), context.scratch()));
        var details = Details.object().put("version", version.version());
        var features = details.putObject("features");
        item.features.forEach((name, value) -> features.put(name, Details.round(value)));
        if (!item.features.keySet().containsAll(model.features())) {
            return Finding.missing(
                    Details.missing(
                            "the video has too few frames for the features of preference version "
                                    + version.version()));
        }
        return Finding.of(
                model.estimate(Features.vector(item.features, model.features())),
                Details.text(details));
    }

    @Override
    public void unload() {}

    @Override
    public void close() {}
}
