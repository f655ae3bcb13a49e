package dev.reelrank.bench.align.result;

import dev.reelrank.bench.testbed.Generator;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.lora.LoraSpec;
import dev.reelrank.diffusion.train.Trainable;
import dev.reelrank.diffusion.train.TrainingEncoder;
import dev.reelrank.pipeline.Device;
import dev.reelrank.torch.TorchDevice;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Pairs of the generator's own candidates, chosen by the reranker's composite; no label is used. Of
 * the samples whose candidates differ ({@link Screening}) the two candidates are generated, ranked
 * as videos, and kept as a pair if their composites differ by enough.
 */
final class RankedPairs {
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
     * Makes pairs until there are enough.
     *
     * @param samples looked at in this order; the first pairs are taken, whoever made them
     * @param seeds of the candidates
     * @return the files of the pairs, fewer than wanted if the samples do not suffice
     */
    List<Path> make(PairFiles kept, List<SceneSample> samples, List<Long> seeds, int wanted) {
        var harvest = kept.harvest(samples, wanted);
        workers.each(
                kept.unseen(samples),
                harvest::enough,
                this::open,
                (studio, sample) -> look(kept, studio, sample, seeds));
        return kept.of(samples, wanted);
    }

    private void look(PairFiles kept, Studio studio, SceneSample sample, List<Long> seeds) {
        var found = studio.screening().screen(sample, seeds);
        if (found.isEmpty()) {
            kept.none(sample, "its candidates resemble each other");
            return;
        }
        var clips =
                studio.generator()
                        .generate(
                                sample.prompt(),
                                sample.truth().clip().frames().get(0),
                                List.of(found.get().central(), found.get().unlike()));
        var ranked = studio.composites().rank(sample, clips);
        var c = new ArrayList<>(ranked.composites());
        if (Math.abs(c.get(0) - c.get(1)) < gap) {
            kept.none(sample, "the gap of the composites is below " + gap);
            return;
        }
        int winner = c.get(0) > c.get(1) ? 0 : 1;
        kept.add(
                sample,
                studio.encoder(),
                ranked.clips().get(winner),
                ranked.clips().get(1 - winner));
        progress.accept(
                "pair %s, composites %.3f and %.3f"
                        .formatted(sample.id(), c.get(winner), c.get(1 - winner)));
    }
}
