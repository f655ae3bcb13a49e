package dev.reelrank.bench.align.result;

import dev.reelrank.bench.testbed.Generator;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.lora.LoraSpec;
import dev.reelrank.diffusion.train.Trainable;
import dev.reelrank.pipeline.Device;
import dev.reelrank.torch.TorchDevice;
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
    private final int threads;
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
            int threads,
            double gap,
            Consumer<String> progress) {
        this.models = models;
        this.trainable = trainable;
        this.scratch = scratch;
        this.threads = threads;
        this.gap = gap;
        this.progress = progress;
    }

    /**
     * Makes pairs until there are enough.
     *
     * @param samples looked at in this order
     * @param seeds of the candidates
     * @return the files of the pairs, fewer than wanted if the samples do not suffice
     */
    List<Path> make(PairFiles kept, List<SceneSample> samples, List<Long> seeds, int wanted) {
        if (kept.all().size() >= wanted) {
            return kept.all();
        }
        try (var screening = new Screening(trainable, List.of());
                var generator = Generator.load(models, Device.CPU, 0, List.<LoraSpec>of());
                var encoder = trainable.encoder(Precision.FP32, TorchDevice.cpu());
                var composites = new Composites(models, scratch, threads)) {
            for (SceneSample sample : samples) {
                if (kept.all().size() >= wanted) {
                    break;
                }
                if (kept.seen(sample)) {
                    continue;
                }
                var found = screening.screen(sample, seeds);
                if (found.isEmpty()) {
                    kept.none(sample, "its candidates resemble each other");
                    continue;
                }
                var clips =
                        generator.generate(
                                sample.prompt(),
                                sample.truth().clip().frames().get(0),
                                List.of(found.get().central(), found.get().unlike()));
                var ranked = composites.rank(sample, clips);
                var c = new ArrayList<>(ranked.composites());
                if (Math.abs(c.get(0) - c.get(1)) < gap) {
                    kept.none(sample, "the gap of the composites is below " + gap);
                    continue;
                }
                int winner = c.get(0) > c.get(1) ? 0 : 1;
                kept.add(
                        sample,
                        encoder,
                        ranked.clips().get(winner),
                        ranked.clips().get(1 - winner));
                progress.accept(
                        "pair %d of %d: %s, composites %.3f and %.3f"
                                .formatted(
                                        kept.all().size(),
                                        wanted,
                                        sample.id(),
                                        c.get(winner),
                                        c.get(1 - winner)));
            }
        }
        return kept.all();
    }
}
