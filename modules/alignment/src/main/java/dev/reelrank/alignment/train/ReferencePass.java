package dev.reelrank.alignment.train;

import dev.reelrank.diffusion.train.TrainableModel;
import dev.reelrank.diffusion.train.TrainableNetwork;
import dev.reelrank.torch.Parameters;
import dev.reelrank.torch.TensorScope;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;

/** Lets a model in training answer as its reference, for as long as a computation takes. */
interface ReferencePass extends AutoCloseable {
    /**
     * Computes something without gradients while the network is its own reference.
     *
     * @param network of the model that this was made for
     */
    <T> T with(TrainableNetwork network, Supplier<T> computation);

    @Override
    void close();

    /** The reference of a model whose adapters have their first values, or their parent's. */
    static ReferencePass of(TrainingConfig.Reference reference, TrainableModel model) {
        return reference == TrainingConfig.Reference.COPY ? new Copied(model) : new SwitchedOff();
    }

    /** The base: the adapters are off. */
    final class SwitchedOff implements ReferencePass {
        @Override
        public <T> T with(TrainableNetwork network, Supplier<T> computation) {
            var adapters = network.adapters();
            adapters.on(false);
            try {
                return computation.get();
            } finally {
                adapters.on(true);
            }
        }

        @Override
        public void close() {}
    }

    /** The adapters as they were when this was made; their own values come back afterwards. */
    final class Copied implements ReferencePass {
        private final Parameters parameters = new Parameters();
        private final Map<String, Map<String, Tensor>> first = new HashMap<>();

        Copied(TrainableModel model) {
            try (var scope = TensorScope.inference()) {
                for (var network : model.networks()) {
                    var copies = new LinkedHashMap<String, Tensor>();
                    network.adapters()
                            .tensors()
                            .forEach(
                                    (name, leaf) ->
                                            copies.put(
                                                    name, parameters.own(leaf.detach().clone())));
                    first.put(network.name(), copies);
                }
            }
        }

        @Override
        public <T> T with(TrainableNetwork network, Supplier<T> computation) {
            var adapters = network.adapters();
            try (var scope = TensorScope.inference()) {
                var trained = new LinkedHashMap<String, Tensor>();
                adapters.tensors()
                        .forEach((name, leaf) -> trained.put(name, leaf.detach().clone()));
                adapters.restore(Objects.requireNonNull(first.get(network.name())));
                try {
                    return computation.get();
                } finally {
                    adapters.restore(trained);
                }
            }
        }

        @Override
        public void close() {
            parameters.close();
        }
    }
}
