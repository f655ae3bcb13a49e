package dev.reelrank.alignment.train;

import dev.reelrank.alignment.adapter.NetworkAdapter;
import dev.reelrank.diffusion.train.TrainableModel;
import dev.reelrank.diffusion.train.TrainableNetwork;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.train.LoraConfig;
import dev.reelrank.torch.train.LoraLayers;
import java.util.LinkedHashMap;
import java.util.Map;

/** Adapters between a model in training and their files. */
public final class TrainedAdapters {
    private TrainedAdapters() {}

    /** The adapter of each network by its name; the tensors stay the model's. */
    public static Map<String, NetworkAdapter> of(TrainableModel model) {
        var adapters = new LinkedHashMap<String, NetworkAdapter>();
        for (var network : model.networks()) {
            var layers = network.adapters();
            adapters.put(
                    network.name(),
                    new NetworkAdapter(
                            layers.config().rank(), layers.config().alpha(), layers.tensors()));
        }
        return adapters;
    }

    /**
     * Lets a training begin with a known adapter instead of a new one.
     *
     * @throws StageException MODEL_MISMATCH when it does not fit the network or its LoRA
     */
    public static void begin(TrainableNetwork network, NetworkAdapter adapter) {
        begin(network.adapters(), adapter);
    }

    /** The same for the LoRA layers of any network. */
    public static void begin(LoraLayers layers, NetworkAdapter adapter) {
        requireShape(layers.config(), adapter);
        layers.restore(adapter.tensors());
    }

    /**
     * What can be said before there are layers.
     *
     * @throws StageException MODEL_MISMATCH when rank or alpha are others
     */
    public static void requireShape(LoraConfig config, NetworkAdapter adapter) {
        if (adapter.rank() != config.rank() || adapter.alpha() != config.alpha()) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH,
                    "the adapter has the rank %d and the alpha %s, the training %d and %s: set them alike"
                            .formatted(
                                    adapter.rank(),
                                    adapter.alpha(),
                                    config.rank(),
                                    config.alpha()));
        }
    }
}
