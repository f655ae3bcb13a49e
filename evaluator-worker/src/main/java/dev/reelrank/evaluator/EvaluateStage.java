package dev.reelrank.evaluator;

import dev.reelrank.evaluation.Evaluated;
import dev.reelrank.evaluation.Evaluation;
import dev.reelrank.evaluation.Evaluation.Input;
import dev.reelrank.evaluation.look.Clip;
import dev.reelrank.evaluation.look.ClipLook;
import dev.reelrank.evaluation.look.DinoLook;
import dev.reelrank.evaluation.look.FramesLook;
import dev.reelrank.evaluation.look.Look;
import dev.reelrank.evaluation.look.Met3rLook;
import dev.reelrank.evaluation.look.RewardLook;
import dev.reelrank.evaluation.look.VggtLook;
import dev.reelrank.evaluation.look.Wanted;
import dev.reelrank.evaluation.metric.Metrics;
import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.config.EvaluateConfig;
import dev.reelrank.pipeline.config.StageConfig;
import dev.reelrank.pipeline.stage.EvaluateRequest;
import dev.reelrank.pipeline.stage.EvaluateResult;
import dev.reelrank.pipeline.stage.Fingerprint;
import dev.reelrank.pipeline.stage.LoadKey;
import dev.reelrank.pipeline.stage.Needs;
import dev.reelrank.pipeline.stage.Outcome;
import dev.reelrank.pipeline.stage.Stage;
import dev.reelrank.pipeline.stage.StageContext;
import dev.reelrank.video.Images;
import dev.reelrank.video.VideoInfo;
import dev.reelrank.video.VideoReader;
import dev.reelrank.worker.models.FileFingerprints;
import dev.reelrank.worker.models.ModelFolders;
import dev.reelrank.worker.models.ModelName;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The stage evaluate: measures a chunk of videos, look by look, so that each model is loaded once a
 * chunk and the largest decides the memory. A model that is missing makes its metrics "not
 * measured"; one that is broken fails the stage.
 */
public final class EvaluateStage implements Stage<EvaluateRequest, EvaluateResult> {
    private static final Set<ModelName> MODELS =
            Set.of(
                    ModelName.CLIP,
                    ModelName.DINOV3,
                    ModelName.SAM3,
                    ModelName.VIDEOREWARD,
                    ModelName.VGGT,
                    ModelName.LPIPS,
                    ModelName.MET3R);

    private final ModelFolders folders;
    private final FileFingerprints fingerprints;
    private final Device device;

    public EvaluateStage(ModelFolders folders, FileFingerprints fingerprints, Device device) {
        this.folders = folders;
        this.fingerprints = fingerprints;
        this.device = device;
    }

    @Override
    public StageName name() {
        return StageName.EVALUATE;
    }

    @Override
    public int version() {
        // 2: the metrics of VGGT. 3: MEt3R.
        return 3;
    }

    @Override
    public LoadKey loadKey(StageConfig config) {
        var found = new HashMap<String, Path>();
        MODELS.forEach(m -> folders.find(m).ifPresent(path -> found.put(m.id(), path)));
        return new EvaluateKey(found);
    }

    @Override
    public Fingerprint fingerprint(LoadKey key) {
        return fingerprints.of(((EvaluateKey) key).folders());
    }

    /** What the results depend on here, for who asks for work. */
    public String fingerprint() {
        return fingerprint(loadKey(EvaluateConfig.defaults())).sha256();
    }

    @Override
    public Needs needs(LoadKey key, StageConfig config) {
        double most = looks().stream().mapToDouble(Look::needGib).max().orElse(0);
        return new Needs(most, device.isCuda() ? 2 : 0);
    }

    /** In the order they run. */
    private List<Look> looks() {
        return List.of(
                new ClipLook(folder(ModelName.CLIP)),
                new DinoLook(folder(ModelName.DINOV3), folder(ModelName.SAM3)),
                new RewardLook(folder(ModelName.VIDEOREWARD)),
                new VggtLook(folder(ModelName.VGGT), folder(ModelName.LPIPS)),
                new Met3rLook(folder(ModelName.MET3R)),
                new FramesLook());
    }

    private @Nullable Path folder(ModelName name) {
        return folders.find(name).orElse(null);
    }

    /** Looks whether the models that are there can be loaded; {@link #run} loads them in turn. */
    @Override
    public void load(LoadKey key, Device onto) {
        looks().forEach(Look::check);
    }

    @Override
    public List<Outcome<EvaluateResult>> run(List<EvaluateRequest> requests, StageContext context) {
        var outcomes = new ArrayList<Outcome<EvaluateResult>>();
        var opened = requests.stream().map(r -> Opened.of(r, context)).toList();
        // A chunk has one set of metrics; in the rare chunk with several, each set runs by itself.
        var configs = new LinkedHashSet<EvaluateConfig>();
        requests.forEach(r -> configs.add(r.config()));
        Map<Integer, Outcome<EvaluateResult>> byIndex = new HashMap<>();
        for (EvaluateConfig config : configs) {
            var members = new ArrayList<Integer>();
            for (int i = 0; i < requests.size(); i++) {
                if (requests.get(i).config().equals(config)) {
                    members.add(i);
                }
            }
            run(members, requests, opened, config, context)
                    .ifPresentOrElse(
                            done -> {
                                for (int i = 0; i < members.size(); i++) {
                                    byIndex.put(members.get(i), done.get(i));
                                }
                            },
                            () ->
                                    members.forEach(
                                            i ->
                                                    byIndex.put(
                                                            i,
                                                            new Outcome.Returned<>(
                                                                    "cancelled between two models"
                                                                            + " of the evaluation"))));
        }
        for (int i = 0; i < requests.size(); i++) {
            outcomes.add(Objects.requireNonNull(byIndex.get(i)));
        }
        return outcomes;
    }

    /** A request whose files are here. */
    private record Opened(Input input, @Nullable VideoInfo info) {
        static Opened of(EvaluateRequest request, StageContext context) {
            try {
                Path video = context.store().fetch(request.video().video(), context.scratch());
                var reference =
                        Images.read(context.store().fetch(request.image(), context.scratch()));
                return new Opened(
                        Input.of(
                                new Clip(
                                        request.originalPrompt(),
                                        request.subject(),
                                        reference,
                                        video)),
                        VideoReader.probe(video));
            } catch (StageException e) {
                return new Opened(Input.failed(e), null);
            }
        }
    }

    private Optional<List<Outcome<EvaluateResult>>> run(
            List<Integer> members,
            List<EvaluateRequest> requests,
            List<Opened> opened,
            EvaluateConfig config,
            StageContext context) {
        var evaluation = new Evaluation(looks(), config.memoryBudgetGib());
        return evaluation
                .run(
                        members.stream().map(i -> opened.get(i).input()).toList(),
                        wanted(config),
                        context.device(),
                        context.cores(),
                        done -> members.forEach(i -> context.progress(i, done, evaluation.size())),
                        context::cancelled)
                .map(
                        all -> {
                            var outcomes = new ArrayList<Outcome<EvaluateResult>>();
                            for (int i = 0; i < members.size(); i++) {
                                var request = requests.get(members.get(i));
                                outcomes.add(
                                        outcome(
                                                all.get(i),
                                                request.video().seed(),
                                                request.video().video(),
                                                opened.get(members.get(i)).info()));
                            }
                            return outcomes;
                        });
    }

    private static Wanted wanted(EvaluateConfig config) {
        var names = config.metrics().isEmpty() ? Metrics.names() : config.metrics();
        names.forEach(Metrics::of);
        return new Wanted(Set.copyOf(names), config.frames(), config.maskFrames());
    }

    private static Outcome<EvaluateResult> outcome(
            Evaluated evaluated, long seed, BlobRef video, @Nullable VideoInfo info) {
        if (evaluated.failure() != null) {
            return Outcome.failed(evaluated.failure());
        }
        if (info == null) {
            return Outcome.failed(
                    new StageException(FailureCode.INTERNAL_ERROR, "a video was not opened"));
        }
        return new Outcome.Success<>(
                new EvaluateResult(
                        seed,
                        video,
                        evaluated.measurements(),
                        info.width(),
                        info.height(),
                        info.frames(),
                        info.fps()),
                Map.of());
    }

    /**
     * Evaluates files, all in one chunk: what {@code reelrank evaluate} does with files.
     *
     * @return in the order of the clips
     */
    public List<Evaluated> evaluateFiles(List<Clip> clips, EvaluateConfig config, int cores) {
        return new Evaluation(looks(), config.memoryBudgetGib())
                .run(
                        clips.stream().map(Input::of).toList(),
                        wanted(config),
                        device,
                        cores,
                        done -> {},
                        () -> false)
                .orElseThrow();
    }

    @Override
    public void unload() {}

    @Override
    public void close() {}
}
