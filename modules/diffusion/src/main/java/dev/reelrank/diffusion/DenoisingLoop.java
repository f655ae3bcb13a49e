package dev.reelrank.diffusion;

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
import java.util.Objects;
import java.util.function.LongFunction;
import java.util.stream.DoubleStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Takes latents through the steps of a scheduler, whatever the network: from noise, from a video
 * that is made again, or from where a generation paused. One object per generation.
 */
public final class DenoisingLoop implements AutoCloseable {
    /** The family's network with everything that conditions it. */
    public interface Network {
        /**
         * The prediction at a step, guidance included.
         *
         * @param latents float32, not to be changed
         * @return float32, of the open scope
         */
        Tensor predict(int index, double timestep, Tensor latents);

        /**
         * Looks for the part whose values are not finite.
         *
         * @param latents that the step began with
         * @return words for a message: "They began in …"
         */
        String whereNotFinite(int index, double timestep, Tensor latents);

        /**
         * What becomes of the latents after the last step, before they are written or decoded.
         *
         * @return of the open scope
         */
        default Tensor finished(Tensor latents) {
            return latents;
        }
    }

    private final Scheduler scheduler;
    private final TorchDevice device;
    private final long[] shape;
    private final Network network;
    private final LongFunction<Tensor> noise;
    private @Nullable PausedFile drafted;
    private @Nullable Tensor clean;
    private int resumedAfter;

    /**
     * @param scheduler of this generation; closed when its steps are made
     * @param shape of the latents
     */
    public DenoisingLoop(Scheduler scheduler, TorchDevice device, long[] shape, Network network) {
        this(scheduler, device, shape, network, seed -> Noise.normal(seed, shape));
    }

    /**
     * @param noise what a seed begins with, float32, in the shape of the latents
     */
    public DenoisingLoop(
            Scheduler scheduler,
            TorchDevice device,
            long[] shape,
            Network network,
            LongFunction<Tensor> noise) {
        this.scheduler = scheduler;
        this.device = device;
        this.shape = shape.clone();
        this.network = network;
        this.noise = noise;
    }

    /** The timestep that the model gets at each step. */
    public List<Double> timesteps() {
        return DoubleStream.of(scheduler.timesteps()).boxed().toList();
    }

    /** Steps that were made before this object began; 0 unless a paused generation goes on. */
    public int resumedAfter() {
        return resumedAfter;
    }

    /**
     * Denoises from the noise of a seed.
     *
     * @param latentsOut which step's latents are written; null for none
     * @return latents, float32, of the open scope; null if cancelled
     * @throws StageException INVALID_CONFIG for latents of a step that there is not, MODEL_MISMATCH
     *     for latents that are not finite
     */
    public @Nullable Tensor run(
            long seed, GenerationListener listener, @Nullable LatentsFile latentsOut) {
        return run(0, begin(seed, null), seed, listener, latentsOut, steps());
    }

    /**
     * Denoises latents that get only as much noise as the last steps take away.
     *
     * @param given latents as {@link #run} gives them
     * @param strength share of the steps that are computed, above 0 and at most 1; at least one
     *     step is
     * @return as {@link #run}
     */
    public @Nullable Tensor again(
            Tensor given, double strength, long seed, GenerationListener listener) {
        if (!(strength > 0 && strength <= 1)) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "the strength is %s; it must be above 0 and at most 1".formatted(strength));
        }
        int first = steps() - Math.max(1, (int) (steps() * strength));
        Tensor drawn = noise(seed);
        Tensor begin =
                TensorScope.compute(
                        () ->
                                Ops.mul(given, scheduler.signal(first))
                                        .add(Ops.mul(drawn, scheduler.noise(first))));
        return run(first, begin, seed, listener, null, steps());
    }

    /**
     * Makes the first steps.
     *
     * @param from an earlier draft of fewer steps; null, or of no use: from the noise
     * @param after fewer steps than all, at least 1
     * @return latents as they stand then; null if cancelled
     * @throws StageException INVALID_CONFIG if there are not so many steps
     */
    public @Nullable Tensor draft(
            long seed,
            @Nullable PausedFile from,
            int after,
            PausedFile to,
            GenerationListener listener) {
        if (after >= steps()) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "candidate.prune.after is %d, and this generation has %d steps: compare after fewer"
                            .formatted(after, steps()));
        }
        drafted = to;
        var state = from == null ? null : from.read(after, shape).orElse(null);
        return run(start(state), begin(seed, state), seed, listener, null, after);
    }

    /** Goes on from a draft, or from the noise where that cannot be. */
    public @Nullable Tensor resume(long seed, PausedFile paused, GenerationListener listener) {
        var state = paused.read(steps(), shape).orElse(null);
        return run(start(state), begin(seed, state), seed, listener, null, steps());
    }

    /**
     * What the last step of a draft takes the video to become.
     *
     * @return as the latents; it stays with this object until {@link #close}
     */
    public Tensor clean() {
        return Objects.requireNonNull(clean, "no draft was made");
    }

    private int steps() {
        return scheduler.timesteps().length;
    }

    private Tensor noise(long seed) {
        return device.place(noise.apply(seed), DType.FLOAT32);
    }

    private int start(PausedFile.@Nullable State state) {
        resumedAfter = state == null ? 0 : state.after();
        return resumedAfter;
    }

    private Tensor begin(long seed, PausedFile.@Nullable State from) {
        if (from == null) {
            return scheduler.begin(noise(seed));
        }
        var remembered = new HashMap<String, Tensor>();
        from.remembered()
                .forEach((name, t) -> remembered.put(name, device.place(t, DType.FLOAT32)));
        scheduler.recall(from.after(), remembered);
        return device.place(from.latents(), DType.FLOAT32);
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
        scheduler.seed(seed);
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
                if (i + 1 == timesteps.length) {
                    latents = network.finished(latents);
                }
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
            scheduler.close();
        }
    }

    private Tensor step(int index, double timestep, Tensor latents, boolean last) {
        Tensor predicted = network.predict(index, timestep, latents);
        if (last) {
            clean =
                    scheduler
                            .prediction()
                            .clean(
                                    latents,
                                    predicted,
                                    scheduler.signal(index),
                                    scheduler.noise(index));
            clean.retainReference();
        }
        return scheduler.step(index, predicted, latents);
    }

    private StageException notFinite(int index, double[] timesteps, Tensor before) {
        return new StageException(
                FailureCode.MODEL_MISMATCH,
                "step %d of %d made latents that are not finite (NaN or infinite). They began in %s. Try --precision bf16 or fp32, fewer or weaker LoRAs, or less guidance"
                        .formatted(
                                index + 1,
                                timesteps.length,
                                network.whereNotFinite(index, timesteps[index], before)));
    }

    /** Frees what a draft predicted. */
    @Override
    public void close() {
        if (clean != null) {
            clean.releaseReference();
            clean = null;
        }
    }
}
