package dev.reelrank.wan;

import dev.reelrank.diffusion.LoadSettings;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.offload.BlockVisits;
import dev.reelrank.diffusion.offload.NetworkVisits;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.stage.GeneratorUse.AppliedLora;
import dev.reelrank.torch.TorchDevice;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The loaded experts, moved to the device according to the offload mode. */
final class Experts implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Experts.class);

    private final Map<Expert, WanTransformer> experts = new EnumMap<>(Expert.class);
    private final Map<Expert, NetworkVisits> visits = new EnumMap<>(Expert.class);
    private final TorchDevice device;
    private @Nullable Expert present;
    private @Nullable FusedMath fused;
    private final List<AppliedLora> loras = new ArrayList<>();

    private Experts(TorchDevice device) {
        this.device = device;
    }

    static Experts load(WanSnapshot snapshot, LoadSettings settings, TorchDevice device) {
        var loaded = new Experts(device);
        BlockMath math = loaded.math(snapshot.transformer(), settings.precision());
        try {
            for (var expert : snapshot.experts()) {
                try (var source = snapshot.expert(expert, settings.loras())) {
                    loaded.loras.addAll(source.applied(expert.word()));
                    var transformer =
                            new WanTransformer(
                                    snapshot.transformer(),
                                    source,
                                    device,
                                    NetworkVisits.home(device, settings.offload()),
                                    settings.precision().dtype(),
                                    settings.precision().format(),
                                    math);
                    loaded.experts.put(expert, transformer);
                    loaded.visits.put(
                            expert,
                            new NetworkVisits(
                                    device,
                                    settings.offload(),
                                    transformer.parameters(),
                                    transformer.blockWeights()));
                }
            }
            return loaded;
        } catch (RuntimeException e) {
            loaded.close();
            throw e;
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

    /** What each LoRA changed. */
    List<AppliedLora> loras() {
        return List.copyOf(loras);
    }

    boolean hasTwoExperts() {
        return experts.size() == 2;
    }

    /** An expert that is ready to compute; the other one may leave the device. */
    WanTransformer get(Expert expert) {
        WanTransformer wanted = Objects.requireNonNull(experts.get(expert));
        if (present != expert) {
            leave();
            present = expert;
        }
        visits();
        return wanted;
    }

    /** How the blocks of the expert that was got last come to the device. */
    BlockVisits visits() {
        return Objects.requireNonNull(visits.get(present), "no expert was got").enter();
    }

    /** Clears the device, where weights only visit. */
    void leave() {
        if (present != null) {
            Objects.requireNonNull(visits.get(present)).leave();
            present = null;
        }
    }

    long bytes() {
        return experts.values().stream().mapToLong(WanTransformer::bytes).sum();
    }

    @Override
    public void close() {
        experts.values().forEach(WanTransformer::close);
        experts.clear();
        visits.values().forEach(NetworkVisits::close);
        visits.clear();
        if (fused != null) {
            fused.close();
            fused = null;
        }
    }
}
