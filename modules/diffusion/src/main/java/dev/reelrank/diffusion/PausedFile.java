package dev.reelrank.diffusion;

import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.SafetensorsFile;
import dev.reelrank.torch.SafetensorsWriter;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A generation that paused: safetensors with {@code latents}, shape (1, channels, latent frames,
 * height, width), float32, and what the scheduler remembers.
 *
 * @param path the file
 * @param identity of everything that the video depends on: a state of another identity is not used
 */
public record PausedFile(Path path, String identity) {
    private static final Logger LOG = LoggerFactory.getLogger(PausedFile.class);

    private static final String LATENTS = "latents";
    private static final String IDENTITY = "identity";
    private static final String AFTER = "after";

    /**
     * What was read, on the CPU and of the open scope.
     *
     * @param after steps that were made, at least 1
     * @param remembered by the scheduler, by name
     */
    public record State(int after, Tensor latents, Map<String, Tensor> remembered) {}

    /** Writes the file. */
    public void write(int after, Tensor latents, Map<String, Tensor> remembered) {
        var tensors = new HashMap<>(remembered);
        tensors.put(LATENTS, latents);
        SafetensorsWriter.write(
                path, tensors, Map.of(IDENTITY, identity, AFTER, Integer.toString(after)));
    }

    /**
     * Reads it.
     *
     * @param steps to be made: the state must be of fewer
     * @param shape that the latents must have
     * @return empty if this generation cannot go on from it; the log says why
     */
    public Optional<State> read(int steps, long[] shape) {
        try (var file = SafetensorsFile.open(path)) {
            String made = file.metadata().get(IDENTITY);
            int after = Integer.parseInt(file.metadata().getOrDefault(AFTER, "0"));
            var latents = file.tensors().get(LATENTS);
            if (!identity.equals(made) || after < 1 || after >= steps || latents == null) {
                LOG.info("{} was made with other weights or settings: it is not used", path);
                return Optional.empty();
            }
            var all = new HashMap<String, Tensor>();
            for (String name : file.names()) {
                all.put(name, file.tensor(name));
            }
            Tensor start = all.remove(LATENTS);
            if (!java.util.Arrays.equals(start.shape(), shape)) {
                LOG.info("{} is of another size: it is not used", path);
                return Optional.empty();
            }
            return Optional.of(new State(after, start, all));
        } catch (StageException | NumberFormatException e) {
            LOG.warn("{} cannot be read: it is not used: {}", path, e.getMessage());
            return Optional.empty();
        }
    }
}
