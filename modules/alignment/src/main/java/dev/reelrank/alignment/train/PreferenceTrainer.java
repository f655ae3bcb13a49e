package dev.reelrank.alignment.train;

import dev.reelrank.diffusion.train.TrainableModel;
import dev.reelrank.diffusion.train.TrainableNetwork;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.MemoryReport;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.TorchFailures;
import dev.reelrank.torch.train.AdamW;
import dev.reelrank.torch.train.GradientNorm;
import dev.reelrank.torch.train.GradientSum;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToDoubleFunction;

/**
 * Trains the adapters of a generator on preference pairs.
 *
 * <p>Each step trains one network: a generator with two experts trains them in turn, each on its
 * own range of noise with an optimizer of its own. A step's pairs are passed one by one and their
 * gradients added; with several replicas they run side by side, with the same result.
 *
 * <p>A reference that is a copy of the adapters is taken when the trainer is made: a parent's
 * values must be in the adapters by then.
 *
 * <p>A training that finds a checkpoint of its own goes on from it. One that has ended, was stopped
 * or failed leaves its last good state in a checkpoint.
 */
public final class PreferenceTrainer implements AutoCloseable {
    private final List<TrainableModel> replicas;
    private final TrainingPairs pairs;
    private final TrainingConfig config;
    private final Checkpoints checkpoints;
    private final Path scratch;
    private final Draws draws;
    private final Map<String, AdamW> optimizers = new LinkedHashMap<>();
    private final List<ReferencePass> references = new ArrayList<>();

    /**
     * @param replicas one per device, of equal weights and with adapters of equal seeds; stay the
     *     caller's. The adapters of the first are the result
     * @param scratch an existing folder for files on their way to the checkpoints
     */
    public PreferenceTrainer(
            List<TrainableModel> replicas,
            TrainingPairs pairs,
            TrainingConfig config,
            Checkpoints checkpoints,
            Path scratch) {
        this(
                replicas,
                pairs,
                config,
                checkpoints,
                scratch,
                new SeededDraws(
                        config.seed(),
                        pairs.size(),
                        config.passes(),
                        config.timesteps(),
                        config.ownNoise()));
    }

    PreferenceTrainer(
            List<TrainableModel> replicas,
            TrainingPairs pairs,
            TrainingConfig config,
            Checkpoints checkpoints,
            Path scratch,
            Draws draws) {
        if (pairs.size() == 0) {
            throw new StageException(
                    FailureCode.INVALID_SAMPLE, "there is no pair to train on: make pairs first");
        }
        this.replicas = List.copyOf(replicas);
        this.pairs = pairs;
        this.config = config;
        this.checkpoints = checkpoints;
        this.scratch = scratch;
        this.draws = draws;
        for (var replica : this.replicas) {
            references.add(ReferencePass.of(config.reference(), replica));
        }
        for (var network : networks()) {
            optimizers.put(
                    network.name(), new AdamW(network.adapters().tensors(), config.optimizer()));
        }
    }

    /**
     * How a training ended.
     *
     * @param step steps done
     * @param complete false if the listener stopped it
     */
    public record Outcome(long step, boolean complete) {}

    private List<TrainableNetwork> networks() {
        return replicas.get(0).networks();
    }

    private String identity() {
        var text = new StringBuilder(config.fingerprint()).append(" pairs ");
        text.append(pairs.fingerprint());
        for (var network : networks()) {
            text.append(' ').append(network.name()).append(' ');
            text.append(network.adapters().config());
        }
        return text.toString();
    }

    /**
     * Trains to the end, or until the listener stops it.
     *
     * @throws StageException INVALID_CONFIG naming the step when a number is not finite, or when
     *     the checkpoints are of another training; INVALID_SAMPLE naming the pair when one is
     *     damaged; OUT_OF_DISK, OUT_OF_DEVICE_MEMORY. What was stored stays
     */
    public Outcome run(TrainingListener listener) {
        TorchDevice device = networks().get(0).device();
        return TorchFailures.named(
                "train on " + pairs.size() + " pairs", device, () -> train(listener));
    }

    private Outcome train(TrainingListener listener) {
        var state = new TrainingState(networks(), optimizers, identity());
        long step = resumed(state, listener);
        try (var running =
                new Replicas(replicas, references, pairs, config.loss(), config.memory())) {
            for (int network = 0; network < networks().size(); network++) {
                running.share(network);
            }
            boolean goingOn = true;
            while (goingOn && step < config.steps()) {
                StepReport report = step(running, step);
                step++;
                goingOn = listener.step(report);
                if (!goingOn || step == config.steps() || step % config.checkpointEvery() == 0) {
                    store(state, step);
                    listener.stored(step);
                }
            }
            return new Outcome(step, step >= config.steps());
        }
    }

    private long resumed(TrainingState state, TrainingListener listener) {
        for (var stored : checkpoints.newestFirst()) {
            try {
                long step = state.read(stored.file());
                listener.resumed(step);
                return step;
            } catch (TrainingState.DamagedException e) {
                listener.damaged(stored.step(), String.valueOf(e.getMessage()));
            }
        }
        return 0;
    }

    private void store(TrainingState state, long step) {
        Path file = scratch.resolve("state-" + step + ".safetensors");
        try {
            state.write(file, step);
            checkpoints.store(step, file);
            Files.delete(file);
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.OUT_OF_DISK,
                    "cannot delete " + file + ": " + String.valueOf(e.getMessage()),
                    e);
        } catch (StageException e) {
            try {
                // What does not fit must not stay in the way.
                Files.deleteIfExists(file);
            } catch (IOException leftover) {
                e.addSuppressed(leftover);
            }
            throw e;
        }
    }

    private StepReport step(Replicas running, long step) {
        long begin = System.nanoTime();
        int index = (int) (step % networks().size());
        TrainableNetwork network = networks().get(index);
        MemoryReport.resetPeak(network.device());
        var wanted = new ArrayList<Draw>();
        for (int pass = 0; pass < config.passes(); pass++) {
            wanted.add(draws.draw(network, step, pass));
        }
        double rate = config.learningRate().at((int) step);
        try (var sum = new GradientSum(network.device())) {
            var taught = running.run(index, wanted, sum);
            for (int pass = 0; pass < taught.size(); pass++) {
                requireFinite(step, taught.get(pass), wanted.get(pass));
            }
            double norm = GradientNorm.limit(sum.gradients().values(), config.clip());
            if (!Double.isFinite(norm)) {
                throw diverged(step, "the gradient's length is " + norm);
            }
            Objects.requireNonNull(optimizers.get(network.name())).step(sum.gradients(), rate);
            running.share(index);
            network.device().synchronize();
            return report(step, network, taught, norm, rate, begin);
        }
    }

    private void requireFinite(long step, PairPass.Taught taught, Draw draw) {
        if (!Double.isFinite(taught.loss().loss())) {
            throw diverged(
                    step,
                    "the loss on the pair %s at timestep %.1f is %s"
                            .formatted(
                                    pairs.name(draw.pair()),
                                    draw.timestep(),
                                    taught.loss().loss()));
        }
    }

    private StageException diverged(long step, String what) {
        var stored = checkpoints.newestFirst();
        return new StageException(
                FailureCode.INVALID_CONFIG,
                "the training stopped at step %d of %d: %s. %s. Use a lower learning rate or a smaller beta"
                        .formatted(
                                step + 1,
                                config.steps(),
                                what,
                                stored.isEmpty()
                                        ? "Nothing was stored before"
                                        : "The checkpoint of step "
                                                + stored.get(0).step()
                                                + " is kept"));
    }

    private StepReport report(
            long step,
            TrainableNetwork network,
            List<PairPass.Taught> taught,
            double norm,
            double rate,
            long begin) {
        return new StepReport(
                step + 1,
                config.steps(),
                network.name(),
                mean(taught, t -> t.loss().loss()),
                mean(taught, t -> t.loss().winnerReward()),
                mean(taught, t -> t.loss().loserReward()),
                mean(taught, t -> t.loss().correct() ? 1 : 0),
                mean(taught, t -> t.errors().winner()),
                mean(taught, t -> t.errors().referenceWinner()),
                mean(taught, t -> t.errors().loser()),
                mean(taught, t -> t.errors().referenceLoser()),
                mean(taught, PairPass.Taught::timestep),
                norm,
                rate,
                (System.nanoTime() - begin) / 1e9,
                MemoryReport.of(network.device()));
    }

    private static double mean(
            List<PairPass.Taught> taught, ToDoubleFunction<PairPass.Taught> figure) {
        return taught.stream().mapToDouble(figure).average().orElse(Double.NaN);
    }

    /** Frees optimizers and copies; the models stay. */
    @Override
    public void close() {
        references.forEach(ReferencePass::close);
        references.clear();
        optimizers.values().forEach(AdamW::close);
        optimizers.clear();
    }
}
