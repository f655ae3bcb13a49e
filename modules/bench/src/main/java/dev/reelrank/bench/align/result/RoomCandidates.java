package dev.reelrank.bench.align.result;

import dev.reelrank.bench.align.result.CandidateFiles.Candidate;
import dev.reelrank.bench.testbed.Generator;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.lora.LoraSpec;
import dev.reelrank.diffusion.train.Trainable;
import dev.reelrank.diffusion.train.TrainingEncoder;
import dev.reelrank.pipeline.Device;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Tensor;

/** Makes the generator's own candidates of rooms, measures and encodes them. */
final class RoomCandidates {
    /** A line of progress for so many prompts. */
    private static final int TOLD = 10;

    private final Path models;
    private final Trainable trainable;
    private final Workers workers;
    private final CandidateFiles kept;
    private final Consumer<String> progress;

    /**
     * @param models a folder with {@code wan}
     * @param kept takes what is made
     */
    RoomCandidates(
            Path models,
            Trainable trainable,
            Workers workers,
            CandidateFiles kept,
            Consumer<String> progress) {
        this.models = models;
        this.trainable = trainable;
        this.workers = workers;
        this.kept = kept;
        this.progress = progress;
    }

    private record Studio(Generator generator, TrainingEncoder encoder) implements AutoCloseable {
        @Override
        public void close() {
            generator.close();
            encoder.close();
        }
    }

    private Studio open(Device place) {
        return new Studio(
                Generator.load(models, place, 0, List.<LoraSpec>of(), Precision.FP32),
                trainable.encoder(Precision.FP32, TorchDevice.of(place)));
    }

    /** Makes the candidates that are missing. */
    void make(List<RoomSample> samples, List<Long> seeds) {
        var missing = samples.stream().filter(s -> !kept.seen(s)).toList();
        progress.accept(
                "candidates: %d of %d prompts are there"
                        .formatted(samples.size() - missing.size(), samples.size()));
        long begin = System.nanoTime();
        var done = new AtomicInteger();
        workers.each(
                missing,
                this::open,
                (studio, sample) -> {
                    look(studio, sample, seeds);
                    int now = done.incrementAndGet();
                    if (now % TOLD == 0 || now == missing.size()) {
                        progress.accept(
                                "candidates: %d of %d prompts, %.1f s"
                                        .formatted(
                                                samples.size() - missing.size() + now,
                                                samples.size(),
                                                (System.nanoTime() - begin) / 1e9));
                    }
                });
    }

    private void look(Studio studio, RoomSample sample, List<Long> seeds) {
        var shown = sample.look();
        var clips = studio.generator().generate(sample.prompt(), shown.image(), seeds);
        var found = new ArrayList<Candidate>();
        try (var scope = TensorScope.inference()) {
            var latents = new ArrayList<Tensor>();
            for (int k = 0; k < clips.size(); k++) {
                var figures = shown.figures().apply(clips.get(k));
                found.add(new Candidate(sample.id(), seeds.get(k), figures));
                latents.add(studio.encoder().latents(clips.get(k)));
            }
            var condition =
                    studio.encoder()
                            .condition(
                                    sample.prompt(),
                                    shown.image(),
                                    Sample.FRAMES,
                                    Sample.SIDE,
                                    Sample.SIDE);
            kept.add(sample, condition, latents, found);
        }
    }
}
