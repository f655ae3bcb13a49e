package dev.reelrank.cogvideox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.diffusion.Conditioning;
import dev.reelrank.diffusion.GenerationListener;
import dev.reelrank.diffusion.LoadSettings;
import dev.reelrank.diffusion.PausedFile;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.PromptInput;
import dev.reelrank.diffusion.offload.Offload;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.torch.TorchDevice;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Generations that pause, are cancelled, or begin with a video. */
final class PausingIT {
    private static final long SEED = 46;
    private static final int STEPS = 5;

    private CogPipeline pipeline;
    private Conditioning sample;

    @TempDir Path folder;

    @BeforeEach
    void load() {
        pipeline =
                Fixtures.model("i2v15", folder)
                        .load(
                                new LoadSettings(Precision.FP32, Offload.NONE, List.of(), null),
                                TorchDevice.cpu());
        sample =
                pipeline.condition(
                        Fixtures.settings(48, 32, 17, STEPS, 3, "a green sea", "dpm", 0),
                        new PromptInput.Text(Fixtures.PROMPT),
                        Fixtures.image());
    }

    @AfterEach
    void close() {
        sample.close();
        pipeline.close();
    }

    private static List<byte[]> pixels(List<RgbImage> frames) {
        return frames.stream().map(RgbImage::rgb).toList();
    }

    private List<RgbImage> whole(long seed) {
        return pipeline.generate(sample, seed, GenerationListener.NONE).orElseThrow().frames();
    }

    @Test
    void shouldMakeTheSameVideoWithAndWithoutPauses() {
        var preview = new ArrayList<RgbImage>();
        var early = new PausedFile(folder.resolve("early.safetensors"), "key");
        var later = new PausedFile(folder.resolve("later.safetensors"), "key");
        pipeline.draft(sample, SEED, null, 1, early, GenerationListener.NONE, preview::add);
        assertThat(preview).hasSize(4).allMatch(frame -> frame.width() == 48);
        pipeline.draft(sample, SEED, early, 3, later, GenerationListener.NONE, preview::add);
        var steps = new ArrayList<Integer>();
        var frames = new ArrayList<RgbImage>();
        pipeline.resume(sample, SEED, later, (step, of) -> steps.add(step), frames::add);
        assertThat(steps).containsExactly(4, 5);
        assertThat(pixels(frames)).containsExactlyElementsOf(pixels(whole(SEED)));
    }

    @Test
    void shouldStopBetweenTwoSteps() {
        var steps = new ArrayList<Integer>();
        var listener =
                new GenerationListener() {
                    @Override
                    public void step(int step, int of) {
                        steps.add(step);
                    }

                    @Override
                    public boolean cancelled() {
                        return steps.size() == 2;
                    }
                };
        assertThat(pipeline.generate(sample, SEED, listener)).isEmpty();
        assertThat(steps).containsExactly(1, 2);
    }

    @Test
    void shouldComputeTheLastStepsOfAGivenVideo() {
        var given = whole(SEED);
        var steps = new ArrayList<Integer>();
        var little =
                pipeline.again(sample, given, 0.2, 7, (step, of) -> steps.add(step)).orElseThrow();
        assertThat(steps).containsExactly(STEPS);
        assertThat(little.frames()).hasSize(17);
        // The noise of this schedule is whole at its first step: nothing of the given is left.
        var all = pipeline.again(sample, given, 1, 7, GenerationListener.NONE).orElseThrow();
        assertThat(pixels(all.frames())).containsExactlyElementsOf(pixels(whole(7)));
        assertThat(pixels(little.frames())).isNotEqualTo(pixels(all.frames()));
        assertThatThrownBy(
                        () ->
                                pipeline.again(
                                        sample,
                                        given.subList(0, 9),
                                        0.2,
                                        7,
                                        GenerationListener.NONE))
                .hasMessageContaining("9 frames were given for a video of 17");
    }

    @Test
    void shouldRebuildAsManyFramesAsItGets() {
        assertThat(pipeline.reconstruct(whole(SEED))).hasSize(17);
    }
}
