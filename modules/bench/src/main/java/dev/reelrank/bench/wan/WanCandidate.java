package dev.reelrank.bench.wan;

import dev.reelrank.bench.picture.PictureSize;
import dev.reelrank.diffusion.Conditioning;
import dev.reelrank.diffusion.GenerationSettings;
import dev.reelrank.diffusion.LoadSettings;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.torch.MemoryReport;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.video.BackgroundWriter;
import dev.reelrank.video.VideoSettings;
import dev.reelrank.wan.WanPipeline;
import dev.reelrank.wan.WanSnapshot;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * A whole candidate: loading, conditions, steps, decoding and the mp4.
 *
 * @param seeds of the candidates, which share the conditions; at least 1
 * @param how says precision, steps and offload mode in the table
 */
record WanCandidate(
        WanSnapshot snapshot,
        LoadSettings load,
        GenerationSettings settings,
        TorchDevice device,
        int seeds,
        String how,
        WanRows rows) {
    /** Makes it; why it could not be made is a row of the table. */
    void make(Path file) {
        try {
            measured(file);
        } catch (RuntimeException e) {
            rows.failed("candidate", how, e);
        } finally {
            device.emptyCache();
        }
    }

    private void measured(Path file) {
        MemoryReport.resetPeak(device);
        long begin = System.nanoTime();
        try (var pipeline = WanPipeline.load(snapshot, load, device)) {
            part("load", seconds(begin), MemoryReport.of(device));
            MemoryReport.resetPeak(device);
            begin = System.nanoTime();
            RgbImage picture = new PictureSize(settings.width(), settings.height()).gradient();
            try (var conditioning =
                    pipeline.condition(settings, "a small robot waters a plant", picture)) {
                device.synchronize();
                part("condition", seconds(begin), MemoryReport.of(device));
                for (var timing : conditioning.timings().entrySet()) {
                    part(timing.getKey(), timing.getValue() / 1e3, MemoryReport.of(device));
                }
                for (int seed = 1; seed <= seeds; seed++) {
                    begin = seed == 1 ? begin : System.nanoTime();
                    generate(pipeline, conditioning, seed, file, begin);
                }
            }
        }
    }

    private void generate(
            WanPipeline pipeline, Conditioning conditioning, int seed, Path file, long begin) {
        String which = seed == 1 ? "candidate" : "further seed";
        try (var writer =
                BackgroundWriter.start(
                        file, settings.width(), settings.height(), VideoSettings.h264(16))) {
            var video =
                    pipeline.generate(
                                    conditioning,
                                    seed,
                                    null,
                                    (step, of) -> System.err.println("step " + step + "/" + of),
                                    writer)
                            .orElseThrow();
            writer.finish();
            double all = seconds(begin);
            for (String name : List.of("denoise", "decode")) {
                double seconds = Objects.requireNonNull(video.timings().get(name)) / 1e3;
                var memory = Objects.requireNonNull(video.memory().get(name));
                rows.add(which + ": " + name, how, seconds, seconds, memory.allocated(), memory);
            }
            rows.add(which, how + ", to mp4", all, all, 0, MemoryReport.of(device));
        }
    }

    private void part(String name, double seconds, MemoryReport memory) {
        rows.add("candidate: " + name, how, seconds, seconds, memory.allocated(), memory);
    }

    private static double seconds(long begin) {
        return (System.nanoTime() - begin) / 1e9;
    }
}
