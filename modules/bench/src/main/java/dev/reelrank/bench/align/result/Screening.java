package dev.reelrank.bench.align.result;

import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.lora.LoraSpec;
import dev.reelrank.diffusion.train.Trainable;
import dev.reelrank.diffusion.train.TrainableModel;
import dev.reelrank.diffusion.train.TrainingCondition;
import dev.reelrank.diffusion.train.TrainingEncoder;
import dev.reelrank.diffusion.train.TrainingSettings;
import dev.reelrank.pipeline.Device;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.train.LoraConfig;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;

/**
 * Finds the samples whose candidates differ, before any is decoded. The testbed's candidates of one
 * sample resemble each other so much that most comparisons are coin tosses. Of all seeds the
 * high-noise expert expects the same picture; the first step of the low-noise expert already shows
 * the candidate that will be unlike the others. So the high-noise steps are taken with one seed,
 * and of each further seed only this one step. Which of two candidates is better stays the
 * reranker's choice.
 */
final class Screening implements AutoCloseable {
    /** The generator's steps. */
    static final int STEPS = 8;

    /** The generator's shift. */
    static final double SHIFT = 5;

    /** Steps of the high-noise expert, which has the timesteps from 900 up. */
    private static final int HIGH = 3;

    private static final double STANDS_OUT = 1.6;

    private final TrainableModel model;
    private final TrainingEncoder encoder;
    private final LatentSampler sampler;

    /**
     * @param worn LoRAs that belong to the base
     * @param place where it computes
     */
    Screening(Trainable trainable, List<LoraSpec> worn, Device place) {
        var device = TorchDevice.of(place);
        encoder = trainable.encoder(Precision.FP32, device);
        // Its adapters are never on: it is loaded for training because only so it stops half-way.
        model =
                trainable.train(
                        new TrainingSettings(
                                Precision.FP32,
                                worn,
                                new LoraConfig(1, 1, 0, List.of("to_q")),
                                1,
                                List.of(),
                                null),
                        device);
        sampler = new LatentSampler(model, STEPS, SHIFT, 1, 16, 5, 16, 16);
    }

    /**
     * How much each candidate of a sample is unlike the middle of all.
     *
     * @param seeds of the candidates
     * @param ratios of each: its distance from the middle, over the usual distance
     */
    record Seen(List<Long> seeds, List<Double> ratios) {
        Seen {
            seeds = List.copyOf(seeds);
            ratios = List.copyOf(ratios);
        }

        /** The seeds that stand out, the one that does most first. */
        List<Long> unlike(int most) {
            return places().filter(i -> ratios.get(i) >= STANDS_OUT)
                    .sorted(Comparator.comparingDouble(i -> -ratios.get(i)))
                    .limit(most)
                    .map(seeds::get)
                    .toList();
        }

        /** The seeds that are most like all others. */
        List<Long> central(int most) {
            return places().sorted(Comparator.comparingDouble(ratios::get))
                    .limit(most)
                    .map(seeds::get)
                    .toList();
        }

        private Stream<Integer> places() {
            return IntStream.range(0, seeds.size()).boxed();
        }
    }

    /** Looks at the candidates of these seeds, half-way. */
    Seen look(SceneSample sample, List<Long> seeds) {
        try (var scope = TensorScope.inference()) {
            var image = sample.truth().clip().frames().get(0);
            TrainingCondition condition =
                    encoder.condition(
                            sample.prompt(),
                            image,
                            SceneSample.FRAMES,
                            SceneSample.SIDE,
                            SceneSample.SIDE);
            Tensor before = sampler.sample(condition, seeds.get(0), false, HIGH);
            Tensor[] expected =
                    seeds.stream()
                            .map(seed -> sampler.expected(condition, seed, before, HIGH))
                            .toArray(Tensor[]::new);
            Tensor middle = Ops.cat(0, expected).median(0, true).get0();
            double[] distances =
                    Arrays.stream(expected).mapToDouble(e -> distance(e, middle)).toArray();
            double[] sorted = distances.clone();
            Arrays.sort(sorted);
            double usual = sorted[sorted.length / 2];
            return new Seen(seeds, Arrays.stream(distances).map(d -> d / usual).boxed().toList());
        }
    }

    private static double distance(Tensor a, Tensor b) {
        try (var scope = TensorScope.inference()) {
            Tensor difference = a.sub(b);
            return Math.sqrt(difference.mul(difference).mean().item_double());
        }
    }

    @Override
    public void close() {
        model.close();
        encoder.close();
    }
}
