package dev.reelrank.wan;

import dev.reelrank.diffusion.LoadSettings;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.offload.BlockVisits;
import dev.reelrank.diffusion.offload.NetworkVisits;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.stage.GeneratorUse.AppliedLora;
import dev.reelrank.torch.SideStream;
import dev.reelrank.torch.SideThread;
import dev.reelrank.torch.TorchDevice;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The experts, moved to the device according to the offload mode. The second one may still be
 * loading while the first one works.
 */
final class Experts implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Experts.class);

    private final Map<Expert, Future<Loaded>> experts = new EnumMap<>(Expert.class);
    private final TorchDevice device;
    private final SideThread loader;

    /** For the copies of both: what one leaves of the GPU's memory is the other's at once. */
    private final SideStream copies;

    private @Nullable Expert present;
    private @Nullable FusedMath fused;

    /** An expert with its weights, and what LoRAs changed in them. */
    private record Loaded(WanTransformer transformer, NetworkVisits visits, List<AppliedLora> loras)
            implements AutoCloseable {
        @Override
        public void close() {
            transformer.close();
            visits.close();
        }
    }

    private Experts(TorchDevice device) {
        this.device = device;
        this.loader = new SideThread(device, "expert-loader");
        this.copies = new SideStream(device);
    }

    /**
     * Begins to load the experts, one after another, on a thread of its own.
     *
     * @return at once: {@link #awaitFirst} and {@link #awaitAll} say when they are there
     */
    static Experts load(WanSnapshot snapshot, LoadSettings settings, TorchDevice device) {
        var loading = new Experts(device);
        try {
            BlockMath math = loading.math(snapshot.transformer(), settings.precision());
            for (var expert : snapshot.experts()) {
                loading.experts.put(
                        expert,
                        loading.loader.submit(
                                () -> loading.made(expert, snapshot, settings, math)));
            }
            return loading;
        } catch (RuntimeException e) {
            loading.close();
            throw e;
        }
    }

    private Loaded made(
            Expert expert, WanSnapshot snapshot, LoadSettings settings, BlockMath math) {
        long begin = System.nanoTime();
        try (var source = snapshot.expert(expert, settings.loras())) {
            var transformer =
                    new WanTransformer(
                            snapshot.transformer(),
                            source,
                            device,
                            NetworkVisits.home(device, settings.offload()),
                            settings.precision().dtype(),
                            settings.precision().format(),
                            math);
            var loras = source.applied(expert.word());
            loras.forEach(
                    lora ->
                            LOG.info(
                                    "LoRA {} at {} changes {} tensors of the {}-noise expert",
                                    lora.name(),
                                    lora.strength(),
                                    lora.layers(),
                                    lora.part()));
            LOG.info(
                    "the {}-noise expert is loaded after {} ms",
                    expert.word(),
                    (System.nanoTime() - begin) / 1_000_000);
            return new Loaded(
                    transformer,
                    new NetworkVisits(
                            device,
                            settings.offload(),
                            transformer.parameters(),
                            transformer.blockWeights(),
                            copies),
                    loras);
        }
    }

    /** Fused kernels where there is a GPU with a compiler, bfloat16 and sizes that fit them. */
    private BlockMath math(TransformerConfig config, Precision precision) {
        if (!FusedMath.possible(config, device, precision)) {
            return new EagerMath(precision == Precision.FP8_ATTENTION);
        }
        try {
            fused = new FusedMath(config, device, precision);
            return fused;
        } catch (StageException | LinkageError e) {
            LOG.warn("no fused kernels available, operations run one by one: {}", e.toString());
            return new EagerMath(precision == Precision.FP8_ATTENTION);
        }
    }

    /** Waits for the expert that works first. */
    WanTransformer awaitFirst() {
        return loaded(Expert.HIGH).transformer();
    }

    /** Waits for all of them. */
    void awaitAll() {
        experts.keySet().forEach(this::loaded);
    }

    /**
     * Says what is known of an expert that could not be loaded: no step is worth its time then.
     *
     * @throws StageException why, with the code of the load
     */
    void requireNoneFailed() {
        experts.values().stream().filter(Future::isDone).forEach(SideThread::await);
    }

    /** Whether one of them could not be loaded. */
    boolean failed() {
        try {
            requireNoneFailed();
            return false;
        } catch (RuntimeException e) {
            return true;
        }
    }

    private Loaded loaded(Expert expert) {
        return SideThread.await(Objects.requireNonNull(experts.get(expert)));
    }

    /** What each LoRA changed; waits until all is loaded. */
    List<AppliedLora> loras() {
        return experts.keySet().stream().flatMap(e -> loaded(e).loras().stream()).toList();
    }

    boolean hasTwoExperts() {
        return experts.size() == 2;
    }

    /** An expert that is ready to compute; the other one may leave the device. */
    WanTransformer get(Expert expert) {
        var wanted = loaded(expert);
        if (present != expert) {
            if (present != null) {
                wanted.visits().follow(loaded(present).visits());
            }
            present = expert;
        }
        wanted.visits().enter();
        return wanted.transformer();
    }

    /** How the blocks of the expert that was got last come to the device. */
    BlockVisits visits() {
        return loaded(Objects.requireNonNull(present, "no expert was got")).visits().enter();
    }

    /** Clears the device, where weights only visit. */
    void leave() {
        if (present != null) {
            loaded(present).visits().leave();
            present = null;
        }
    }

    @Override
    public void close() {
        loader.close();
        for (var expert : experts.values()) {
            if (expert.isDone() && !expert.isCancelled()) {
                try {
                    SideThread.await(expert).close();
                } catch (RuntimeException e) {
                    LOG.debug("an expert was not loaded: {}", e.toString());
                }
            }
        }
        experts.clear();
        copies.close();
        if (fused != null) {
            fused.close();
            fused = null;
        }
    }
}
