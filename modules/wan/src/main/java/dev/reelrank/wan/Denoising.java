package dev.reelrank.wan;

import dev.reelrank.diffusion.GenerationListener;
import dev.reelrank.diffusion.GenerationSettings;
import dev.reelrank.diffusion.LatentsFile;
import dev.reelrank.diffusion.PausedFile;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.schedule.Scheduler;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Noise;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.DoubleStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns noise into latents, step by step: one object per generation. */
final class Denoising implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Denoising.class);

    /** Fact: the first step of the low-noise expert; the number of steps if it never came. */
    private static final String SWITCH_STEP = "switchStep";

    private final Experts experts;
    private final TorchDevice device;
    private final VaeConfig vae;
    private final WanConditioning conditioning;
    private final GenerationSettings settings;
    private final Precision precision;
    private final Scheduler scheduler;
    private int switchStep;
    private @Nullable PausedFile drafted;
    private @Nullable Tensor clean;
    private @Nullable Expert current;
    private @Nullable ExpertInput prompt;
    private @Nullable ExpertInput negative;

    Denoising(
            Experts experts,
            TorchDevice device,
            VaeConfig vae,
            WanConditioning conditioning,
            WanSchedulers schedulers,
            Precision precision) {
        this.experts = experts;
        this.device = device;
        this.vae = vae;
        this.conditioning = conditioning;
        this.settings = conditioning.settings();
        this.precision = precision;
        this.scheduler = schedulers.of(settings);
        this.switchStep = settings.steps();
    }

    /** The timestep that the model gets at each step. */
    List<Double> timesteps() {
        return DoubleStream.of(scheduler.timesteps()).boxed().toList();
    }

    /** What Wan tells of a generation: where there are two experts, when the second one came. */
    Map<String, Double> facts() {
        return experts.hasTwoExperts() ? Map.of(SWITCH_STEP, (double) switchStep) : Map.of();
    }

    /**
     * Denoises from the noise of a seed.
     *
     * @param latentsOut which step's latents are written; null for none
     * @return latents, shape (1, channels, latent frames, height, width), float32, of the open
     *     scope; null if cancelled
     */
    @Nullable Tensor run(long seed, GenerationListener listener, @Nullable LatentsFile latentsOut) {
        Tensor noise = device.place(Noise.normal(seed, shape()), DType.FLOAT32);
        return run(0, noise, seed, listener, latentsOut, settings.steps());
    }

    /**
     * Denoises latents that get only as much noise as the last steps take away.
     *
     * @param clean latents as {@link #run} gives them
     * @param strength share of the steps that are computed, above 0 and at most 1; at least one
     *     step is
     * @return as {@link #run}
     */
    @Nullable Tensor again(Tensor clean, double strength, long seed, GenerationListener listener) {
        if (!(strength > 0 && strength <= 1)) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "the strength is %s; it must be above 0 and at most 1".formatted(strength));
        }
        int all = settings.steps();
        int first = all - Math.max(1, (int) (all * strength));
        double sigma = scheduler.sigmas()[first];
        Tensor noise = device.place(Noise.normal(seed, shape()), DType.FLOAT32);
        Tensor begin =
                TensorScope.compute(() -> Ops.mul(clean, 1 - sigma).add(Ops.mul(noise, sigma)));
        return run(first, begin, seed, listener, null, all);
    }

    /**
     * Makes the first steps.
     *
     * @param from an earlier draft of fewer steps; null, or of no use: from the noise
     * @param after fewer steps than all, at least 1
     * @return latents as they stand then; null if cancelled
     * @throws StageException INVALID_CONFIG if there are not so many steps
     */
    @Nullable Tensor draft(
            long seed,
            @Nullable PausedFile from,
            int after,
            PausedFile to,
            GenerationListener listener) {
        int steps = scheduler.timesteps().length;
        if (after >= steps) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "candidate.prune.after is %d, and this generation has %d steps: compare after fewer"
                            .formatted(after, steps));
        }
        drafted = to;
        var state = from == null ? null : from.read(after, shape()).orElse(null);
        int first = state == null ? 0 : state.after();
        return run(first, start(seed, state), seed, listener, null, after);
    }

    /** Goes on from a draft, or from the noise where that cannot be. */
    @Nullable Tensor resume(long seed, PausedFile paused, GenerationListener listener) {
        int steps = scheduler.timesteps().length;
        var state = paused.read(steps, shape()).orElse(null);
        int first = state == null ? 0 : state.after();
        return run(first, start(seed, state), seed, listener, null, steps);
    }

    /**
     * What the last step of a draft takes the video to become.
     *
     * @return as the latents; it stays with this object until {@link #close}
     */
    Tensor clean() {
        return Objects.requireNonNull(clean, "no draft was made");
    }

    private @Nullable Tensor run(
            int first,
            Tensor begin,
            long seed,
            GenerationListener listener,
            @Nullable LatentsFile latentsOut,
            int end) {
        double[] timesteps = scheduler.timesteps();
        if (latentsOut != null && (latentsOut.step() < 1 || latentsOut.step() > timesteps.length)) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "latents of step %d were requested; this generation has the steps 1 to %d"
                            .formatted(latentsOut.step(), timesteps.length));
        }
        try {
            Tensor latents = begin;
            for (int i = first; i < end; i++) {
                if (listener.cancelled()) {
                    return null;
                }
                int index = i;
                Tensor before = latents;
                boolean last = drafted != null && i + 1 == end;
                latents = TensorScope.compute(() -> step(index, timesteps[index], before, last));
                if (!Ops.isFinite(latents)) {
                    throw notFinite(index, timesteps, before);
                }
                before.close();
                // The GPU works behind: a step counts when it is done, not when it is queued.
                device.synchronize();
                if (latentsOut != null && latentsOut.step() == i + 1) {
                    latentsOut.write(latents, seed);
                }
                listener.step(i + 1, timesteps.length);
            }
            if (drafted != null) {
                drafted.write(end, latents, scheduler.remembered());
            }
            return latents;
        } finally {
            release();
            scheduler.close();
        }
    }

    private Tensor start(long seed, PausedFile.@Nullable State from) {
        if (from == null) {
            return device.place(Noise.normal(seed, shape()), DType.FLOAT32);
        }
        var remembered = new HashMap<String, Tensor>();
        from.remembered()
                .forEach((name, t) -> remembered.put(name, device.place(t, DType.FLOAT32)));
        scheduler.recall(from.after(), remembered);
        double[] timesteps = scheduler.timesteps();
        for (int i = from.after() - 1; i >= 0; i--) {
            if (expert(timesteps[i]) == Expert.LOW) {
                switchStep = i;
            }
        }
        return device.place(from.latents(), DType.FLOAT32);
    }

    /** Computes a step again, part by part, to say where it went wrong. */
    private StageException notFinite(int index, double[] timesteps, Tensor before) {
        double timestep = timesteps[index];
        Expert expert = expert(timestep);
        String place = expert.folder() + " at timestep " + timestep;
        try (var scope = TensorScope.open()) {
            WanTransformer model = ready(expert);
            Tensor input = input(before);
            ExpertInput texts = Objects.requireNonNull(prompt, "the prompt was released");
            String where = firstNotFinite(model, input, timestep, texts);
            if (where != null) {
                place = "%s of %s, for the prompt".formatted(where, place);
            } else if (negative != null
                    && (where = firstNotFinite(model, input, timestep, negative)) != null) {
                place = "%s of %s, for the negative prompt".formatted(where, place);
            } else {
                place = "guidance or scheduler, after finite values of " + place;
            }
        }
        return new StageException(
                FailureCode.MODEL_MISMATCH,
                "step %d of %d made latents that are not finite (NaN or infinite). They began in %s. Try --precision bf16 or fp32, fewer or weaker LoRAs, or less guidance"
                        .formatted(index + 1, timesteps.length, place));
    }

    private @Nullable String firstNotFinite(
            WanTransformer model, Tensor input, double timestep, ExpertInput text) {
        var watch = new FirstNotFinite();
        text.watch(watch);
        model.apply(input, timestep, text, experts.visits(), watch).close();
        return watch.part();
    }

    private long[] shape() {
        int factor = vae.spatialFactor();
        return new long[] {
            1,
            vae.latentChannels(),
            (settings.frames() - 1) / vae.temporalFactor() + 1,
            settings.height() / factor,
            settings.width() / factor
        };
    }

    private Tensor step(int index, double timestep, Tensor latents, boolean last) {
        Expert expert = expert(timestep);
        if (expert == Expert.LOW && index < switchStep) {
            switchStep = index;
        }
        WanTransformer model = ready(expert);
        LOG.debug(
                "step {}: timestep {}, sigma {}, {}",
                index + 1,
                timestep,
                scheduler.sigmas()[index],
                expert.folder());
        Tensor input = input(latents);
        Tensor velocity =
                model.apply(input, timestep, Objects.requireNonNull(prompt), experts.visits());
        double guidance =
                expert == Expert.LOW
                        ? settings.parameter(WanSnapshot.GUIDANCE_LOW)
                        : settings.guidance();
        if (negative != null && guidance > 1) {
            Tensor without = model.apply(input, timestep, negative, experts.visits());
            velocity = without.add(Ops.mul(velocity.sub(without), guidance));
        }
        Tensor predicted = Ops.to(velocity, DType.FLOAT32);
        if (last) {
            double sigma = scheduler.sigmas()[index];
            clean = scheduler.prediction().clean(latents, predicted, 1 - sigma, sigma);
            clean.retainReference();
        }
        return scheduler.step(index, predicted, latents);
    }

    private Expert expert(double timestep) {
        return experts.hasTwoExperts() && timestep < settings.parameter(WanSnapshot.BOUNDARY) * 1000
                ? Expert.LOW
                : Expert.HIGH;
    }

    private Tensor input(Tensor latents) {
        return Ops.to(
                conditioning.image() == null ? latents : Ops.cat(1, latents, conditioning.image()),
                precision.dtype());
    }

    private WanTransformer ready(Expert expert) {
        WanTransformer model = experts.get(expert);
        if (expert != current) {
            release();
            prompt = model.prompt(conditioning.prompt(), experts.visits());
            if (conditioning.negative() != null) {
                negative = model.prompt(conditioning.negative(), experts.visits());
            }
            current = expert;
        }
        return model;
    }

    /** Frees what a draft predicted. */
    @Override
    public void close() {
        if (clean != null) {
            clean.releaseReference();
            clean = null;
        }
    }

    private void release() {
        if (prompt != null) {
            prompt.close();
            prompt = null;
        }
        if (negative != null) {
            negative.close();
            negative = null;
        }
    }
}
