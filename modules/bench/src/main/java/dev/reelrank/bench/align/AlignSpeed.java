package dev.reelrank.bench.align;

import dev.reelrank.alignment.loss.PreferenceLoss;
import dev.reelrank.alignment.train.Checkpoints;
import dev.reelrank.alignment.train.LatentPair;
import dev.reelrank.alignment.train.PreferenceTrainer;
import dev.reelrank.alignment.train.StepReport;
import dev.reelrank.alignment.train.Timesteps;
import dev.reelrank.alignment.train.TrainingConfig;
import dev.reelrank.alignment.train.TrainingPairs;
import dev.reelrank.bench.wan.Architecture;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.text.TextContext;
import dev.reelrank.diffusion.train.TrainingCondition;
import dev.reelrank.diffusion.train.TrainingSettings;
import dev.reelrank.torch.MemoryReport;
import dev.reelrank.torch.Noise;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.train.AdamW;
import dev.reelrank.torch.train.BlockPass;
import dev.reelrank.torch.train.LearningRate;
import dev.reelrank.torch.train.LoraConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Trains one expert with random weights on one random pair, step after step, and times it. */
final class AlignSpeed {
    private static final String NETWORK = "transformer_2";
    private static final int TOKENS = 512;

    private final TorchDevice device;
    private final Architecture architecture;
    private final LoraConfig lora;
    private final BlockPass.Memory memory;

    /**
     * One measurement.
     *
     * @param load seconds to make and place the weights
     * @param first seconds of the first step, with whatever is set up in it
     * @param step mean seconds of the steps after it
     * @param loss of each step
     * @param baseBytes of the frozen weights
     * @param trained numbers that are trained
     * @param memory of the device, with the peak over all steps
     */
    record Measurement(
            double load,
            double first,
            double step,
            List<Double> loss,
            long baseBytes,
            long trained,
            MemoryReport memory) {}

    AlignSpeed(
            TorchDevice device,
            Architecture architecture,
            LoraConfig lora,
            BlockPass.Memory memory) {
        this.device = device;
        this.architecture = architecture;
        this.lora = lora;
        this.memory = memory;
    }

    /**
     * @param steps after the first
     */
    Measurement measure(Precision precision, int width, int height, int frames, int steps) {
        var settings = new TrainingSettings(precision, List.of(), lora, 1, List.of(NETWORK), null);
        long begin = System.nanoTime();
        Path scratch = scratch();
        try (var model = architecture.snapshot().train(settings, device)) {
            device.synchronize();
            double load = (System.nanoTime() - begin) / 1e9;
            var reports = new ArrayList<StepReport>();
            try (var trainer =
                    new PreferenceTrainer(
                            List.of(model),
                            new OnePair(width, height, frames),
                            config(steps + 1),
                            new NoCheckpoints(),
                            scratch)) {
                trainer.run(reports::add);
            }
            var network = model.networks().get(0);
            long peak = reports.stream().mapToLong(r -> r.memory().peak()).max().orElseThrow();
            MemoryReport last = reports.get(reports.size() - 1).memory();
            return new Measurement(
                    load,
                    reports.get(0).seconds(),
                    reports.stream()
                            .skip(1)
                            .mapToDouble(StepReport::seconds)
                            .average()
                            .orElse(reports.get(0).seconds()),
                    reports.stream().map(StepReport::loss).toList(),
                    network.baseBytes(),
                    network.adapters().size(),
                    new MemoryReport(last.allocated(), last.reserved(), peak));
        } finally {
            device.emptyCache();
            delete(scratch);
        }
    }

    private TrainingConfig config(int steps) {
        return new TrainingConfig(
                1,
                new LearningRate(1e-4, LearningRate.Shape.CONSTANT, 0, steps),
                AdamW.Settings.DEFAULT,
                PreferenceLoss.sigmoid(2500),
                Timesteps.uniform(),
                1,
                1,
                steps,
                memory);
    }

    private static Path scratch() {
        try {
            return Files.createTempDirectory("reelrank-align");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make a temporary folder", e);
        }
    }

    private static void delete(Path folder) {
        try {
            Files.delete(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + folder, e);
        }
    }

    /** A measurement ends with its process: nothing is kept. */
    private static final class NoCheckpoints implements Checkpoints {
        @Override
        public void store(long step, Path file) {}

        @Override
        public List<Stored> newestFirst() {
            return List.of();
        }
    }

    private final class OnePair implements TrainingPairs {
        private final int width;
        private final int height;
        private final int frames;

        OnePair(int width, int height, int frames) {
            this.width = width;
            this.height = height;
            this.frames = frames;
        }

        @Override
        public int size() {
            return 1;
        }

        @Override
        public String name(int index) {
            return "random";
        }

        @Override
        public LatentPair pair(int index) {
            long rows = height / architecture.spatialFactor();
            long columns = width / architecture.spatialFactor();
            long times = architecture.latentFrames(frames);
            long channels = architecture.latentChannels();
            return new LatentPair(
                    Noise.normal(1, 1, channels, times, rows, columns),
                    Noise.normal(2, 1, channels, times, rows, columns),
                    new TrainingCondition(
                            new TextContext(Noise.normal(3, TOKENS, architecture.textDim()), 0),
                            Noise.normal(
                                    4, 1, architecture.imageChannels(), times, rows, columns)));
        }

        @Override
        public String fingerprint() {
            return "random";
        }
    }
}
