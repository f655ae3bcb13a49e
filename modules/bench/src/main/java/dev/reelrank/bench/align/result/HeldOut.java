package dev.reelrank.bench.align.result;

import dev.reelrank.alignment.compare.ComparedClip;
import dev.reelrank.alignment.compare.ReportFolder;
import dev.reelrank.bench.testbed.Generator;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.lora.LoraSpec;
import dev.reelrank.pipeline.RgbImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Clips of held-out scenes, base and adapter at equal seeds. */
final class HeldOut {
    private static final double FPS = 8;

    private final Path models;
    private final Workers workers;
    private final SideClips sides;

    /**
     * @param models the testbed's
     * @param figures keeps the figures of every clip
     */
    HeldOut(Path models, Path figures, Workers workers, Consumer<String> progress) {
        this.models = models;
        this.workers = workers;
        this.sides = new SideClips(models, figures, workers, progress);
    }

    /**
     * Makes what is missing.
     *
     * @param base LoRAs of the base
     * @param adapter LoRAs of the other side
     * @return every compared clip of these samples and seeds
     */
    List<ComparedClip> compare(
            List<? extends Sample> samples,
            List<Long> seeds,
            List<LoraSpec> base,
            List<LoraSpec> adapter) {
        var left = sides.of(samples, seeds, base, "base");
        var right = sides.of(samples, seeds, adapter, "adapter");
        var compared = new ArrayList<ComparedClip>();
        for (Sample sample : samples) {
            for (long seed : seeds) {
                var key = new SideClips.Key(sample.id(), seed);
                compared.add(
                        new ComparedClip(
                                sample.id(), seed, figures(left, key), figures(right, key)));
            }
        }
        return compared;
    }

    private static Map<String, Double> figures(
            Map<SideClips.Key, Map<String, Double>> side, SideClips.Key key) {
        return Objects.requireNonNull(side.get(key), () -> "no clip of " + key);
    }

    /**
     * Of the samples in which a metric changed most, up or down, the seed in which it did.
     *
     * @param count of samples at most
     */
    static <S extends Sample> Map<S, Long> changedMost(
            List<ComparedClip> clips, String metric, List<S> samples, int count) {
        var byId = samples.stream().collect(Collectors.toMap(Sample::id, s -> s));
        var most = new LinkedHashMap<S, Long>();
        clips.stream()
                .sorted(Comparator.comparingDouble(c -> -change(c, metric)))
                .forEach(
                        clip -> {
                            if (most.size() < count) {
                                most.putIfAbsent(
                                        Objects.requireNonNull(byId.get(clip.sample())),
                                        clip.seed());
                            }
                        });
        return most;
    }

    /** Nothing where a side has no such figure, as a clip without matches has no score. */
    private static double change(ComparedClip clip, String metric) {
        Double before = clip.base().get(metric);
        Double after = clip.adapter().get(metric);
        return before == null || after == null ? 0 : Math.abs(after - before);
    }

    /** Puts a clip of each sample side by side into the report, unless it is there. */
    void show(
            Map<? extends Sample, Long> seeds,
            List<LoraSpec> base,
            List<LoraSpec> adapter,
            ReportFolder report) {
        var missing = new LinkedHashMap<Sample, Long>();
        seeds.forEach(
                (sample, seed) -> {
                    if (!report.shows(sample.id(), seed)) {
                        missing.put(sample, seed);
                    }
                });
        var left = clips(missing, base);
        var right = clips(missing, adapter);
        missing.forEach(
                (sample, seed) ->
                        report.show(
                                sample.id(),
                                seed,
                                Objects.requireNonNull(left.get(sample)),
                                Objects.requireNonNull(right.get(sample)),
                                FPS));
    }

    private Map<Sample, List<RgbImage>> clips(Map<Sample, Long> seeds, List<LoraSpec> loras) {
        var clips = new LinkedHashMap<Sample, List<RgbImage>>();
        workers.each(
                List.copyOf(seeds.entrySet()),
                place -> Generator.load(models, place, 0, loras, Precision.FP32),
                (generator, wanted) -> {
                    Sample sample = wanted.getKey();
                    var clip =
                            generator
                                    .generate(
                                            sample.prompt(),
                                            sample.image(),
                                            List.of(wanted.getValue()))
                                    .get(0);
                    synchronized (clips) {
                        clips.put(sample, clip);
                    }
                });
        return clips;
    }
}
