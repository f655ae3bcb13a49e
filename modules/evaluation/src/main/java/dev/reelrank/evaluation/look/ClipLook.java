package dev.reelrank.evaluation.look;

import dev.reelrank.evaluation.metric.Metric;
import dev.reelrank.evaluation.metric.Metrics;
import dev.reelrank.evaluation.metric.Views;
import dev.reelrank.perception.ClipModel;
import dev.reelrank.perception.OnnxFolder;
import dev.reelrank.perception.PerceptionSettings;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.stage.EvaluateResult.Measurement;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** CLIP: identity, consistency, and what the prompt says. */
public final class ClipLook implements Look {
    private static final double ACTIVATIONS_GIB = 0.5;

    private final @Nullable Path folder;

    /**
     * @param folder of the model; null if there is none
     */
    public ClipLook(@Nullable Path folder) {
        this.folder = folder;
    }

    @Override
    public String name() {
        return "clip";
    }

    @Override
    public List<? extends Metric<?>> metrics() {
        return Metrics.CLIP;
    }

    @Override
    public @Nullable String missing() {
        return folder == null ? Missing.model("clip") : null;
    }

    @Override
    public double needGib() {
        return folder == null
                ? 0
                : 2.0 * OnnxFolder.open(folder, "clip").bytes() / (1L << 30) + ACTIVATIONS_GIB;
    }

    @Override
    public void check() {
        if (folder != null) {
            OnnxFolder.open(folder, "clip").verify();
        }
    }

    @Override
    public Loaded load(Wanted wanted, Device device, int cores) {
        var model = ClipModel.load(Missing.required(folder), new PerceptionSettings(device, cores));
        var reel = new Reel(Film.spread(wanted.frames()));
        return new Loaded() {
            @Override
            public void next(Clip clip) {
                reel.next(clip.video());
            }

            @Override
            public Map<String, Measurement> look(Clip clip) {
                var frames = model.embedImages(reel.of(clip.video()).frames());
                var reference = model.embedImages(List.of(clip.reference())).get(0);
                float[] text = clip.prompt().isBlank() ? null : model.embedText(clip.prompt());
                return wanted.measure(
                        Metrics.CLIP, new Views.Clip(new Views(reference, frames), text));
            }

            @Override
            public void close() {
                reel.close();
                model.close();
            }
        };
    }
}
