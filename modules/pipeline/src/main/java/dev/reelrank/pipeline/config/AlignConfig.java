package dev.reelrank.pipeline.config;

import dev.reelrank.pipeline.InKeyWhenSet;
import dev.reelrank.pipeline.NotInKey;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * How an adapter is trained on preference pairs.
 *
 * @param model the generator's folder under the models root; null for the default, {@code wan};
 *     {@code qwen} for the vision-language model that judges
 * @param loras merged into the frozen weights, and so part of the reference; null for those of the
 *     model's own defaults
 * @param precision of the frozen weights: auto (float32 on the CPU, bfloat16 on a GPU), fp32, bf16,
 *     fp8-weights or bf16-weights; of the vision-language model auto, fp32, bf16 or int4
 * @param networks that are trained, by the names of their folders; empty for all
 * @param rank of the adapter, 1..1024
 * @param alpha over the rank, the factor of the adapter's changes; above 0
 * @param dropout share of an adapter's inputs that a step leaves out, 0 up to 1
 * @param targets the linear layers that are adapted; empty for those of the generator family
 * @param seed of everything random
 * @param steps of the optimizer, 1..1000000
 * @param learningRate after the warm-up, above 0
 * @param schedule constant or cosine
 * @param warmup steps in which the learning rate rises, 0..steps
 * @param weightDecay of AdamW, at least 0
 * @param loss sigmoid or hinge
 * @param beta how strongly the adapter is held to the base; 0 for plain fine-tuning on the winners,
 *     which needs {@code supervised} above 0
 * @param factor of beta: 1, or 0.5 as in Diffusion-DPO's code
 * @param labelSmoothing share of pairs that are taken to be the wrong way round, 0 up to 0.5
 * @param supervised weight of the winner's own error, at least 0
 * @param timesteps uniform, or schedule: only those of the model's own inference schedule, as a
 *     distilled base needs
 * @param pairsPerStep pairs whose gradients are added before the optimizer steps, 1..4096
 * @param clip longest gradient, above 0
 * @param checkpointEvery steps between two stored states, at least 1
 * @param memory recomputed (keep only the inputs of blocks) or kept (faster, takes more memory)
 * @param heldOut share of the samples that are not trained on, 0 up to 1
 * @param compareSamples held-out samples that base and adapter are compared on, at most so many; 0
 *     for no comparison
 * @param compareSeeds seeds of each, 1..64
 * @param target the figure that the adapter must improve to be accepted: warping_error,
 *     warping_error_gradient, warping_error_compensated, frame_difference (all lower), motion, or
 *     one of {@link #GUARDS} (all higher)
 * @param motionTolerance share of the base's motion that may be lost, 0..1
 * @param guards further figures that must not fall: by how much each may, 0..1; {@link #GUARDS}
 *     says which there are
 * @param scheduleSteps with timesteps {@code schedule}: only these steps of it, counted from 0;
 *     empty for all
 * @param ownNoise share of the passes that see the noise which the pair's loser was generated from,
 *     0..1; null for none. Where candidates of a sample differ by noise alone, other noise seldom
 *     shows the fault
 * @param reference what the winner's and the loser's errors are measured against: {@code off}, the
 *     network with its adapters off; {@code copy}, a copy of the adapter as the training began, so
 *     the parent where there is one; null for off
 */
public record AlignConfig(
        @NotInKey @Nullable String model,
        @Nullable List<CandidateConfig.Lora> loras,
        String precision,
        List<String> networks,
        int rank,
        double alpha,
        double dropout,
        List<String> targets,
        long seed,
        int steps,
        double learningRate,
        String schedule,
        int warmup,
        double weightDecay,
        String loss,
        double beta,
        double factor,
        double labelSmoothing,
        double supervised,
        String timesteps,
        int pairsPerStep,
        double clip,
        @NotInKey int checkpointEvery,
        String memory,
        double heldOut,
        int compareSamples,
        int compareSeeds,
        String target,
        double motionTolerance,
        @InKeyWhenSet Map<String, Double> guards,
        @InKeyWhenSet List<Integer> scheduleSteps,
        @InKeyWhenSet @Nullable Double ownNoise,
        @InKeyWhenSet @Nullable String reference)
        implements StageConfig {
    /**
     * Figures of other models than the generator, 0..1 each, that a comparison may be guarded by:
     * likeness to the reference image, the ranking's composite, and the grade's score.
     */
    public static final List<String> GUARDS = List.of("identity", "composite", "grade");

    /** {@link #reference}: the network with its adapters off. */
    public static final String OFF = "off";

    /** {@link #reference}: the adapter as it was when the training began. */
    public static final String COPY = "copy";

    private static final double TINY = Double.MIN_VALUE;
    private static final String SCHEDULE = "schedule";

    /** The {@link #model} of trainings of the vision-language model, which judges videos. */
    public static final String JUDGE = "qwen";

    /** The family of that model's adapters. */
    public static final String JUDGE_FAMILY = "qwen3-vl";

    public AlignConfig {
        loras = loras == null ? null : List.copyOf(loras);
        networks = List.copyOf(networks);
        targets = List.copyOf(targets);
        oneOf(
                "align.precision",
                precision,
                List.of("auto", "fp32", "bf16", "fp8-weights", "bf16-weights", "int4"));
        Check.range("align.rank", rank, 1, 1024);
        Check.range("align.alpha", alpha, TINY, 1e6);
        Check.range("align.dropout", dropout, 0, 0.99);
        Check.range("align.steps", steps, 1, 1_000_000);
        Check.range("align.learningRate", learningRate, TINY, 1e6);
        oneOf("align.schedule", schedule, List.of("constant", "cosine"));
        Check.range("align.warmup", warmup, 0, steps);
        Check.range("align.weightDecay", weightDecay, 0, 100);
        oneOf("align.loss", loss, List.of("sigmoid", "hinge"));
        Check.range("align.beta", beta, 0, 1e9);
        Check.range("align.factor", factor, TINY, 1e3);
        Check.range("align.labelSmoothing", labelSmoothing, 0, 0.499);
        Check.that(
                loss.equals("sigmoid") || labelSmoothing == 0,
                "align.labelSmoothing",
                labelSmoothing,
                "0 with the hinge");
        Check.range("align.supervised", supervised, 0, 1e6);
        Check.that(
                beta > 0 || supervised > 0,
                "align.beta",
                beta,
                "above 0, or 0 with align.supervised above 0: then the winners alone teach");
        Check.that(
                beta > 0 || !JUDGE.equals(model),
                "align.beta",
                beta,
                "above 0 for the model that judges: it learns from both videos of a pair");
        oneOf("align.timesteps", timesteps, List.of("uniform", SCHEDULE));
        Check.range("align.pairsPerStep", pairsPerStep, 1, 4096);
        Check.range("align.clip", clip, TINY, 1e9);
        Check.range("align.checkpointEvery", checkpointEvery, 1, 1_000_000);
        oneOf("align.memory", memory, List.of("recomputed", "kept"));
        Check.range("align.heldOut", heldOut, 0, 0.99);
        Check.range("align.compareSamples", compareSamples, 0, 10_000);
        Check.range("align.compareSeeds", compareSeeds, 1, 64);
        oneOf(
                "align.target",
                target,
                List.of(
                        "warping_error",
                        "warping_error_gradient",
                        "warping_error_compensated",
                        "frame_difference",
                        "motion",
                        "identity",
                        "composite",
                        "grade"));
        Check.range("align.motionTolerance", motionTolerance, 0, 1);
        // Null in what was written before there were any.
        guards = guards == null ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(guards));
        guards.forEach(
                (name, tolerance) -> {
                    oneOf("align.guards", name, GUARDS);
                    Check.range("align.guards." + name, tolerance, 0, 1);
                });
        scheduleSteps = scheduleSteps == null ? List.of() : List.copyOf(scheduleSteps);
        for (int step : scheduleSteps) {
            Check.range("align.scheduleSteps", step, 0, 9_999);
        }
        Check.that(
                scheduleSteps.isEmpty() || timesteps.equals(SCHEDULE),
                "align.scheduleSteps",
                scheduleSteps,
                "empty, or align.timesteps must be schedule: they are steps of it");
        // What is the default is as if it had not been said: it leaves no trace in keys.
        ownNoise = ownNoise == null || ownNoise == 0 ? null : ownNoise;
        if (ownNoise != null) {
            Check.range("align.ownNoise", ownNoise, 0, 1);
        }
        reference = OFF.equals(reference) ? null : reference;
        if (reference != null) {
            oneOf("align.reference", reference, List.of(OFF, COPY));
            Check.that(
                    beta > 0,
                    "align.reference",
                    reference,
                    "off with beta 0: nothing is compared with a reference");
        }
    }

    /** Figures of other models that a comparison needs: the guards, and a target among them. */
    public Set<String> judged() {
        var judged = new TreeSet<>(guards.keySet());
        if (GUARDS.contains(target)) {
            judged.add(target);
        }
        return judged;
    }

    /** Share of the passes in the loser's own noise, 0..1. */
    public double ownNoiseShare() {
        return ownNoise == null ? 0 : ownNoise;
    }

    /** Whether only some timesteps are trained: those of the schedule. */
    public boolean ofSchedule() {
        return timesteps.equals(SCHEDULE);
    }

    /** Whether the adapter as it began is the reference. */
    public boolean copiedReference() {
        return COPY.equals(reference);
    }

    private static void oneOf(String key, String value, List<String> known) {
        Check.that(known.contains(value), key, value, "one of " + String.join(", ", known));
    }

    /**
     * Video-DPO's choices where it makes one: rank 16, alpha 32, beta 2500, learning rate 1e-5,
     * four pairs per step, 1000 steps.
     */
    public static AlignConfig defaults() {
        return new AlignConfig(
                null,
                null,
                "auto",
                List.of(),
                16,
                32,
                0,
                List.of(),
                42,
                1000,
                1e-5,
                "constant",
                0,
                0.01,
                "sigmoid",
                2500,
                1,
                0,
                0,
                "uniform",
                4,
                1,
                50,
                "recomputed",
                0.2,
                16,
                2,
                "warping_error",
                0.05,
                Map.of(),
                List.of(),
                null,
                null);
    }

    /** The same with other LoRAs merged into the base, null for those of the model's defaults. */
    public AlignConfig withLoras(@Nullable List<CandidateConfig.Lora> others) {
        return new AlignConfig(
                model,
                others,
                precision,
                networks,
                rank,
                alpha,
                dropout,
                targets,
                seed,
                steps,
                learningRate,
                schedule,
                warmup,
                weightDecay,
                loss,
                beta,
                factor,
                labelSmoothing,
                supervised,
                timesteps,
                pairsPerStep,
                clip,
                checkpointEvery,
                memory,
                heldOut,
                compareSamples,
                compareSeeds,
                target,
                motionTolerance,
                guards,
                scheduleSteps,
                ownNoise,
                reference);
    }
}
