package dev.reelrank.alignment.train;

import dev.reelrank.diffusion.train.TrainableNetwork;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.SafetensorsFile;
import dev.reelrank.torch.SafetensorsWriter;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.train.AdamW;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;

/**
 * The state of a training in a safetensors file: for each network its adapter and its optimizer's
 * means, and in the header the steps done and what the training was begun with. There is no random
 * state: seed and step say what comes next.
 */
final class TrainingState {
    private static final String FORMAT = "reelrank-training-1";

    private final List<TrainableNetwork> networks;
    private final Map<String, AdamW> optimizers;
    private final String identity;

    /**
     * @param optimizers by the networks' names
     * @param identity what decides the result: configuration, pairs and adapters
     */
    TrainingState(List<TrainableNetwork> networks, Map<String, AdamW> optimizers, String identity) {
        this.networks = networks;
        this.optimizers = optimizers;
        this.identity = identity;
    }

    void write(Path file, long step) {
        var tensors = new LinkedHashMap<String, Tensor>();
        var header = new LinkedHashMap<String, String>();
        header.put("format", FORMAT);
        header.put("step", String.valueOf(step));
        header.put("training", identity);
        for (var network : networks) {
            String name = network.name();
            AdamW optimizer = Objects.requireNonNull(optimizers.get(name));
            header.put("steps of " + name, String.valueOf(optimizer.steps()));
            network.adapters().tensors().forEach((k, v) -> tensors.put(name + "/" + k, v));
            optimizer.state().forEach((k, v) -> tensors.put(name + "/" + k, v));
        }
        try {
            SafetensorsWriter.write(file, tensors, header);
        } catch (StageException e) {
            throw new StageException(
                    e.code(),
                    "cannot write the state of step %d: %s".formatted(step, e.getMessage()),
                    e);
        }
    }

    /** A stored state that cannot be used. */
    static final class DamagedException extends Exception {
        private static final long serialVersionUID = 1L;

        DamagedException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /**
     * Goes on from a stored state.
     *
     * @return steps done
     * @throws DamagedException when the file is no whole state
     * @throws StageException INVALID_CONFIG when it is the state of another training
     */
    long read(Path file) throws DamagedException {
        try (var scope = TensorScope.inference();
                var stored = SafetensorsFile.open(file)) {
            var header = stored.metadata();
            if (!FORMAT.equals(header.get("format"))) {
                throw new StageException(
                        FailureCode.MODEL_MISMATCH, file + " is no state of a training");
            }
            requireSame(file, header.get("training"));
            for (var network : networks) {
                String name = network.name();
                AdamW optimizer = Objects.requireNonNull(optimizers.get(name));
                optimizer.restore(
                        part(stored, name, optimizer.state()),
                        Long.parseLong(header.get("steps of " + name)));
                network.adapters().restore(part(stored, name, network.adapters().tensors()));
            }
            return Long.parseLong(header.get("step"));
        } catch (StageException e) {
            if (e.code() == FailureCode.INVALID_CONFIG) {
                throw e;
            }
            throw new DamagedException(String.valueOf(e.getMessage()), e);
        } catch (NumberFormatException e) {
            throw new DamagedException(file + " does not say how many steps are done", e);
        }
    }

    private void requireSame(Path file, @org.jspecify.annotations.Nullable String begun) {
        if (!identity.equals(begun)) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "the checkpoint %s is of another training, which was begun with [%s]; this one has [%s]: go on with the same pairs and configuration, or give the training another name"
                            .formatted(file, begun, identity));
        }
    }

    private static Map<String, Tensor> part(
            SafetensorsFile stored, String network, Map<String, Tensor> wanted) {
        var found = new LinkedHashMap<String, Tensor>();
        for (String name : wanted.keySet()) {
            if (stored.names().contains(network + "/" + name)) {
                found.put(name, stored.tensor(network + "/" + name));
            }
        }
        return found;
    }
}
