package dev.reelrank.generator;

import dev.reelrank.diffusion.Conditioning;
import dev.reelrank.diffusion.Generation;
import dev.reelrank.diffusion.GenerationListener;
import dev.reelrank.diffusion.GenerationSettings;
import dev.reelrank.diffusion.Generator;
import dev.reelrank.diffusion.LatentsFile;
import dev.reelrank.diffusion.PausedFile;
import dev.reelrank.diffusion.PromptInput;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.config.CandidateConfig;
import dev.reelrank.pipeline.stage.Fingerprint;
import dev.reelrank.pipeline.stage.GeneratorUse;
import dev.reelrank.torch.MemoryReport;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.TorchFailures;
import dev.reelrank.video.BackgroundWriter;
import dev.reelrank.video.EncodingPreset;
import dev.reelrank.video.VideoCodec;
import dev.reelrank.video.VideoSettings;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A generator with its weights: makes video files, and remembers the most memory it took. The stage
 * and the command share it.
 */
final class LoadedGenerator implements AutoCloseable {
    private static final double PREVIEW_FPS = 2;

    private final Generator generator;
    private final Map<String, String> files;
    private long peakBytes;

    private LoadedGenerator(Generator generator, Map<String, String> files) {
        this.generator = generator;
        this.files = Map.copyOf(files);
        remember(MemoryReport.of(generator.device()));
    }

    /**
     * @param files what is loaded and its fingerprint, for the record
     */
    static LoadedGenerator load(GeneratorKey key, Map<String, String> files, TorchDevice device) {
        MemoryReport.resetPeak(device);
        return TorchFailures.named(
                "load " + key,
                device,
                () -> {
                    var settings =
                            key.model()
                                    .loadSettings(
                                            key.weights(), key.offload(), key.loras(), device);
                    return new LoadedGenerator(key.model().load(settings, device), files);
                });
    }

    Generator generator() {
        return generator;
    }

    /** The most device memory of all parts since loading, bytes. */
    long peakBytes() {
        return peakBytes;
    }

    /** Encodes texts and image; the caller closes what it gets, before this. */
    Conditioning condition(
            GenerationSettings settings, PromptInput prompt, @Nullable RgbImage image) {
        return TorchFailures.named(
                "encode the prompt",
                generator.device(),
                () -> {
                    var conditioning = generator.condition(settings, prompt, image);
                    remember(MemoryReport.of(generator.device()));
                    return conditioning;
                });
    }

    /** Hands the frames of a video over. */
    @FunctionalInterface
    private interface Making {
        Optional<Generation> into(Consumer<RgbImage> frames);
    }

    /** Everything that a video of this generator depends on beside the request. */
    String identity() {
        return Fingerprint.of(files).sha256()
                + " "
                + generator.settings().precision().id()
                + " "
                + (generator.device().isCuda() ? "cuda" : "cpu");
    }

    /**
     * Makes one video.
     *
     * @param file the video file to write
     * @param config codec and its quality
     * @return whose file is finished by the caller; empty if the listener cancelled it, the file is
     *     gone then
     */
    Optional<UnfinishedVideo> make(
            Conditioning conditioning,
            long seed,
            Path file,
            CandidateConfig config,
            @Nullable LatentsFile latentsOut,
            GenerationListener listener) {
        return written(
                conditioning,
                file,
                config,
                conditioning.settings().fps(),
                frames -> generator.generate(conditioning, seed, latentsOut, listener, frames));
    }

    /** The same from where it paused, or from the noise where that cannot be. */
    Optional<UnfinishedVideo> resume(
            Conditioning conditioning,
            long seed,
            Path file,
            CandidateConfig config,
            PausedFile paused,
            GenerationListener listener) {
        return written(
                conditioning,
                file,
                config,
                conditioning.settings().fps(),
                frames -> generator.resume(conditioning, seed, paused, listener, frames));
    }

    /** Makes the first steps, and a video of a few frames that shows what is to come. */
    Optional<UnfinishedVideo> draft(
            Conditioning conditioning,
            long seed,
            Path file,
            CandidateConfig config,
            @Nullable PausedFile from,
            int after,
            PausedFile to,
            GenerationListener listener) {
        return written(
                conditioning,
                file,
                config,
                PREVIEW_FPS,
                frames -> generator.draft(conditioning, seed, from, after, to, listener, frames));
    }

    private Optional<UnfinishedVideo> written(
            Conditioning conditioning,
            Path file,
            CandidateConfig config,
            double fps,
            Making making) {
        var wanted = conditioning.settings();
        return TorchFailures.named(
                "generate %d frames of %dx%d"
                        .formatted(wanted.frames(), wanted.width(), wanted.height()),
                generator.device(),
                () -> encoded(conditioning, file, config, fps, making));
    }

    private Optional<UnfinishedVideo> encoded(
            Conditioning conditioning,
            Path file,
            CandidateConfig config,
            double fps,
            Making making) {
        var wanted = conditioning.settings();
        var encoding =
                new VideoSettings(
                        config.codec().equals("h264") ? VideoCodec.H264 : VideoCodec.H265,
                        config.crf(),
                        EncodingPreset.MEDIUM,
                        fps);
        var writer = BackgroundWriter.start(file, wanted.width(), wanted.height(), encoding);
        boolean whole = false;
        try {
            var generation = making.into(writer);
            if (generation.isEmpty()) {
                return Optional.empty();
            }
            generation.get().memory().values().forEach(this::remember);
            var video =
                    new UnfinishedVideo(
                            writer,
                            encoding.codec(),
                            generation.get(),
                            used(conditioning, generation.get()));
            whole = true;
            return Optional.of(video);
        } finally {
            if (!whole) {
                writer.close();
            }
        }
    }

    private GeneratorUse used(Conditioning conditioning, Generation generation) {
        return new GeneratorUse(
                generator.model().family(),
                files,
                generator.loras(),
                generation.timesteps(),
                conditioning.settings().parameters(),
                generation.facts(),
                conditioning.promptTokens(),
                conditioning.promptTokensCut());
    }

    private void remember(MemoryReport memory) {
        peakBytes = Math.max(peakBytes, memory.peak());
    }

    @Override
    public void close() {
        generator.close();
    }
}
