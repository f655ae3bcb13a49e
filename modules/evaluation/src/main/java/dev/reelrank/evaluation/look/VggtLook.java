package dev.reelrank.evaluation.look;

import dev.reelrank.evaluation.metric.Metric;
import dev.reelrank.evaluation.metric.Metrics;
import dev.reelrank.geometry.score.GeometryReport;
import dev.reelrank.geometry.score.GeometryVggt;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.stage.EvaluateResult.Measurement;
import dev.reelrank.video.VideoReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * VGGT: one rigid world, seen by cameras that it finds. LPIPS compares pictures, if it is there.
 */
public final class VggtLook implements Look {
    /** Ten frames of 518², their clouds and LPIPS at full size; an estimate, not measured. */
    private static final double ACTIVATIONS_GIB = 5;

    private static final long SMALL_BYTES = 200L << 20;
    private static final double SMALL_GIB = 0.5;

    private final @Nullable Path vggt;
    private final @Nullable Path lpips;

    /**
     * @param vggt folder of VGGT; null if there is none
     * @param lpips folder of LPIPS; null if there is none
     */
    public VggtLook(@Nullable Path vggt, @Nullable Path lpips) {
        this.vggt = vggt;
        this.lpips = lpips;
    }

    @Override
    public String name() {
        return "vggt";
    }

    @Override
    public List<? extends Metric<?>> metrics() {
        return Metrics.VGGT;
    }

    @Override
    public @Nullable String missing() {
        return vggt == null ? Missing.model("vggt") : null;
    }

    @Override
    public double needGib() {
        if (vggt == null) {
            return 0;
        }
        try {
            long bytes = Files.size(weights(vggt));
            return (double) bytes / (1L << 30)
                    + (bytes < SMALL_BYTES ? SMALL_GIB : ACTIVATIONS_GIB);
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.MODEL_MISSING,
                    "cannot read " + weights(vggt) + ": " + e + " (docs/geometry.md)",
                    e);
        }
    }

    private static Path weights(Path folder) {
        return folder.resolve("model.safetensors");
    }

    @Override
    public void check() {
        if (vggt != null && !Files.isRegularFile(weights(vggt))) {
            throw new StageException(
                    FailureCode.MODEL_MISSING,
                    "the folder of VGGT has no " + weights(vggt) + " (docs/geometry.md)");
        }
    }

    @Override
    public Loaded load(Wanted wanted, Device device, int cores) {
        var score = GeometryVggt.load(Missing.required(vggt), lpips, device);
        return new Loaded() {
            @Override
            public Map<String, Measurement> look(Clip clip) {
                return measure(wanted, score, clip);
            }

            @Override
            public void close() {
                score.close();
            }
        };
    }

    private static Map<String, Measurement> measure(Wanted wanted, GeometryVggt score, Clip clip) {
        GeometryReport seen;
        try (var reader = VideoReader.open(clip.video())) {
            seen = score.measure(reader.info().frames(), reader::frame);
        }
        var measured = new LinkedHashMap<>(wanted.measure(Metrics.VGGT, seen));
        if (!score.metric().equals(GeometryVggt.NAME)) {
            measured.putAll(wanted.none(List.of(Metrics.VGGT_LPIPS), Missing.model("lpips")));
        }
        return measured;
    }
}
