package dev.reelrank.wan;

import dev.reelrank.diffusion.DenoisingLoop;
import dev.reelrank.diffusion.GenerationListener;
import dev.reelrank.diffusion.GenerationSettings;
import dev.reelrank.diffusion.LatentsFile;
import dev.reelrank.diffusion.PausedFile;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns noise into latents, step by step: one object per generation. */
final class Denoising implements DenoisingLoop.Network, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Denoising.class);

    /** Fact: the first step of the low-noise expert; the number of steps if it never came. */
    private static final String SWITCH_STEP = "switchStep";

    /** Fact: the share of the pairs of blocks that sparse self-attention computed. */
    private static final String KEPT_BLOCKS = "keptBlocks";

    private final KeptBlocks kept = new KeptBlocks();
    private final Experts experts;
    private final WanConditioning conditioning;
    private final GenerationSettings settings;
    private final Precision precision;
    private final DenoisingLoop loop;
    private int switchStep;
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
        this.conditioning = conditioning;
        this.settings = conditioning.settings();
        this.precision = precision;
        this.loop = new DenoisingLoop(schedulers.of(settings), device, shape(vae, settings), this);
        this.switchStep = settings.steps();
    }

    /** The timestep that the model gets at each step. */
    List<Double> timesteps() {
        return loop.timesteps();
    }

    /**
     * What Wan tells of a generation: where there are two experts, when the second one came; where
     * attention left out blocks of keys, the share that it computed.
     */
    Map<String, Double> facts() {
        var facts = new HashMap<String, Double>();
        kept.share().ifPresent(share -> facts.put(KEPT_BLOCKS, share));
        if (experts.hasTwoExperts()) {
            facts.put(SWITCH_STEP, (double) firstLowStep());
        }
        return facts;
    }

    private int firstLowStep() {
        var timesteps = loop.timesteps();
        int first = switchStep;
        for (int i = 0; i < Math.min(first, loop.resumedAfter()); i++) {
            if (expert(timesteps.get(i)) == Expert.LOW) {
                first = i;
            }
        }
        return first;
    }

    /** As {@link DenoisingLoop#run}: shape (1, channels, latent frames, height, width). */
    @Nullable Tensor run(long seed, GenerationListener listener, @Nullable LatentsFile latentsOut) {
        return made(() -> loop.run(seed, listener, latentsOut));
    }

    /** As {@link DenoisingLoop#again}. */
    @Nullable Tensor again(Tensor clean, double strength, long seed, GenerationListener listener) {
        return made(() -> loop.again(clean, strength, seed, listener));
    }

    /** As {@link DenoisingLoop#draft}. */
    @Nullable Tensor draft(
            long seed,
            @Nullable PausedFile from,
            int after,
            PausedFile to,
            GenerationListener listener) {
        return made(() -> loop.draft(seed, from, after, to, listener));
    }

    /** As {@link DenoisingLoop#resume}. */
    @Nullable Tensor resume(long seed, PausedFile paused, GenerationListener listener) {
        return made(() -> loop.resume(seed, paused, listener));
    }

    /** As {@link DenoisingLoop#clean}. */
    Tensor clean() {
        return loop.clean();
    }

    private @Nullable Tensor made(Supplier<@Nullable Tensor> steps) {
        try {
            return steps.get();
        } finally {
            release();
        }
    }

    /** Computes a step again, part by part, to say where it went wrong. */
    @Override
    public String whereNotFinite(int index, double timestep, Tensor before) {
        Expert expert = expert(timestep);
        String place = expert.folder() + " at timestep " + timestep;
        try (var scope = TensorScope.open()) {
            WanTransformer model = ready(expert);
            Tensor input = input(before);
            ExpertInput texts = Objects.requireNonNull(prompt, "the prompt was released");
            String where = firstNotFinite(index, model, input, timestep, texts);
            if (where != null) {
                return "%s of %s, for the prompt".formatted(where, place);
            }
            if (negative != null
                    && (where = firstNotFinite(index, model, input, timestep, negative)) != null) {
                return "%s of %s, for the negative prompt".formatted(where, place);
            }
            return "guidance or scheduler, after finite values of " + place;
        }
    }

    private @Nullable String firstNotFinite(
            int index, WanTransformer model, Tensor input, double timestep, ExpertInput text) {
        var watch = new FirstNotFinite();
        text.watch(watch);
        model.apply(
                        input,
                        timestep,
                        conditioning.givenFrames(),
                        text,
                        experts.visits(),
                        Sparsity.of(settings, index, kept),
                        watch)
                .close();
        return watch.part();
    }

    private static long[] shape(VaeConfig vae, GenerationSettings settings) {
        int factor = vae.spatialFactor();
        return new long[] {
            1,
            vae.latentChannels(),
            (settings.frames() - 1) / vae.temporalFactor() + 1,
            settings.height() / factor,
            settings.width() / factor
        };
    }

    @Override
    public Tensor predict(int index, double timestep, Tensor latents) {
        Expert expert = expert(timestep);
        if (expert == Expert.LOW && index < switchStep) {
            switchStep = index;
        }
        WanTransformer model = ready(expert);
        LOG.debug("step {}: timestep {}, {}", index + 1, timestep, expert.folder());
        Tensor input = input(latents);
        var sparsity = Sparsity.of(settings, index, kept);
        Tensor velocity =
                velocity(model, input, timestep, Objects.requireNonNull(prompt), sparsity);
        double guidance =
                expert == Expert.LOW
                        ? settings.parameter(WanSnapshot.GUIDANCE_LOW)
                        : settings.guidance();
        if (negative != null && guidance > 1) {
            Tensor without = velocity(model, input, timestep, negative, sparsity);
            velocity = without.add(Ops.mul(velocity.sub(without), guidance));
        }
        return Ops.to(velocity, DType.FLOAT32);
    }

    /** A given first frame took part in the steps; it stays as it was given. */
    @Override
    public Tensor finished(Tensor latents) {
        return conditioning.kept(latents);
    }

    private Tensor velocity(
            WanTransformer model,
            Tensor input,
            double timestep,
            ExpertInput text,
            Sparsity sparsity) {
        return model.apply(
                input,
                timestep,
                conditioning.givenFrames(),
                text,
                experts.visits(),
                sparsity,
                PartWatch.NONE);
    }

    private Expert expert(double timestep) {
        return experts.hasTwoExperts() && timestep < settings.parameter(WanSnapshot.BOUNDARY) * 1000
                ? Expert.LOW
                : Expert.HIGH;
    }

    private Tensor input(Tensor latents) {
        return Ops.to(conditioning.input(latents), precision.dtype());
    }

    private WanTransformer ready(Expert expert) {
        WanTransformer model = experts.get(expert);
        if (expert != current) {
            release();
            prompt = model.prompt(conditioning.prompt());
            if (conditioning.negative() != null) {
                negative = model.prompt(conditioning.negative());
            }
            current = expert;
        }
        return model;
    }

    /** Frees what was counted and what a draft predicted. */
    @Override
    public void close() {
        kept.close();
        loop.close();
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
