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
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * Finds the samples whose candidates differ, before any is decoded. The testbed's candidates of one
 * sample resemble each other so much that most comparisons are coin tosses; what the networks
 * expect after half of the steps already shows the candidate that will be unlike the others. The
 * choice between the two stays the reranker's.
 */
final class Screening implements AutoCloseable {
    /** The generator's steps. */
    static final int STEPS = 8;

    /** The generator's shift. */
    static final double SHIFT = 5;

    private static final int TAKEN = 4;
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
     * Two seeds of a sample.
     *
     * @param unlike the seed that stands out
     * @param central the seed that is most like all others
     * @param ratio how far the first one is from the middle, over the usual distance
     */
    record Found(long unlike, long central, double ratio) {}

    /** The two seeds whose candidates are worth ranking; empty where all resemble each other. */
    Optional<Found> screen(SceneSample sample, List<Long> seeds) {
        try (var scope = TensorScope.inference()) {
            var image = sample.truth().clip().frames().get(0);
            TrainingCondition condition =
                    encoder.condition(
                            sample.prompt(),
                            image,
                            SceneSample.FRAMES,
                            SceneSample.SIDE,
                            SceneSample.SIDE);
            Tensor[] expected =
                    seeds.stream()
                            .map(seed -> sampler.sample(condition, seed, false, TAKEN))
                            .toArray(Tensor[]::new);
            Tensor middle = Ops.cat(0, expected).median(0, true).get0();
            double[] distances =
                    Arrays.stream(expected).mapToDouble(e -> distance(e, middle)).toArray();
            double[] sorted = distances.clone();
            Arrays.sort(sorted);
            double ratio = sorted[sorted.length - 1] / sorted[sorted.length / 2];
            if (ratio < STANDS_OUT) {
                return Optional.empty();
            }
            return Optional.of(
                    new Found(
                            seeds.get(at(distances, sorted[sorted.length - 1])),
                            seeds.get(at(distances, sorted[0])),
                            ratio));
        }
    }

    private static int at(double[] values, double wanted) {
        for (int i = 0; i < values.length; i++) {
            if (values[i] == wanted) {
                return i;
            }
        }
        throw new IllegalArgumentException("no " + wanted);
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
