package dev.reelrank.trainer;

import dev.reelrank.alignment.curve.EventFile;
import dev.reelrank.alignment.train.FilePairs;
import dev.reelrank.alignment.train.TrainingCurves;
import dev.reelrank.alignment.train.TrainingPairs;
import dev.reelrank.generators.GeneratorFamilies;
import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.Sha256;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.config.AlignConfig;
import dev.reelrank.pipeline.config.CandidateConfig;
import dev.reelrank.pipeline.config.StageConfig;
import dev.reelrank.pipeline.stage.AdapterState;
import dev.reelrank.pipeline.stage.AlignRequest;
import dev.reelrank.pipeline.stage.AlignResult;
import dev.reelrank.pipeline.stage.Fingerprint;
import dev.reelrank.pipeline.stage.InputKey;
import dev.reelrank.pipeline.stage.LoadKey;
import dev.reelrank.pipeline.stage.Needs;
import dev.reelrank.pipeline.stage.Outcome;
import dev.reelrank.pipeline.stage.Stage;
import dev.reelrank.pipeline.stage.StageContext;
import dev.reelrank.pipeline.store.ResultStore;
import dev.reelrank.qwen.QwenModel;
import dev.reelrank.torch.AttentionBackend;
import dev.reelrank.torch.TorchRuntime;
import dev.reelrank.worker.models.FileFingerprints;
import dev.reelrank.worker.models.ModelFolders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Trains adapters of any generator family that can be trained, and of the vision-language model
 * that judges videos. The encoders and the networks do not fit into memory together, so they are
 * loaded one after the other while a request runs.
 */
public final class AlignStage implements Stage<AlignRequest, AlignResult> {
    private static final int VERSION = 1;
    private static final String MEDIA_TYPE = "application/octet-stream";
    private static final List<String> CURVES = List.of("loss", "rewards", "accuracy");

    private final TrainerModels models;
    private final Device device;
    private final List<Device> replicas;
    private final ClipJudges judges;
    private final ModelFolders folders;
    private @Nullable LoadKey loaded;

    /**
     * @param store the farm's store, for the files of merged adapters
     * @param device what the models are loaded onto, and what {@code auto} precision is meant for
     * @param replicas further devices, each for a copy of the model
     * @param judges measure what the gate guards beside motion
     */
    public AlignStage(
            GeneratorFamilies families,
            ModelFolders folders,
            FileFingerprints fingerprints,
            Supplier<ResultStore> store,
            Device device,
            List<Device> replicas,
            ClipJudges judges) {
        this.judges = judges;
        this.folders = folders;
        this.models = new TrainerModels(families, folders, fingerprints, store, device);
        this.device = device;
        this.replicas = List.copyOf(replicas);
    }

    /** With every family, for a command that trains without a farm. */
    public static AlignStage local(
            ModelFolders folders, ResultStore store, List<Device> devices, ClipJudges judges) {
        return new AlignStage(
                GeneratorFamilies.all(),
                folders,
                FileFingerprints.ofUser(),
                () -> store,
                devices.get(0),
                devices.subList(1, devices.size()),
                judges);
    }

    @Override
    public StageName name() {
        return StageName.ALIGN;
    }

    @Override
    public int version() {
        return VERSION;
    }

    @Override
    public LoadKey loadKey(StageConfig config) {
        return models.key((AlignConfig) config);
    }

    @Override
    public Fingerprint fingerprint(LoadKey key) {
        return key instanceof JudgeKey judge
                ? models.fingerprint(judge)
                : models.fingerprint((AlignKey) key);
    }

    /**
     * As much as generating at the model's default size takes on this device: a worker on a small
     * GPU starts, and a training that needs more ends with OUT_OF_DEVICE_MEMORY.
     */
    @Override
    public Needs needs(LoadKey loadKey, StageConfig config) {
        if (loadKey instanceof JudgeKey judge) {
            return models.needs(judge);
        }
        var key = (AlignKey) loadKey;
        return key.model()
                .needs(
                        key.model().settings(CandidateConfig.defaults(), null),
                        key.weights(),
                        "auto",
                        device);
    }

    @Override
    public void load(LoadKey key, Device where) {
        if (key instanceof AlignKey wanted) {
            TrainerModels.trainable(wanted.model());
        } else {
            QwenModel.check(((JudgeKey) key).folder());
        }
        if (where.isCuda()) {
            // Gradients need a kernel that gives them; libtorch's own order prefers another one.
            AttentionBackend.prefer(AttentionBackend.FASTEST_FIRST);
        }
        loaded = key;
    }

    @Override
    public List<Outcome<AlignResult>> run(List<AlignRequest> requests, StageContext context) {
        TorchRuntime.threads(context.cores());
        var outcomes = new ArrayList<Outcome<AlignResult>>();
        for (var request : requests) {
            outcomes.add(run(request, context));
        }
        return outcomes;
    }

    private Outcome<AlignResult> run(AlignRequest request, StageContext context) {
        var key = Objects.requireNonNull(loaded, "run was called before load");
        try {
            return key instanceof JudgeKey judge
                    ? judged(judge, request, context)
                    : trained((AlignKey) key, request, context);
        } catch (StageException e) {
            // What is wrong with a training's configuration is the request's, not this process's.
            return e.code() == FailureCode.INVALID_CONFIG
                    ? new Outcome.Failed<>(
                            FailureCode.INVALID_SAMPLE, String.valueOf(e.getMessage()), e, null)
                    : Outcome.failed(e);
        }
    }

    private Outcome<AlignResult> judged(JudgeKey key, AlignRequest request, StageContext context) {
        String base = models.fingerprint(key).sha256();
        requireFits(request, AlignConfig.JUDGE_FAMILY, key.folder(), base);
        String inputKey = InputKey.of(VERSION, request, base, key.precision());
        return new JudgeAlign(key, base, context).run(request, inputKey);
    }

    private Outcome<AlignResult> trained(AlignKey key, AlignRequest request, StageContext context) {
        String base = models.base(key.model());
        requireFits(request, key.model().family(), key.model().folder(), base);
        judges.check(request.config().judged(), folders, device);
        Training.requireNoise(key, request.config());
        ParentAdapter.check(
                request,
                new BaseModel(key.model().family(), base),
                TrainerModels.trainable(key.model())::fileWord,
                Training.lora(key, request.config()),
                context);
        long begin = System.nanoTime();
        var pairs =
                RequestedPairs.of(
                        request, key.model().family(), context.store(), context.scratch());
        var encoded = encoded(pairs, key, base, request.config().steps(), context);
        if (encoded.isEmpty()) {
            return new Outcome.Returned<>("cancelled while pairs were encoded");
        }
        long encodeMillis = (System.nanoTime() - begin) / 1_000_000;
        String inputKey = InputKey.of(VERSION, request, fingerprint(key).sha256(), key.precision());
        boolean preferring = request.config().beta() > 0;
        var history = new StepHistory(context.store(), inputKey, context.scratch(), preferring);
        var devices = new ArrayList<Device>();
        devices.add(context.device());
        devices.addAll(replicas);
        begin = System.nanoTime();
        var ended =
                new Training(
                                key,
                                request.config(),
                                request.parent(),
                                context,
                                new StoreCheckpoints(context.store(), inputKey, context.scratch()),
                                history,
                                devices)
                        .run(encoded.get());
        if (ended.files().isEmpty()) {
            return new Outcome.Returned<>(
                    "stopped after step %d of %d; the state is stored"
                            .formatted(ended.step(), request.config().steps()));
        }
        long trainMillis = (System.nanoTime() - begin) / 1_000_000;
        begin = System.nanoTime();
        var result = result(key, base, request, pairs, ended, history, inputKey, context);
        if (result.isEmpty()) {
            return new Outcome.Returned<>(
                    "cancelled while the adapter was compared with its base; its training is stored");
        }
        long compareMillis = (System.nanoTime() - begin) / 1_000_000;
        return new Outcome.Success<>(
                result.get(),
                Map.of("encode", encodeMillis, "train", trainMillis, "compare", compareMillis));
    }

    private static void requireFits(AlignRequest request, String family, Path folder, String base) {
        if (!request.family().isEmpty() && !request.family().equals(family)) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH,
                    "the training %s is for a generator of family %s, but %s is of family %s"
                            .formatted(request.name(), request.family(), folder, family));
        }
        if (!request.baseFingerprint().isEmpty() && !request.baseFingerprint().equals(base)) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH,
                    "the training %s is for a generator with the fingerprint %s, but %s has %s; name the generator that the pairs were made with"
                            .formatted(request.name(), request.baseFingerprint(), folder, base));
        }
    }

    /** The pairs to learn from, encoded; empty if the context was cancelled. */
    private static Optional<TrainingPairs> encoded(
            RequestedPairs pairs, AlignKey key, String base, int steps, StageContext context) {
        var files = new ArrayList<Path>();
        var ids = new StringBuilder(base);
        try (var encoding = new PairEncoding(key.model(), base, context)) {
            for (var pair : pairs.split().training()) {
                if (context.cancelled()) {
                    return Optional.empty();
                }
                files.add(encoding.file(pair, pairs.all().indexOf(pair) + 1));
                ids.append(' ').append(pair.id());
                if (pair.loser().seed() != null) {
                    ids.append('/').append(pair.loser().seed());
                }
                context.progress(0, 0, steps, Map.of("encodedPairs", (double) files.size()));
            }
        }
        return Optional.of(new FilePairs(files, Sha256.of(ids.toString())));
    }

    /** The result; empty if the context was cancelled while the adapter was compared. */
    private Optional<AlignResult> result(
            AlignKey key,
            String base,
            AlignRequest request,
            RequestedPairs pairs,
            Training.Ended ended,
            StepHistory history,
            String inputKey,
            StageContext context) {
        var store = context.store();
        var curves = new LinkedHashMap<String, BlobRef>();
        Path folder = folder(context.scratch());
        BlobRef events;
        try (var file = EventFile.create(folder, request.name(), Clock.systemUTC())) {
            var drawn = new TrainingCurves(file, List.of());
            history.reports().forEach(drawn::add);
            drawn.draw(folder);
            events = store.putBlob(file.file(), MEDIA_TYPE);
        }
        for (String name : CURVES) {
            Path picture = folder.resolve(name + ".png");
            if (Files.exists(picture)) {
                curves.put(name, store.putBlob(picture, "image/png"));
            }
        }
        var figures = new LinkedHashMap<>(history.figures());
        var state = AdapterState.CANDIDATE;
        String reason = "not compared with its base: no sample was held out";
        BlobRef report = null;
        if (!pairs.split().heldOut().isEmpty() && request.config().compareSamples() > 0) {
            var compared =
                    new HeldOutComparison(key, request.config(), context, folder, judges, folders)
                            .run(
                                    request.name(),
                                    pairs.split().heldOut(),
                                    models.adapter(key.model(), ended.files()));
            if (compared.isEmpty()) {
                return Optional.empty();
            }
            var verdict = compared.get().verdict();
            state = verdict.accepted() ? AdapterState.ACCEPTED : AdapterState.REJECTED;
            reason = verdict.reason();
            report =
                    store.putBlob(
                            HeldOutComparison.zipped(
                                    folder, context.scratch().resolve("report.zip")),
                            "application/zip");
            compared.get()
                    .comparison()
                    .changes()
                    .forEach(
                            (metric, change) -> {
                                figures.put("base." + metric, change.base().mean());
                                figures.put("adapter." + metric, change.adapter().mean());
                            });
        }
        return Optional.of(
                new AlignResult(
                        key.model().family(),
                        base,
                        ended.files(),
                        request.config(),
                        request.parent(),
                        pairs.stored(request, store),
                        pairs.split().training().size(),
                        pairs.split().heldOut().size(),
                        (int) ended.step(),
                        figures,
                        curves,
                        events,
                        "drafts/" + inputKey,
                        state,
                        reason,
                        report));
    }

    private static Path folder(Path scratch) {
        try {
            return Files.createDirectories(scratch.resolve("curves"));
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.OUT_OF_DISK,
                    "cannot make a folder in " + scratch + ": " + e.getMessage(),
                    e);
        }
    }

    @Override
    public void unload() {
        loaded = null;
    }

    @Override
    public void close() {
        models.close();
    }
}
