package dev.reelrank.bench.evaluate;

import dev.reelrank.bench.Hardware;
import dev.reelrank.bench.TimedVideos;
import dev.reelrank.bench.figure.FigureFile;
import dev.reelrank.evaluation.look.Clip;
import dev.reelrank.evaluation.look.ClipLook;
import dev.reelrank.evaluation.look.DinoLook;
import dev.reelrank.evaluation.look.Look;
import dev.reelrank.evaluation.look.Met3rLook;
import dev.reelrank.evaluation.look.RewardLook;
import dev.reelrank.evaluation.look.Wanted;
import dev.reelrank.geometry.met3r.Met3r;
import dev.reelrank.perception.Instance;
import dev.reelrank.perception.PerceptionSettings;
import dev.reelrank.perception.Sam3;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.config.EvaluateConfig;
import dev.reelrank.pipeline.config.RankingConfig;
import dev.reelrank.pipeline.stage.EvaluateResult.Measurement;
import dev.reelrank.ranking.SubjectPhrase;
import dev.reelrank.worker.DeviceGrowth;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How long the five metrics of the VGBE challenge, and DINOv3 with SAM3, take with random weights
 * of the published sizes: a chunk of videos, each model loaded once, one model after the other.
 */
final class FullSizeSpeed {
    private static final double GOAL_SECONDS = 6;

    /** Instances in the reference that count as the subject; the more, the more is drawn. */
    private static final int INSTANCES = 2;

    private final Path models;
    private final Device device;
    private final int cores;

    /**
     * @param models with {@code videoreward} and {@code met3r} as {@link #make} writes them, and
     *     {@code clip}, {@code dinov3}, {@code sam3} as {@code export.py --random} does; what is
     *     not there is not measured
     */
    FullSizeSpeed(Path models, Device device, int cores) {
        this.models = models;
        this.device = device;
        this.cores = cores;
    }

    /** Writes the random weights that Java can make. */
    static void make(Path models, Path tokenizer, Device device) throws IOException {
        RewardSpeed.make(models.resolve("videoreward"), tokenizer, device);
        Path met3r = Files.createDirectories(models.resolve(Met3r.NAME));
        Met3r.writeRandom(met3r, device);
    }

    /**
     * What one set of models took.
     *
     * @param load seconds, once for all videos
     * @param seconds of each video, decoding included as far as it was not done beside the video
     *     before
     * @param measured metrics that the first video got, with their values: those of random weights
     *     mean nothing, but show that work was done
     * @param notMeasured those it did not get, and why
     */
    record Took(
            double load,
            List<Double> seconds,
            Map<String, Double> measured,
            Map<String, String> notMeasured) {
        /** Of a set of models that could not be used. */
        static Took nothing(String look, String why) {
            return new Took(0, List.of(), Map.of(), Map.of(look, why));
        }

        double sum() {
            return load + seconds.stream().mapToDouble(s -> s).sum();
        }
    }

    /**
     * What it took.
     *
     * @param looks by their names; of one that failed, its name stands among what was not measured
     * @param secondsPerVideo of all looks, loading included, divided by the videos
     * @param deviceGib the most that was in use of the GPU, beyond what was before; 0 on the CPU
     * @param missed goals for one H200 that were not reached
     */
    record Speed(
            String command,
            String commit,
            String hardware,
            String size,
            int frames,
            int videos,
            Map<String, Took> looks,
            double secondsPerVideo,
            double deviceGib,
            List<String> missed) {
        /** What one set of models took, for people. */
        String line(String name) {
            Took took = Objects.requireNonNull(looks.get(name));
            return String.format(
                    Locale.ROOT,
                    "%-12s loaded in %6.2f s, then %6.3f s per video; %s, not %s%n",
                    name,
                    took.load(),
                    (took.sum() - took.load()) / videos,
                    took.measured().keySet(),
                    took.notMeasured());
        }

        String text() {
            return String.format(
                    Locale.ROOT,
                    "%.2f s per video of %d frames at %s, loading shared by %d; %.1f GiB of the"
                            + " GPU%n",
                    secondsPerVideo,
                    frames,
                    size,
                    videos,
                    deviceGib);
        }
    }

    /**
     * Measures one model after the other.
     *
     * @param soFar gets the figures again after each model, so that an interruption loses one
     */
    Speed run(int width, int height, int frames, int videos, FigureFile soFar) throws IOException {
        try (var timed = new TimedVideos(videos, width, height, frames)) {
            var clips =
                    timed.all().stream()
                            .map(v -> new Clip(v.prompt(), null, v.reference(), v.file()))
                            .toList();
            var growth = DeviceGrowth.since(device);
            var looks = new LinkedHashMap<String, Took>();
            var waiting = new ArrayList<>(looks(clips.get(0)).entrySet());
            Speed speed;
            do {
                var look = waiting.remove(0);
                looks.put(look.getKey(), took(look.getKey(), look.getValue(), clips, growth));
                speed = speed(width + "x" + height, frames, videos, looks, waiting.size(), growth);
                soFar.write(speed);
                System.out.print(speed.line(look.getKey()));
                System.out.flush();
            } while (!waiting.isEmpty());
            return speed;
        }
    }

    private Speed speed(
            String size,
            int frames,
            int videos,
            Map<String, Took> looks,
            int left,
            DeviceGrowth growth)
            throws IOException {
        double seconds = looks.values().stream().mapToDouble(Took::sum).sum() / videos;
        var missed = new ArrayList<String>();
        if (seconds > GOAL_SECONDS) {
            missed.add("at most %.0f s per video".formatted(GOAL_SECONDS));
        }
        looks.values()
                .forEach(t -> t.notMeasured().forEach((m, why) -> missed.add(m + ": " + why)));
        if (left > 0) {
            missed.add("%d models were not measured yet".formatted(left));
        }
        return new Speed(
                "reelrank bench evaluate --full-size DIR --device %s --size %s --frames %d --videos %d --threads %d"
                        .formatted(device, size, frames, videos, cores),
                Hardware.commit(),
                Hardware.of(device.toString(), cores),
                size,
                frames,
                videos,
                new LinkedHashMap<>(looks),
                seconds,
                growth.mostBytes() / (double) (1L << 30),
                missed);
    }

    private Took took(String name, Supplier<Look> made, List<Clip> clips, DeviceGrowth growth) {
        try {
            Look look = made.get();
            String missing = look.missing();
            return missing == null ? measured(look, clips, growth) : Took.nothing(name, missing);
        } catch (RuntimeException e) {
            // The other models' figures are worth having.
            return Took.nothing(name, e.toString());
        }
    }

    private Took measured(Look look, List<Clip> clips, DeviceGrowth growth) {
        var config = EvaluateConfig.defaults();
        var wanted =
                new Wanted(
                        look.metrics().stream()
                                .map(m -> m.info().name())
                                .collect(Collectors.toSet()),
                        config.frames(),
                        config.maskFrames());
        long begin = System.nanoTime();
        try (var loaded = look.load(wanted, device, cores)) {
            double load = seconds(begin);
            var each = new ArrayList<Double>();
            Map<String, Measurement> first = Map.of();
            for (int i = 0; i < clips.size(); i++) {
                begin = System.nanoTime();
                if (i + 1 < clips.size()) {
                    loaded.next(clips.get(i + 1));
                }
                var figures = loaded.look(clips.get(i));
                each.add(seconds(begin));
                first = first.isEmpty() ? figures : first;
                growth.look();
            }
            var measured = new TreeMap<String, Double>();
            var not = new TreeMap<String, String>();
            first.forEach(
                    (name, figure) -> {
                        if (figure.value() == null) {
                            not.put(name, String.valueOf(figure.reason()));
                        } else {
                            measured.put(name, figure.value());
                        }
                    });
            return new Took(load, each, measured, not);
        }
    }

    private static double seconds(long begin) {
        return (System.nanoTime() - begin) / 1e9;
    }

    private Map<String, Supplier<Look>> looks(Clip clip) {
        var looks = new LinkedHashMap<String, Supplier<Look>>();
        looks.put("clip", () -> new ClipLook(folder("clip")));
        looks.put("dinov3", () -> new DinoLook(folder("dinov3"), folder("sam3"), rules(clip)));
        looks.put("videoreward", () -> new RewardLook(folder("videoreward"), RewardSpeed.hash()));
        looks.put(Met3r.NAME, () -> new Met3rLook(folder(Met3r.NAME)));
        return looks;
    }

    private @Nullable Path folder(String name) {
        Path folder = models.resolve(name);
        return Files.isDirectory(folder) ? folder : null;
    }

    /** Such that random weights find a subject, as the published ones do. */
    private RankingConfig rules(Clip clip) {
        Path sam3 = folder("sam3");
        if (sam3 == null) {
            return RankingConfig.defaults();
        }
        RgbImage picture = clip.reference();
        String phrase = SubjectPhrase.find("", clip.prompt(), null).orElseThrow().phrase();
        try (var finder = Sam3.load(sam3, new PerceptionSettings(device, cores))) {
            var scores =
                    finder.segment(finder.prepare(picture), finder.read(phrase), 0, 0.5).stream()
                            .map(Instance::score)
                            .toList();
            double threshold =
                    scores.size() <= INSTANCES
                            ? 0
                            : (scores.get(INSTANCES - 1) + scores.get(INSTANCES)) / 2;
            return RankingConfig.defaults().withEveryMask(threshold);
        }
    }
}
