package dev.reelrank.bench;

import com.sun.management.OperatingSystemMXBean;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.config.RankingConfig;
import dev.reelrank.reranker.RankingStage;
import dev.reelrank.reranker.report.RankingReport;
import dev.reelrank.video.EncodingPreset;
import dev.reelrank.video.VideoSettings;
import dev.reelrank.video.VideoWriter;
import dev.reelrank.worker.DeviceGrowth;
import dev.reelrank.worker.health.ProcessMemory;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Times the ranking of made-up videos, from opening the files to the winner. */
final class RankSpeed {
    private final RankingStage stage;
    private final int width;
    private final int height;
    private final int frames;
    private final int candidates;
    private final @Nullable Path kept;

    /**
     * @param kept where the videos stay, null to remove them
     */
    RankSpeed(
            RankingStage stage,
            int width,
            int height,
            int frames,
            int candidates,
            @Nullable Path kept) {
        this.kept = kept;
        this.stage = stage;
        this.width = width;
        this.height = height;
        this.frames = frames;
        this.candidates = candidates;
    }

    /**
     * @param load seconds to load the models
     * @param warmUp seconds of the first ranking
     * @param seconds of the fastest ranking after it
     * @param cpuSeconds of all threads in that one; on a busy machine the better figure
     * @param parts milliseconds of that one by part; decoding and resizing go on beside the models
     *     and show only as waiting
     * @param maskUsed whether the reference's mask was used, so that frames were segmented
     * @param loadedGib resident memory of the process once the models are loaded, GiB
     * @param residentGib most resident memory of the process from start to end, GiB
     * @param deviceGib what came into use of the GPU since before the models were loaded, GiB; 0 on
     *     the CPU
     */
    record Speed(
            String device,
            int threads,
            int candidates,
            String size,
            int frames,
            int scoredFrames,
            int maskFrames,
            double load,
            double warmUp,
            double seconds,
            double cpuSeconds,
            Map<String, Long> parts,
            boolean maskUsed,
            double loadedGib,
            double residentGib,
            double deviceGib) {
        String table() {
            var text = new StringBuilder();
            text.append(
                    String.format(
                            Locale.ROOT,
                            "%d candidates of %d frames in %s on %s, %d threads; %d scored, %d"
                                    + " segmented (mask used: %s)%n",
                            candidates,
                            frames,
                            size,
                            device,
                            threads,
                            scoredFrames,
                            maskFrames,
                            maskUsed));
            text.append(
                    String.format(
                            Locale.ROOT,
                            "ranking %.3f s, %.2f CPU seconds (first %.3f s, models loaded in %.1f s),"
                                    + " resident at most %.2f GiB (%.2f once loaded), %.2f GiB of"
                                    + " the GPU%n",
                            seconds,
                            cpuSeconds,
                            warmUp,
                            load,
                            residentGib,
                            loadedGib,
                            deviceGib));
            parts.forEach(
                    (part, millis) ->
                            text.append(
                                    String.format(Locale.ROOT, "  %-16s %6d ms%n", part, millis)));
            return text.toString();
        }
    }

    /** The configuration that ships, without pictures. */
    static RankingConfig shipped() {
        return RankingConfig.defaults().withExplain(false);
    }

    /** Default weights; every mask counts, whatever random weights draw. */
    static RankingConfig config(int scored, int maskFrames, double instanceThreshold) {
        return shipped().withFrames(scored, maskFrames).withEveryMask(instanceThreshold);
    }

    /**
     * @param growth since before the models were loaded
     */
    Speed run(
            int scored,
            int maskFrames,
            int repeat,
            String device,
            int threads,
            double load,
            DeviceGrowth growth)
            throws IOException {
        double loadedGib = gib(ProcessMemory.residentBytes());
        var folder = kept == null ? Files.createTempDirectory("reelrank-bench-rank") : kept;
        var videos = new ArrayList<Path>();
        try {
            for (int i = 0; i < candidates; i++) {
                videos.add(write(folder.resolve("seed" + i + ".mp4"), i));
            }
            double threshold = stage.instanceThresholdFor(frame(0, 0), "ring", 2);
            var config = config(scored, maskFrames, threshold);
            double warmUp = Double.NaN;
            double best = Double.POSITIVE_INFINITY;
            double cpu = Double.NaN;
            RankingReport fastest = null;
            for (int i = 0; i <= repeat; i++) {
                long start = System.nanoTime();
                long cpuStart = cpuNanos();
                var report =
                        stage.rankFiles(
                                frame(0, 0),
                                "A ring turns.",
                                "ring",
                                videos,
                                IntStream.range(0, candidates).toArray(),
                                config,
                                (done, of) -> {});
                double seconds = (System.nanoTime() - start) / 1e9;
                if (i == 0) {
                    warmUp = seconds;
                }
                if (i == Math.min(1, repeat) || (i > 0 && seconds < best)) {
                    best = seconds;
                    cpu = (cpuNanos() - cpuStart) / 1e9;
                    fastest = report;
                }
            }
            growth.look();
            Objects.requireNonNull(fastest, "repeat is negative");
            return new Speed(
                    device,
                    threads,
                    candidates,
                    width + "x" + height,
                    frames,
                    scored,
                    maskFrames,
                    load,
                    warmUp,
                    best,
                    cpu,
                    fastest.timings(),
                    fastest.mask().used(),
                    loadedGib,
                    gib(ProcessMemory.peakBytes()),
                    growth.mostBytes() / (double) (1L << 30));
        } finally {
            if (kept == null) {
                for (var video : videos) {
                    Files.deleteIfExists(video);
                }
                Files.deleteIfExists(folder);
            }
        }
    }

    private Path write(Path file, int seed) {
        var settings = VideoSettings.h264(16).withPreset(EncodingPreset.VERYFAST);
        try (var writer = VideoWriter.open(file, width, height, settings)) {
            for (int t = 0; t < frames; t++) {
                writer.write(frame(seed, t));
            }
            return writer.finish().file();
        }
    }

    /** Textured discs that drift over a gradient: something to decode, resize and segment. */
    private RgbImage frame(int seed, int t) {
        var random = new Random(7);
        var rgb = new byte[width * height * 3];
        var discs = new double[6][];
        for (int i = 0; i < discs.length; i++) {
            discs[i] =
                    new double[] {
                        random.nextDouble() * width + t * (random.nextDouble() - 0.5) * 6 + seed,
                        random.nextDouble() * height + t * (random.nextDouble() - 0.5) * 4,
                        (0.05 + 0.12 * random.nextDouble()) * height,
                        random.nextInt(256),
                        random.nextInt(256),
                        random.nextInt(256)
                    };
        }
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int at = (y * width + x) * 3;
                rgb[at] = (byte) (x * 200 / width);
                rgb[at + 1] = (byte) (y * 200 / height);
                rgb[at + 2] = (byte) 90;
                for (var disc : discs) {
                    double dx = x - disc[0];
                    double dy = y - disc[1];
                    if (dx * dx + dy * dy < disc[2] * disc[2]) {
                        int grain = ((x >> 3) + (y >> 3)) % 2 * 30;
                        for (int c = 0; c < 3; c++) {
                            rgb[at + c] = (byte) Math.max(0, disc[3 + c] - grain);
                        }
                    }
                }
            }
        }
        return new RgbImage(width, height, rgb);
    }

    private static long cpuNanos() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
                ? system.getProcessCpuTime()
                : 0;
    }

    /** NaN where the system does not say. */
    private static double gib(long bytes) {
        return bytes == 0 ? Double.NaN : bytes / (double) (1L << 30);
    }
}
