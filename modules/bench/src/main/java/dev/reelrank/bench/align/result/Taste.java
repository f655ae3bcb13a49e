package dev.reelrank.bench.align.result;

import dev.reelrank.alignment.compare.ClipMetrics;
import dev.reelrank.bench.testbed.Generator;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.lora.LoraSpec;
import dev.reelrank.diffusion.train.Trainable;
import dev.reelrank.diffusion.train.TrainingEncoder;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.torch.TorchDevice;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/** A simulated user who always prefers the candidate in which less moves, and selects it. */
final class Taste {
    private final Path models;
    private final Trainable trainable;
    private final Workers workers;
    private final Consumer<String> progress;

    Taste(Path models, Trainable trainable, Workers workers, Consumer<String> progress) {
        this.models = models;
        this.trainable = trainable;
        this.workers = workers;
        this.progress = progress;
    }

    /** What a worker needs. */
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

    /** What the user looks at: lower is better. */
    static double movement(List<RgbImage> clip) {
        return Objects.requireNonNull(
                ClipMetrics.of(clip).get(ClipMetrics.MOTION), "motion was not measured");
    }

    /** One selection per sample: the slowest candidate over the fastest. */
    List<Path> make(PairFiles kept, List<SceneSample> samples, List<Long> seeds) {
        workers.each(
                kept.unseen(samples),
                this::open,
                (studio, sample) -> {
                    var clips =
                            studio.generator()
                                    .generate(
                                            sample.prompt(),
                                            sample.truth().clip().frames().get(0),
                                            seeds);
                    var byMovement = Comparator.comparingDouble(Taste::movement);
                    var slowest = clips.stream().min(byMovement).orElseThrow();
                    var fastest = clips.stream().max(byMovement).orElseThrow();
                    kept.add(sample, studio.encoder(), slowest, fastest);
                    progress.accept("selection " + sample.id());
                });
        return kept.of(samples, samples.size());
    }
}
