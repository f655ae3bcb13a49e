package dev.reelrank.generator;

import dev.reelrank.diffusion.GenerationListener;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.config.CandidateConfig;
import dev.reelrank.pipeline.config.StageConfig;
import dev.reelrank.pipeline.stage.CandidateRequest;
import dev.reelrank.pipeline.stage.CandidateResult;
import dev.reelrank.pipeline.stage.Fingerprint;
import dev.reelrank.pipeline.stage.LoadKey;
import dev.reelrank.pipeline.stage.Needs;
import dev.reelrank.pipeline.stage.Outcome;
import dev.reelrank.pipeline.stage.Stage;
import dev.reelrank.pipeline.stage.StageContext;
import dev.reelrank.torch.MemoryReport;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.TorchFailures;
import dev.reelrank.torch.TorchRuntime;
import dev.reelrank.video.BackgroundWriter;
import dev.reelrank.video.EncodingPreset;
import dev.reelrank.video.Images;
import dev.reelrank.video.VideoCodec;
import dev.reelrank.video.VideoSettings;
import dev.reelrank.wan.Conditioning;
import dev.reelrank.wan.GenerationSettings;
import dev.reelrank.wan.MemoryPlan;
import dev.reelrank.wan.WanPipeline;
import dev.reelrank.worker.models.FileFingerprints;
import dev.reelrank.worker.models.ModelFolders;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Generates candidates with Wan2.2. Requests for the same prompt and image share their encoding, so
 * the seeds of a sample cost a text and an image encoding together.
 */
public final class GeneratorStage implements Stage<CandidateRequest, CandidateResult> {
    private static final int VERSION = 2;

    private final Device device;
    private final GeneratorModels models;
    private final FileFingerprints fingerprints;
    private @Nullable WanPipeline pipeline;
    private @Nullable Shared shared;
    private long peakBytes;

    /** What the last request's prompt and image became, and what they were. */
    private record Shared(String key, Conditioning conditioning) {}

    /**
     * @param device what {@code auto} precision and the needs are meant for; the device that {@link
     *     #load} is called with
     */
    public GeneratorStage(ModelFolders folders, FileFingerprints fingerprints, Device device) {
        this.device = device;
        this.models = new GeneratorModels(folders, device);
        this.fingerprints = fingerprints;
    }

    @Override
    public StageName name() {
        return StageName.CANDIDATE;
    }

    @Override
    public int version() {
        return VERSION;
    }

    @Override
    public LoadKey loadKey(StageConfig config) {
        return models.key((CandidateConfig) config);
    }

    @Override
    public Fingerprint fingerprint(LoadKey key) {
        return fingerprints.of(GeneratorModels.files((GeneratorKey) key));
    }

    @Override
    public Needs needs(StageConfig config) {
        var candidate = (CandidateConfig) config;
        var snapshot = models.snapshot();
        var settings = CandidateSettings.of(candidate, snapshot, null);
        var plan = MemoryPlan.of(snapshot, Precision.parse(candidate.precision(), device));
        return plan.needs(settings, candidate.offload(), device);
    }

    @Override
    public int maxBatch() {
        return 1;
    }

    @Override
    public void load(LoadKey key, Device where) {
        var wanted = (GeneratorKey) key;
        var torch = TorchDevice.of(where);
        MemoryReport.resetPeak(torch);
        pipeline =
                TorchFailures.named(
                        "load " + key,
                        torch,
                        () ->
                                WanPipeline.load(
                                        GeneratorModels.snapshot(wanted),
                                        GeneratorModels.settings(wanted, torch),
                                        torch));
        peakBytes = MemoryReport.of(torch).peak();
    }

    @Override
    public List<Outcome<CandidateResult>> run(
            List<CandidateRequest> requests, StageContext context) {
        TorchRuntime.threads(context.cores());
        var outcomes = new ArrayList<Outcome<CandidateResult>>();
        for (int item = 0; item < requests.size(); item++) {
            outcomes.add(run(item, requests.get(item), context));
        }
        return outcomes;
    }

    private Outcome<CandidateResult> run(int item, CandidateRequest request, StageContext context) {
        var loaded = Objects.requireNonNull(pipeline, "run was called before load");
        try {
            long begin = System.nanoTime();
            return TorchFailures.named(
                    "generate a candidate",
                    loaded.device(),
                    () -> {
                        Conditioning conditioning = condition(loaded, request, context);
                        long conditionMillis = millisSince(begin);
                        peakBytes = Math.max(peakBytes, MemoryReport.of(loaded.device()).peak());
                        return generated(
                                item, request, loaded, conditioning, conditionMillis, context);
                    });
        } catch (StageException e) {
            return Outcome.failed(e);
        }
    }

    private Outcome<CandidateResult> generated(
            int item,
            CandidateRequest request,
            WanPipeline loaded,
            Conditioning conditioning,
            long conditionMillis,
            StageContext context) {
        var config = request.config();
        GenerationSettings settings = conditioning.settings();
        double fps = CandidateSettings.fps(config, loaded.snapshot());
        var codec = config.codec().equals("h264") ? VideoCodec.H264 : VideoCodec.H265;
        Path file = context.scratch().resolve("candidate-" + request.seed() + ".mp4");
        try (var writer =
                BackgroundWriter.start(
                        file,
                        settings.width(),
                        settings.height(),
                        new VideoSettings(codec, config.crf(), EncodingPreset.MEDIUM, fps))) {
            var generation =
                    loaded.generate(
                            conditioning, request.seed(), null, listener(item, context), writer);
            if (generation.isEmpty()) {
                return new Outcome.Returned<>("cancelled between two steps");
            }
            generation
                    .get()
                    .memory()
                    .values()
                    .forEach(memory -> peakBytes = Math.max(peakBytes, memory.peak()));
            var timings = new LinkedHashMap<>(generation.get().timings());
            timings.put("condition", conditionMillis);
            long begin = System.nanoTime();
            writer.finish();
            var blob = context.store().putBlob(file, "video/mp4");
            timings.put("encode", millisSince(begin));
            return new Outcome.Success<>(
                    new CandidateResult(
                            request.seed(),
                            blob,
                            settings.width(),
                            settings.height(),
                            settings.frames(),
                            fps,
                            settings.steps(),
                            generation.get().switchStep(),
                            settings.guidance(),
                            settings.scheduler(),
                            settings.shift(),
                            codec.encoder()),
                    timings);
        }
    }

    private static long millisSince(long begin) {
        return (System.nanoTime() - begin) / 1_000_000;
    }

    private static GenerationListener listener(int item, StageContext context) {
        return new GenerationListener() {
            @Override
            public void step(int step, int of) {
                context.progress(item, step, of);
            }

            @Override
            public boolean cancelled() {
                return context.cancelled();
            }
        };
    }

    private Conditioning condition(
            WanPipeline loaded, CandidateRequest request, StageContext context) {
        // Everything but the seed decides it.
        String key =
                request.prompt()
                        + "\0"
                        + (request.image() == null ? "" : request.image().sha256())
                        + "\0"
                        + request.config().withSeed(0);
        if (shared != null && shared.key().equals(key)) {
            return shared.conditioning();
        }
        forget();
        RgbImage image =
                request.image() == null
                        ? null
                        : Images.read(context.store().fetch(request.image(), context.scratch()));
        if (image != null && !loaded.snapshot().imageToVideo()) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    loaded.snapshot().folder()
                            + " makes videos from text alone, but the sample has an image");
        }
        var settings = CandidateSettings.of(request.config(), loaded.snapshot(), image);
        var conditioning = loaded.condition(settings, request.prompt(), image);
        shared = new Shared(key, conditioning);
        return conditioning;
    }

    private void forget() {
        if (shared != null) {
            shared.conditioning().close();
            shared = null;
        }
    }

    /** The most of all parts since loading; each part's own peak is counted from its beginning. */
    @Override
    public long peakDeviceBytes() {
        return peakBytes;
    }

    @Override
    public void unload() {
        forget();
        if (pipeline != null) {
            pipeline.close();
            pipeline = null;
        }
    }

    @Override
    public void close() {
        unload();
    }
}
