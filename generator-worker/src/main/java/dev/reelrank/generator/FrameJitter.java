package dev.reelrank.generator;

import dev.reelrank.diffusion.GenerationListener;
import dev.reelrank.diffusion.Generator;
import dev.reelrank.diffusion.PromptInput;
import dev.reelrank.generators.GeneratorFamilies;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.config.CandidateConfig;
import dev.reelrank.pipeline.store.ResultStore;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.worker.models.FileFingerprints;
import dev.reelrank.worker.models.ModelFolders;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes a smooth video flicker as Video-DPO's second way does: every frame is generated again for
 * itself, from the same prompt, at a given strength and with a seed of its own. What is in a frame
 * stays, how it is drawn changes from frame to frame.
 *
 * <p>A model that makes videos from images is given the frame itself as the image. Keeps the
 * generator of the last configuration loaded. Used from one thread.
 */
public final class FrameJitter implements AutoCloseable {
    private static final long SEEDS_BETWEEN_VIDEOS = 1_000_003;

    private final GeneratorModels models;
    private final Device device;
    private final double strength;
    private @Nullable GeneratorKey key;
    private @Nullable Generator generator;

    /**
     * @param store holds the files of adapters; asked when a configuration names one
     * @param strength share of the steps that are computed again, above 0 and at most 1; at least
     *     one step is
     */
    public FrameJitter(
            ModelFolders folders, Supplier<ResultStore> store, Device device, double strength) {
        this.models =
                new GeneratorModels(
                        GeneratorFamilies.all(), folders, FileFingerprints.ofUser(), store, device);
        this.device = device;
        this.strength = strength;
    }

    /**
     * The spoilt frames; the given ones stay as they are.
     *
     * @param made how the video was generated
     * @param prompt that it was generated from
     * @param frames of the video
     * @param seed of the video's noise
     * @throws dev.reelrank.pipeline.StageException MODEL_MISSING, MODEL_MISMATCH of a family that
     *     cannot make one frame again, INVALID_CONFIG for a strength out of range
     */
    public List<RgbImage> spoil(
            CandidateConfig made, String prompt, List<RgbImage> frames, long seed) {
        var open = generator(made);
        var first = frames.get(0);
        var single = made.withSize(first.width(), first.height(), 1);
        var spoilt = new ArrayList<RgbImage>();
        for (int i = 0; i < frames.size(); i++) {
            var image = open.model().options().seen(frames.get(i));
            var settings = open.model().settings(single, image);
            try (var conditioning = open.condition(settings, new PromptInput.Text(prompt), image)) {
                spoilt.add(
                        open.again(
                                        conditioning,
                                        List.of(frames.get(i)),
                                        strength,
                                        (seed * SEEDS_BETWEEN_VIDEOS + i) & Long.MAX_VALUE,
                                        GenerationListener.NONE)
                                .orElseThrow()
                                .frames()
                                .get(0));
            }
        }
        return spoilt;
    }

    private Generator generator(CandidateConfig made) {
        var wanted = models.key(made);
        if (generator == null || !wanted.equals(key)) {
            close(generator);
            generator = null;
            var settings =
                    wanted.model()
                            .loadSettings(
                                    wanted.weights(),
                                    wanted.offload(),
                                    wanted.loras(),
                                    TorchDevice.of(device));
            generator = wanted.model().load(settings, TorchDevice.of(device));
            key = wanted;
        }
        return generator;
    }

    private static void close(@Nullable Generator generator) {
        if (generator != null) {
            generator.close();
        }
    }

    @Override
    public void close() {
        close(generator);
        generator = null;
        models.close();
    }
}
