package dev.reelrank.bench.align.result;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.alignment.train.TrainingConfig;
import dev.reelrank.client.config.AlignFile;
import dev.reelrank.diffusion.schedule.PredictionType;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.AlignConfig;
import dev.reelrank.torch.train.LearningRate;
import dev.reelrank.torch.train.LoraConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;

/**
 * How an adapter of the testbed's generator is trained.
 *
 * @param networks which experts, by folder
 * @param targets layers that get a LoRA
 * @param rank of the LoRA; alpha is the same
 * @param learningRate after the warm-up
 * @param decay what becomes of the learning rate after the warm-up
 * @param warmup steps in which the learning rate rises; at most a tenth of all steps
 * @param beta how strongly the reference holds
 * @param supervised weight of the winner's own error
 * @param steps optimizer steps
 * @param passes pairs per step
 * @param timesteps {@code uniform} for all, {@code schedule} for those of the generator's schedule,
 *     or some of these by their places, counted from 0: {@code 3,4}
 * @param ownNoise share of the passes with the noise that made the loser
 */
record Recipe(
        List<String> networks,
        List<String> targets,
        int rank,
        double learningRate,
        LearningRate.Shape decay,
        int warmup,
        double beta,
        double supervised,
        int steps,
        int passes,
        String timesteps,
        double ownNoise) {
    static final String HIGH = "transformer";
    static final String LOW = "transformer_2";

    /** All attention projections. */
    static final List<String> ATTENTION = List.of("to_q", "to_k", "to_v", "to_out.0");

    /** Those between the places and times of the video, not those to the prompt. */
    static final List<String> SELF_ATTENTION =
            List.of("attn1.to_q", "attn1.to_k", "attn1.to_v", "attn1.to_out.0");

    /** Every linear layer of a block. */
    static final List<String> ALL =
            List.of("to_q", "to_k", "to_v", "to_out.0", "ffn.net.0.proj", "ffn.net.2");

    private static final Map<String, List<String>> NETWORKS =
            new TreeMap<>(
                    Map.of("both", List.of(HIGH, LOW), "high", List.of(HIGH), "low", List.of(LOW)));
    private static final Map<String, List<String>> TARGETS =
            new TreeMap<>(Map.of("self", SELF_ATTENTION, "attention", ATTENTION, "all", ALL));
    static final String SCHEDULE = "schedule";
    static final String UNIFORM = "uniform";

    private static final List<String> NAMES =
            List.of(
                    "networks",
                    "targets",
                    "rank",
                    "learningRate",
                    "decay",
                    "warmup",
                    "beta",
                    "supervised",
                    "steps",
                    "pairsPerStep",
                    "timesteps",
                    "ownNoise");

    /** Steps of the warm-up that no recipe has had a reason to change. */
    static final int WARMUP = 10;

    Recipe {
        networks = List.copyOf(networks);
        targets = List.copyOf(targets);
        if (!timesteps.equals(SCHEDULE) && !timesteps.equals(UNIFORM)) {
            requirePlaces(timesteps);
        }
    }

    private static void requirePlaces(String text) {
        for (String place : text.split(",", -1)) {
            if (!place.strip().matches("\\d{1,3}")
                    || Integer.parseInt(place.strip()) >= Screening.STEPS) {
                throw new IllegalArgumentException(
                        "it may be schedule, uniform, or places of the schedule, 0 to "
                                + (Screening.STEPS - 1));
            }
        }
    }

    LoraConfig lora() {
        return new LoraConfig(rank, rank, 0, targets);
    }

    /** The same without a supervised term. */
    Recipe unsupervised() {
        return new Recipe(
                networks,
                targets,
                rank,
                learningRate,
                decay,
                warmup,
                beta,
                0,
                steps,
                passes,
                timesteps,
                ownNoise);
    }

    /**
     * The same with other values.
     *
     * @param changes by the names that {@link #write} uses; {@code networks} is {@code both},
     *     {@code high} or {@code low}, {@code targets} {@code self}, {@code attention} or {@code
     *     all}, {@code decay} {@code constant} or {@code cosine}
     * @throws StageException INVALID_CONFIG for a name or value that is none
     */
    Recipe with(Map<String, String> changes) {
        Recipe changed = this;
        for (var change : changes.entrySet()) {
            try {
                changed = changed.with(change.getKey(), change.getValue());
            } catch (IllegalArgumentException e) {
                throw new StageException(
                        FailureCode.INVALID_CONFIG,
                        "--recipe %s=%s: %s"
                                .formatted(
                                        change.getKey(),
                                        change.getValue(),
                                        String.valueOf(e.getMessage())),
                        e);
            }
        }
        return changed;
    }

    private Recipe with(String name, String value) {
        return new Recipe(
                        name.equals("networks") ? named(NETWORKS, value) : networks,
                        name.equals("targets") ? named(TARGETS, value) : targets,
                        name.equals("rank") ? Integer.parseInt(value) : rank,
                        name.equals("learningRate") ? Double.parseDouble(value) : learningRate,
                        name.equals("decay") ? LearningRate.Shape.parse(value) : decay,
                        name.equals("warmup") ? Integer.parseInt(value) : warmup,
                        name.equals("beta") ? Double.parseDouble(value) : beta,
                        name.equals("supervised") ? Double.parseDouble(value) : supervised,
                        name.equals("steps") ? Integer.parseInt(value) : steps,
                        name.equals("pairsPerStep") ? Integer.parseInt(value) : passes,
                        name.equals("timesteps") ? value : timesteps,
                        name.equals("ownNoise") ? Double.parseDouble(value) : ownNoise)
                .known(name);
    }

    private Recipe known(String name) {
        if (!NAMES.contains(name)) {
            throw new IllegalArgumentException("it may be one of " + NAMES);
        }
        return this;
    }

    private static <T> T named(Map<String, T> values, String name) {
        T value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException("it may be one of " + values.keySet());
        }
        return value;
    }

    /** What a trainer on a farm makes of the same values. */
    TrainingConfig config(long seed) {
        return TrainingConfig.of(
                align(seed),
                LatentSampler.timesteps(Screening.STEPS, Screening.SHIFT),
                PredictionType.FLOW);
    }

    /** The same as the configuration of a training. */
    private AlignConfig align(long seed) {
        boolean some = !timesteps.equals(SCHEDULE) && !timesteps.equals(UNIFORM);
        var settings = new ArrayList<String>();
        BiConsumer<String, Object> set = (key, value) -> settings.add("align." + key + "=" + value);
        set.accept("seed", seed);
        set.accept("networks", networks);
        set.accept("targets", targets);
        set.accept("rank", rank);
        set.accept("alpha", rank);
        set.accept("steps", steps);
        set.accept("learningRate", learningRate);
        set.accept("schedule", decay.id());
        set.accept("warmup", Math.min(warmup, steps / 10));
        // An adapter is small already.
        set.accept("weightDecay", 0);
        set.accept("beta", beta);
        set.accept("supervised", supervised);
        set.accept("timesteps", some ? SCHEDULE : timesteps);
        set.accept("scheduleSteps", some ? "[" + timesteps + "]" : "[]");
        set.accept("ownNoise", ownNoise);
        set.accept("pairsPerStep", passes);
        set.accept("checkpointEvery", Math.max(1, steps / 10));
        set.accept("memory", "kept");
        return AlignFile.set(settings, AlignConfig.defaults());
    }

    /** The recipe that a configuration of a training is. */
    static Recipe of(AlignConfig config) {
        var steps = config.scheduleSteps();
        return new Recipe(
                config.networks(),
                config.targets(),
                config.rank(),
                config.learningRate(),
                LearningRate.Shape.parse(config.schedule()),
                config.warmup(),
                config.beta(),
                config.supervised(),
                config.steps(),
                config.pairsPerStep(),
                steps.isEmpty()
                        ? config.timesteps()
                        : steps.stream().map(String::valueOf).collect(Collectors.joining(",")),
                config.ownNoiseShare());
    }

    void write(ObjectNode json) {
        networks.forEach(json.putArray("networks")::add);
        targets.forEach(json.putArray("targets")::add);
        json.put("rank", rank);
        json.put("learningRate", learningRate);
        json.put("decay", decay.id());
        json.put("warmup", warmup);
        json.put("beta", beta);
        json.put("supervised", supervised);
        json.put("steps", steps);
        json.put("pairsPerStep", passes);
        json.put("timesteps", timesteps.equals(SCHEDULE) ? "of the inference schedule" : timesteps);
        if (ownNoise > 0) {
            json.put("ownNoise", ownNoise);
        }
    }
}
