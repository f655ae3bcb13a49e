package dev.reelrank.bench.align;

import dev.reelrank.alignment.loss.PreferenceLoss;
import dev.reelrank.alignment.train.PreferenceTrainer;
import dev.reelrank.alignment.train.StepReport;
import dev.reelrank.alignment.train.TrainingConfig;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.train.TrainingSettings;
import dev.reelrank.torch.MemoryReport;
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

/** Trains one expert with random weights on a random pair, step after step, and times it. */
final class AlignSpeed {
    /** The expert that is trained. */
    private final List<TorchDevice> devices;

    private final int passes;
    private final Subject subject;
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

    /**
     * @param devices a replica on each
     * @param passes pairs per step, shared out among the devices
     */
    AlignSpeed(
            List<TorchDevice> devices,
            int passes,
            Subject subject,
            LoraConfig lora,
            BlockPass.Memory memory) {
        this.devices = List.copyOf(devices);
        this.passes = passes;
        this.subject = subject;
        this.lora = lora;
        this.memory = memory;
    }

    /**
     * @param steps after the first
     */
    Measurement measure(Precision precision, int width, int height, int frames, int steps) {
        var settings =
                new TrainingSettings(
                        precision, List.of(), lora, 1, List.of(subject.network()), null);
        long begin = System.nanoTime();
        Path scratch = scratch();
        try (var replicas = new LoadedReplicas(subject.weights(), settings, devices)) {
            double load = (System.nanoTime() - begin) / 1e9;
            var reports = new ArrayList<StepReport>();
            try (var trainer =
                    new PreferenceTrainer(
                            replicas.models(),
                            subject.pairs(width, height, frames),
                            config(steps + 1),
                            new NothingKept(),
                            scratch)) {
                trainer.run(reports::add);
            }
            var network = replicas.models().get(0).networks().get(0);
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
            devices.forEach(TorchDevice::emptyCache);
            delete(scratch);
        }
    }

    private TrainingConfig config(int steps) {
        return new TrainingConfig(
                1,
                new LearningRate(1e-4, LearningRate.Shape.CONSTANT, 0, steps),
                AdamW.Settings.DEFAULT,
                PreferenceLoss.sigmoid(2500),
                subject.timesteps(),
                passes,
                1,
                steps,
                0,
                TrainingConfig.Reference.OFF,
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
}
