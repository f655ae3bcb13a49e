package dev.reelrank.generator;

import dev.reelrank.diffusion.Conditioning;
import dev.reelrank.diffusion.GenerationListener;
import dev.reelrank.diffusion.GenerationSettings;
import dev.reelrank.diffusion.PausedFile;
import dev.reelrank.diffusion.PromptInput;
import dev.reelrank.generators.GeneratorFamilies;
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
import dev.reelrank.pipeline.stage.InputKey;
import dev.reelrank.pipeline.stage.LoadKey;
import dev.reelrank.pipeline.stage.Needs;
import dev.reelrank.pipeline.stage.Outcome;
import dev.reelrank.pipeline.stage.Stage;
import dev.reelrank.pipeline.stage.StageContext;
import dev.reelrank.pipeline.store.ResultStore;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.TorchRuntime;
import dev.reelrank.video.Images;
import dev.reelrank.worker.models.FileFingerprints;
import dev.reelrank.worker.models.ModelFolders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Generates candidates with any of the generator families. Requests for the same prompt and image
 * share their encoding, so the seeds of a sample cost one text and one image encoding together.
 */
public final class GeneratorStage implements Stage<CandidateRequest, CandidateResult> {
    /** 3: WebP and 16-bit references are read as Pillow reads them. */
    private static final int VERSION = 3;

    private final Device device;
    private final GeneratorModels models;
    private final FileFingerprints fingerprints;
    private @Nullable LoadedGenerator loaded;
    private @Nullable GeneratorKey wanted;
    private @Nullable Shared shared;

    /** What the last request's prompt and image became, and what they were. */
    private record Shared(String key, Conditioning conditioning) {}

    /**
     * @param store holds the files of adapters; asked when a configuration names one
     * @param device what {@code auto} precision and the needs are meant for; the device that {@link
     *     #load} is called with
     */
    public GeneratorStage(
            GeneratorFamilies families,
            ModelFolders folders,
            FileFingerprints fingerprints,
            Supplier<ResultStore> store,
            Device device) {
        this.device = device;
        this.models = new GeneratorModels(families, folders, fingerprints, store, device);
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
        var candidate = (CandidateConfig) config;
        LoraNames.require(candidate);
        return models.key(candidate);
    }

    @Override
    public Fingerprint fingerprint(LoadKey key) {
        return fingerprints.of(GeneratorModels.files((GeneratorKey) key));
    }

    @Override
    public Needs needs(LoadKey key, StageConfig config) {
        var candidate = (CandidateConfig) config;
        var wanted = (GeneratorKey) key;
        return wanted.model()
                .needs(
                        wanted.model().settings(candidate, null),
                        wanted.weights(),
                        wanted.offload(),
                        device);
    }

    @Override
    public void load(LoadKey key, Device where) {
        wanted = (GeneratorKey) key;
        loaded = LoadedGenerator.load(wanted, fingerprint(key).parts(), TorchDevice.of(where));
    }

    /** What was loaded; once more, if some of it could not be loaded after {@link #load}. */
    private LoadedGenerator generator(StageContext context) {
        if (loaded == null) {
            load(Objects.requireNonNull(wanted, "run was called before load"), context.device());
        }
        return Objects.requireNonNull(loaded);
    }

    /** A GPU need not wait for files: on a CPU the same cores would do both. */
    @Override
    public boolean worksAhead() {
        return device.isCuda();
    }

    @Override
    public List<Outcome<CandidateResult>> run(
            List<CandidateRequest> requests, StageContext context) {
        TorchRuntime.threads(context.cores());
        try (var finishing = new Finishing(context, requests.size(), of -> image(of, context))) {
            for (int item = 0; item < requests.size(); item++) {
                var request = requests.get(item);
                if (item + 1 < requests.size()) {
                    finishing.expect(requests.get(item + 1));
                }
                var rest = run(item, request, context, finishing);
                if (rest != null) {
                    finishing.begin(item, rest);
                }
            }
            return finishing.outcomes();
        }
    }

    /**
     * Makes a candidate as far as the device is needed.
     *
     * @return the rest; null if it ended
     */
    private @Nullable Supplier<Outcome<CandidateResult>> run(
            int item, CandidateRequest request, StageContext context, Finishing finishing) {
        try {
            var generator = generator(context);
            long begin = System.nanoTime();
            var conditioning = condition(generator, request, finishing);
            long conditionMillis = (System.nanoTime() - begin) / 1_000_000;
            Path scratch = folder(context, item);
            var states = new PausedStates(context.store(), identity(generator, request), scratch);
            var made =
                    make(
                            generator,
                            conditioning,
                            request,
                            states,
                            finishing.looking(item),
                            scratch);
            if (made.isEmpty()) {
                finishing.ended(item, new Outcome.Returned<>("cancelled between two steps"));
                return null;
            }
            var settings = conditioning.settings();
            return () -> finished(request, settings, made.get(), states, conditionMillis, context);
        } catch (StageException e) {
            if (loaded != null && loaded.generator().failedToLoad()) {
                free();
            }
            finishing.ended(item, Outcome.failed(e));
            return null;
        }
    }

    /** Files of two candidates of a batch may be open at a time. */
    private static Path folder(StageContext context, int item) {
        Path folder = context.scratch().resolve("candidate-" + item);
        try {
            return Files.createDirectories(folder);
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.OUT_OF_DISK, "cannot create " + folder + ": " + e.getMessage(), e);
        }
    }

    private static Optional<UnfinishedVideo> make(
            LoadedGenerator generator,
            Conditioning conditioning,
            CandidateRequest request,
            PausedStates states,
            GenerationListener listener,
            Path scratch) {
        long seed = request.seed();
        var config = request.config();
        Path file = scratch.resolve("candidate-" + seed + ".mp4");
        Integer after = request.pauseAfter();
        if (after != null) {
            return generator.draft(
                    conditioning,
                    seed,
                    file,
                    config,
                    states.latest(after),
                    after,
                    states.fresh(),
                    listener);
        }
        PausedFile from = states.latest(conditioning.settings().steps());
        return from == null
                ? generator.make(conditioning, seed, file, config, null, listener)
                : generator.resume(conditioning, seed, file, config, from, listener);
    }

    /** What the finished candidate depends on, so that no other one goes on from its state. */
    private static String identity(LoadedGenerator generator, CandidateRequest request) {
        var whole =
                new CandidateRequest(
                        request.prompt(), request.image(), request.seed(), request.config());
        return InputKey.of(VERSION, whole, generator.identity(), "");
    }

    /** What needs no device: the end of the file, and its way into the store. */
    private static Outcome<CandidateResult> finished(
            CandidateRequest request,
            GenerationSettings settings,
            UnfinishedVideo video,
            PausedStates states,
            long conditionMillis,
            StageContext context) {
        try (video) {
            Integer after = request.pauseAfter();
            if (after != null) {
                states.keep(after, states.fresh());
            }
            var outcome = stored(request, settings, video.finish(), conditionMillis, context);
            if (after == null) {
                states.drop();
            }
            return outcome;
        } catch (StageException e) {
            return Outcome.failed(e);
        }
    }

    private static Outcome<CandidateResult> stored(
            CandidateRequest request,
            GenerationSettings settings,
            MadeVideo made,
            long conditionMillis,
            StageContext context) {
        Integer after = request.pauseAfter();
        var timings = new LinkedHashMap<>(made.timings());
        timings.put("condition", conditionMillis);
        long begin = System.nanoTime();
        var blob = context.store().putBlob(made.info().file(), "video/mp4");
        timings.merge("encode", (System.nanoTime() - begin) / 1_000_000, Long::sum);
        Double switchStep = made.generation().facts().get("switchStep");
        return new Outcome.Success<>(
                new CandidateResult(
                        request.seed(),
                        blob,
                        settings.width(),
                        settings.height(),
                        after == null ? settings.frames() : made.info().frames(),
                        after == null ? settings.fps() : made.info().fps(),
                        after == null ? settings.steps() : after,
                        switchStep == null ? null : switchStep.intValue(),
                        settings.guidance(),
                        settings.scheduler(),
                        settings.parameters().get("shift"),
                        made.codec().encoder(),
                        made.used(),
                        after),
                timings);
    }

    private static RgbImage image(CandidateRequest request, StageContext context) {
        return Images.read(
                context.store().fetch(Objects.requireNonNull(request.image()), context.scratch()));
    }

    private Conditioning condition(
            LoadedGenerator generator, CandidateRequest request, Finishing finishing) {
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
        RgbImage image = request.image() == null ? null : finishing.image(request);
        var model = generator.generator().model();
        var settings = model.settings(request.config(), image);
        var prompt = new PromptInput.Text(request.prompt());
        // Of a sample's image a model that sees none takes the aspect; ranking takes the rest.
        var conditioning = generator.condition(settings, prompt, model.options().seen(image));
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
        return loaded == null ? 0 : loaded.peakBytes();
    }

    @Override
    public void unload() {
        wanted = null;
        free();
    }

    private void free() {
        forget();
        if (loaded != null) {
            loaded.close();
            loaded = null;
        }
    }

    @Override
    public void close() {
        unload();
        models.close();
    }
}
