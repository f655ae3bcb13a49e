package dev.reelrank.evaluation.look;

import dev.reelrank.evaluation.metric.Metric;
import dev.reelrank.evaluation.metric.Metrics;
import dev.reelrank.evaluation.metric.Rewards;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.stage.EvaluateResult.Measurement;
import dev.reelrank.qwen.RewardFrames;
import dev.reelrank.qwen.VideoReward;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** VideoReward: visual quality, motion quality, text alignment. */
public final class RewardLook implements Look {
    private static final double ACTIVATIONS_GIB = 1.5;

    private final @Nullable Path folder;
    private final String template;

    /**
     * @param folder of the model; null if there is none
     */
    public RewardLook(@Nullable Path folder) {
        this(folder, VideoReward.TEMPLATE);
    }

    /**
     * With a template of one's own, for benchmarks: the scores mean nothing then.
     *
     * @param template SHA-256 of the template filled with the prompt PROMPT
     */
    public RewardLook(@Nullable Path folder, String template) {
        this.folder = folder;
        this.template = template;
    }

    @Override
    public String name() {
        return "videoreward";
    }

    @Override
    public List<? extends Metric<?>> metrics() {
        return Metrics.REWARDS;
    }

    @Override
    public @Nullable String missing() {
        return folder == null ? Missing.model("videoreward") : null;
    }

    /** On the CPU the weights have twice the size of the file. */
    @Override
    public double needGib() {
        if (folder == null) {
            return 0;
        }
        try (var files = Files.list(folder)) {
            long bytes =
                    files.filter(f -> f.toString().endsWith(".safetensors"))
                            .mapToLong(f -> f.toFile().length())
                            .sum();
            return 2.0 * bytes / (1L << 30) + ACTIVATIONS_GIB;
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.MODEL_MISSING, "cannot list " + folder + ": " + e, e);
        }
    }

    @Override
    public void check() {
        if (folder != null) {
            VideoReward.check(folder, template);
        }
    }

    @Override
    public Loaded load(Wanted wanted, Device device, int cores) {
        var model = VideoReward.load(Missing.required(folder), device, template);
        var reel =
                new Reel(
                        info ->
                                info.frames() < 2
                                        ? new int[1]
                                        : RewardFrames.indices(info.frames(), info.fps()));
        return new Loaded() {
            @Override
            public void next(Clip clip) {
                reel.next(clip.video());
            }

            @Override
            public Map<String, Measurement> look(Clip clip) {
                return wanted.measure(
                        Metrics.REWARDS, rewards(model, clip, reel.of(clip.video()).frames()));
            }

            @Override
            public void close() {
                reel.close();
                model.close();
            }
        };
    }

    private static Rewards rewards(VideoReward model, Clip clip, List<RgbImage> frames) {
        if (frames.size() < 2) {
            return Rewards.none("the video has one frame");
        }
        if (frames.size() % 2 != 0) {
            return Rewards.none("the video has fewer frames than it says");
        }
        var scores = model.judge(frames, clip.prompt());
        return new Rewards(
                scores.visual(), scores.motion(), scores.text(), "", !clip.prompt().isBlank());
    }
}
