package dev.reelrank.bench.align.result;

import dev.reelrank.bench.testbed.Generator;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.lora.LoraSpec;
import dev.reelrank.diffusion.train.Trainable;
import dev.reelrank.diffusion.train.TrainingEncoder;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.torch.TorchDevice;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Pairs of the generator's own candidates, chosen by the reranker's composite; no label is used. Of
 * the samples whose candidates differ ({@link Screening}) the two candidates are generated, ranked
 * as videos, and kept as a pair if their composites differ by enough.
 */
final class RankedPairs {
    /** Candidates like all others that are ranked beside those that stand out. */
    private static final int CENTRAL = 2;

    private final Path models;
    private final Trainable trainable;
    private final Path scratch;
    private final Workers workers;
    private final double gap;
    private final Consumer<String> progress;

    /**
     * @param scratch an existing folder
     * @param gap least difference of the composites
     */
    RankedPairs(
            Path models,
            Trainable trainable,
            Path scratch,
            Workers workers,
            double gap,
            Consumer<String> progress) {
        this.models = models;
        this.trainable = trainable;
        this.scratch = scratch;
        this.workers = workers;
        this.gap = gap;
        this.progress = progress;
    }

    /** What a worker needs. */
    private record Studio(
            Screening screening,
            Generator generator,
            TrainingEncoder encoder,
            Composites composites)
            implements AutoCloseable {
        @Override
        public void close() {
            composites.close();
            encoder.close();
            generator.close();
            screening.close();
        }
    }

    private Studio open(Device place) {
        try {
            return new Studio(
                    new Screening(trainable, List.of(), place),
                    Generator.load(models, place, 0, List.<LoraSpec>of(), Precision.FP32),
                    trainable.encoder(Precision.FP32, TorchDevice.of(place)),
                    new Composites(
                            models,
                            Files.createTempDirectory(scratch, "candidates"),
                            workers.threadsEach()));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make a folder in " + scratch, e);
        }
    }

    /**
     * A second look at samples that gave a pair. How often a candidate is much worse differs
     * between samples far more than chance would have it, so these give many more pairs for the
     * same work than new samples.
     *
     * @param seeds others than before; none for no second look
     * @param perScene most pairs of one sample, so that none rules the training
     */
    record Further(List<Long> seeds, int perScene) {
        Further {
            seeds = List.copyOf(seeds);
        }
    }

    /**
     * Makes pairs until there are enough. Who found a pair looks at its sample again at once: so a
     * call that is interrupted leaves all pairs of the samples it has dealt with.
     *
     * @param samples looked at in this order; the first pairs are taken, whoever made them
     * @param seeds of the candidates
     * @return the files of the first pairs of the samples, fewer than wanted if these do not
     *     suffice
     */
    List<Path> make(
            PairFiles kept,
            List<SceneSample> samples,
            List<Long> seeds,
            int wanted,
            Further further) {
        var harvest = kept.harvest(samples, wanted);
        workers.each(
                kept.unseen(samples),
                harvest::enough,
                this::open,
                (studio, sample) -> {
                    if (look(kept, studio, sample, seeds) && !further.seeds().isEmpty()) {
                        mine(kept, studio, sample, further);
                    }
                });
        return kept.of(samples, wanted);
    }

    /**
     * Looks again at the samples that gave a pair, unless somebody did.
     *
     * @param samples in the order of {@link #make}
     * @param scenes how many of those that have a pair are looked at
     * @return the files of the further pairs
     */
    List<Path> mine(PairFiles kept, List<SceneSample> samples, int scenes, Further further) {
        workers.each(
                kept.toMine(samples, scenes),
                this::open,
                (studio, sample) -> mine(kept, studio, sample, further));
        return kept.mined(samples, scenes);
    }

    private void mine(PairFiles kept, Studio studio, SceneSample sample, Further further) {
        int looked = further.seeds().size();
        var seen = studio.screening().look(sample, further.seeds());
        var shown = new ArrayList<>(seen.unlike(further.perScene()));
        int unlike = shown.size();
        if (unlike == 0) {
            kept.mined(sample, "0 of %d stand out".formatted(looked));
            return;
        }
        shown.addAll(seen.central(CENTRAL));
        var judged = judged(studio, sample, shown);
        var best = judged.get(judged.size() - 1);
        var losers = new LinkedHashMap<Long, List<RgbImage>>();
        for (var worse : judged) {
            if (losers.size() < further.perScene() && best.composite() - worse.composite() >= gap) {
                losers.put(worse.seed(), worse.clip());
            }
        }
        kept.addMined(sample, studio.encoder(), best.clip(), losers);
        kept.mined(sample, "%d of %d stand out, %d pairs".formatted(unlike, looked, losers.size()));
        progress.accept(
                "%s again: %d of %d seeds stand out, %d pairs"
                        .formatted(sample.id(), unlike, looked, losers.size()));
    }

    /**
     * A candidate as the reranker saw it.
     *
     * @param clip as it was decoded again
     */
    private record Judged(long seed, List<RgbImage> clip, double composite) {}

    /** Generates and ranks; the worst first. */
    private static List<Judged> judged(Studio studio, SceneSample sample, List<Long> seeds) {
        var clips = studio.generator().generate(sample.prompt(), sample.image(), seeds);
        var ranked = studio.composites().rank(sample, clips);
        return IntStream.range(0, seeds.size())
                .mapToObj(
                        i ->
                                new Judged(
                                        seeds.get(i),
                                        ranked.clips().get(i),
                                        ranked.composites().get(i)))
                .sorted(Comparator.comparingDouble(Judged::composite))
                .toList();
    }

    /** Whether there is a pair. */
    private boolean look(PairFiles kept, Studio studio, SceneSample sample, List<Long> seeds) {
        var seen = studio.screening().look(sample, seeds);
        var unlike = seen.unlike(1);
        if (unlike.isEmpty()) {
            kept.none(sample, "its candidates resemble each other");
            return false;
        }
        var judged = judged(studio, sample, List.of(seen.central(1).get(0), unlike.get(0)));
        var worse = judged.get(0);
        var better = judged.get(1);
        if (better.composite() - worse.composite() < gap) {
            kept.none(sample, "the gap of the composites is below " + gap);
            return false;
        }
        kept.add(sample, worse.seed(), studio.encoder(), better.clip(), worse.clip());
        progress.accept(
                "pair %s, composites %.3f and %.3f"
                        .formatted(sample.id(), better.composite(), worse.composite()));
        return true;
    }
}
