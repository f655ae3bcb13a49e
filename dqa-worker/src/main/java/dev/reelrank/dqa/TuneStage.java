package dev.reelrank.dqa;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.grading.preference.FeaturePair;
import dev.reelrank.grading.preference.PreferenceModel;
import dev.reelrank.grading.preference.Training;
import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCategory;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.config.StageConfig;
import dev.reelrank.pipeline.stage.Fingerprint;
import dev.reelrank.pipeline.stage.LoadKey;
import dev.reelrank.pipeline.stage.Needs;
import dev.reelrank.pipeline.stage.Outcome;
import dev.reelrank.pipeline.stage.PreferencePair;
import dev.reelrank.pipeline.stage.Stage;
import dev.reelrank.pipeline.stage.StageContext;
import dev.reelrank.pipeline.stage.TuneRequest;
import dev.reelrank.pipeline.stage.TuneResult;
import dev.reelrank.video.Images;
import dev.reelrank.worker.models.FileFingerprints;
import dev.reelrank.worker.models.ModelFolders;
import dev.reelrank.worker.models.ModelName;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Learns the preference model from every selection so far. Like any stage its result is stored
 * under its inputs: a training that was killed is repeated on the same pairs with the same outcome,
 * and no selection is learned twice.
 */
public final class TuneStage implements Stage<TuneRequest, TuneResult> {
    /** Confidence speaks of the latest selections. */
    private static final int RECENT = 20;

    private final ModelFolders folders;
    private final FileFingerprints fingerprints;
    private final PreferenceModels preferences = new PreferenceModels(new ObjectMapper());

    public TuneStage(ModelFolders folders, FileFingerprints fingerprints) {
        this.folders = folders;
        this.fingerprints = fingerprints;
    }

    @Override
    public StageName name() {
        return StageName.TUNE;
    }

    @Override
    public int version() {
        // 3: what the features are taken from is read by its colour tags; flicker is of all frames.
        return 3;
    }

    @Override
    public LoadKey loadKey(StageConfig config) {
        return new TuneKey(folders.folder(ModelName.DINOV3), folders.folder(ModelName.CLIP));
    }

    @Override
    public Fingerprint fingerprint(LoadKey key) {
        var wanted = (TuneKey) key;
        return fingerprints.of(Map.of("dinov3", wanted.dinov3(), "clip", wanted.clip()));
    }

    private PerceptionPhase perception() {
        return new PerceptionPhase(
                folders.folder(ModelName.DINOV3), folders.folder(ModelName.CLIP));
    }

    @Override
    public Needs needs(LoadKey key, StageConfig config) {
        return new Needs(perception().needGib(), 0);
    }

    /**
     * Looks whether the models can be loaded. A training loads them and releases them as soon as it
     * has looked at the videos: the rest needs no model, and grading needs the memory.
     */
    @Override
    public void load(LoadKey key, Device onto) {
        perception().check();
    }

    @Override
    public List<Outcome<TuneResult>> run(List<TuneRequest> requests, StageContext context) {
        var outcomes = new ArrayList<Outcome<TuneResult>>();
        for (int i = 0; i < requests.size(); i++) {
            try {
                outcomes.add(
                        train(i, requests.get(i), context)
                                .<Outcome<TuneResult>>map(r -> new Outcome.Success<>(r, Map.of()))
                                .orElseGet(
                                        () ->
                                                new Outcome.Returned<>(
                                                        "cancelled between two videos")));
            } catch (StageException e) {
                outcomes.add(Outcome.failed(e));
            }
        }
        return outcomes;
    }

    /** Both videos of a selection, and what was measured of them. */
    private record Looked(PreferencePair pair, Item chosen, Item rejected) {
        boolean usable() {
            return chosen.failure() == null
                    && rejected.failure() == null
                    && Features.complete(chosen.found().features())
                    && Features.complete(rejected.found().features());
        }
    }

    private Optional<TuneResult> train(int index, TuneRequest request, StageContext context) {
        // By the hash of the video: selections of one sample share videos.
        Map<String, Item> seen = new LinkedHashMap<>();
        Map<String, PreferencePair> distinct = new LinkedHashMap<>();
        request.pairs().forEach(pair -> distinct.putIfAbsent(pair.selectionId(), pair));
        for (PreferencePair pair : distinct.values()) {
            for (BlobRef video : List.of(pair.chosen(), pair.rejected())) {
                seen.computeIfAbsent(video.sha256(), sha -> item(pair, video, context));
            }
        }
        for (GradingPhase phase : List.of(perception(), new MotionPhase())) {
            try (var loaded = phase.load(context.device(), context.cores())) {
                int done = 0;
                for (var item : seen.entrySet()) {
                    if (context.cancelled()) {
                        return Optional.empty();
                    }
                    item.setValue(look(loaded, item.getValue()));
                    context.progress(index, ++done, seen.size());
                }
            }
        }
        List<Looked> looked =
                distinct.values().stream()
                        .map(
                                p ->
                                        new Looked(
                                                p,
                                                Objects.requireNonNull(
                                                        seen.get(p.chosen().sha256())),
                                                Objects.requireNonNull(
                                                        seen.get(p.rejected().sha256()))))
                        .toList();
        List<Looked> usable = looked.stream().filter(Looked::usable).toList();
        // Videos that could not be read because the store went away are no reason to do without
        // them: asking for them then fails, and the training is tried again.
        looked.stream()
                .filter(l -> !l.usable())
                .forEach(
                        l -> {
                            context.store().holds(l.pair().chosen());
                            context.store().holds(l.pair().rejected());
                        });
        if (usable.isEmpty()) {
            throw new StageException(
                    FailureCode.NO_CANDIDATE,
                    "none of the %d selections has two readable videos to learn from"
                            .formatted(looked.size()));
        }
        PreferenceModel parent =
                request.parent().model() == null
                        ? null
                        : preferences.read(
                                context.store().fetch(request.parent().model(), context.scratch()));
        var trained =
                Training.train(
                        Features.NAMES,
                        parent,
                        usable.stream().map(TuneStage::features).toList(),
                        request.config());
        return Optional.of(result(request, parent, trained, usable, context));
    }

    private TuneResult result(
            TuneRequest request,
            @Nullable PreferenceModel parent,
            Training.Trained trained,
            List<Looked> usable,
            StageContext context) {
        long parentVersion = request.parent().version();
        BlobRef model = request.parent().model();
        long version = parentVersion;
        if (trained.kept()) {
            version = request.version();
            model =
                    context.store()
                            .putBlob(
                                    preferences.write(trained.model()),
                                    PreferenceModels.MEDIA_TYPE);
        }
        PreferenceModel inForce = trained.kept() ? trained.model() : parent;
        List<Looked> recent = usable.subList(Math.max(0, usable.size() - RECENT), usable.size());
        double confidence =
                inForce == null
                        ? 0.5
                        : recent.stream()
                                .map(TuneStage::features)
                                .mapToDouble(p -> inForce.prefers(p.chosen(), p.rejected()))
                                .average()
                                .orElse(0.5);
        return new TuneResult(
                version,
                parentVersion,
                trained.kept(),
                model,
                trained.heldOutBefore(),
                trained.heldOutAfter(),
                thinned(trained.losses()),
                patterns(usable),
                confidence,
                usable.size());
    }

    private static FeaturePair features(Looked l) {
        return new FeaturePair(
                l.pair().selectionId(),
                l.pair().image().sha256(),
                Features.vector(l.chosen().found().features(), Features.NAMES),
                Features.vector(l.rejected().found().features(), Features.NAMES));
    }

    /**
     * By subject group and dimension: how much lower it is in rejected videos, as a share of the
     * chosen ones' score; only what recurs.
     */
    private static Map<String, Double> patterns(List<Looked> pairs) {
        Map<String, double[]> sums = new TreeMap<>();
        for (Looked l : pairs) {
            Map<String, Double> rejected = new LinkedHashMap<>();
            l.rejected()
                    .found()
                    .benchmark()
                    .dimensions()
                    .forEach(d -> rejected.put(d.name(), d.score()));
            l.chosen()
                    .found()
                    .benchmark()
                    .dimensions()
                    .forEach(
                            d -> {
                                double[] sum =
                                        sums.computeIfAbsent(
                                                l.pair().subjectGroup() + "/" + d.name(),
                                                k -> new double[3]);
                                sum[0] += d.score();
                                sum[1] += rejected.getOrDefault(d.name(), d.score());
                                sum[2]++;
                            });
        }
        Map<String, Double> patterns = new TreeMap<>();
        sums.forEach(
                (name, sum) -> {
                    double lower = sum[0] <= 0 ? 0 : 1 - sum[1] / sum[0];
                    if (sum[2] >= 2 && lower > 0.01) {
                        patterns.put(name, Details.round(lower));
                    }
                });
        return patterns;
    }

    private static List<Double> thinned(List<Double> losses) {
        if (losses.isEmpty()) {
            return List.of();
        }
        int every = Math.max(1, losses.size() / 20);
        var thin = new ArrayList<Double>();
        for (int i = 0; i < losses.size(); i += every) {
            thin.add(losses.get(i));
        }
        thin.add(losses.get(losses.size() - 1));
        return thin;
    }

    private static Item look(GradingPhase.Loaded loaded, Item item) {
        if (item.failure() != null) {
            return item;
        }
        try {
            return item.with(loaded.look(item));
        } catch (StageException e) {
            requireItsOwn(e);
            return item.with(e);
        }
    }

    private static Item item(PreferencePair pair, BlobRef video, StageContext context) {
        try {
            Path file = context.store().fetch(video, context.scratch());
            var reference = Images.read(context.store().fetch(pair.image(), context.scratch()));
            return Item.of(new VideoFile(pair.originalPrompt(), null, reference, file), 1);
        } catch (StageException e) {
            requireItsOwn(e);
            return Item.failed(pair.originalPrompt(), e);
        }
    }

    /**
     * A video that is gone or unreadable takes its selections with it, not the training. A full
     * memory or an absent store is no property of a video: the training fails and is tried again.
     */
    private static void requireItsOwn(StageException e) {
        if (e.code().category() != FailureCategory.USER && e.code() != FailureCode.INPUT_LOST) {
            throw e;
        }
    }

    @Override
    public void unload() {}

    @Override
    public void close() {}
}
