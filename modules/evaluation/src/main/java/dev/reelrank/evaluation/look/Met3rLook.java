package dev.reelrank.evaluation.look;

import dev.reelrank.evaluation.metric.Metric;
import dev.reelrank.evaluation.metric.Metrics;
import dev.reelrank.geometry.met3r.Met3r;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.stage.EvaluateResult.Measurement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** MEt3R: DUSt3R's points with DINO's features. */
public final class Met3rLook implements Look {
    private static final double ACTIVATIONS_GIB = 1.5;

    private final @Nullable Path folder;

    /**
     * @param folder of the model; null if there is none
     */
    public Met3rLook(@Nullable Path folder) {
        this.folder = folder;
    }

    @Override
    public String name() {
        return Met3r.NAME;
    }

    @Override
    public List<? extends Metric<?>> metrics() {
        return List.of(Metrics.MET3R);
    }

    @Override
    public @Nullable String missing() {
        return folder == null ? Missing.model(Met3r.NAME) : null;
    }

    @Override
    public double needGib() {
        if (folder == null) {
            return 0;
        }
        long bytes = 0;
        for (String file : Met3r.FILES) {
            try {
                bytes += Files.size(folder.resolve(file));
            } catch (IOException e) {
                throw missing(folder, file, e);
            }
        }
        return (double) bytes / (1L << 30) + ACTIVATIONS_GIB;
    }

    @Override
    public void check() {
        if (folder == null) {
            return;
        }
        for (String file : Met3r.FILES) {
            if (!Files.isRegularFile(folder.resolve(file))) {
                throw missing(folder, file, null);
            }
        }
    }

    private static StageException missing(Path folder, String file, @Nullable Exception cause) {
        return new StageException(
                FailureCode.MODEL_MISSING,
                "the folder of MEt3R has no %s (docs/geometry.md)".formatted(folder.resolve(file)),
                cause);
    }

    @Override
    public Loaded load(Wanted wanted, Device device, int cores) {
        var model = Met3r.load(Missing.required(folder), device);
        var reel = new Reel(info -> Met3r.chosen(Math.max(1, info.frames())));
        return new Loaded() {
            @Override
            public void next(Clip clip) {
                reel.next(clip.video());
            }

            @Override
            public Map<String, Measurement> look(Clip clip) {
                var scene = reel.of(clip.video());
                var report = model.measure(scene.info().frames(), scene::frame);
                return wanted.measure(List.of(Metrics.MET3R), report);
            }

            @Override
            public void close() {
                reel.close();
                model.close();
            }
        };
    }
}
