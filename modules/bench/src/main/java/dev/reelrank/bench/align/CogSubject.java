package dev.reelrank.bench.align;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.alignment.train.Timesteps;
import dev.reelrank.alignment.train.TrainingPairs;
import dev.reelrank.bench.generator.Published;
import dev.reelrank.diffusion.train.Trainable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A published CogVideoX of five billion parameters.
 *
 * @param weights random ones
 * @param transformer its configuration
 * @param vae its configuration
 */
record CogSubject(Trainable weights, JsonNode transformer, JsonNode vae) implements Subject {
    static final String PREFIX = "cogvideox-";

    private static final int TEXT_ROWS = 226;

    /**
     * @param name {@code cogvideox-5b}, {@code cogvideox-5b-i2v} or {@code cogvideox-1.5-5b}
     * @param folder takes the configurations
     * @param tiny whether of a few thousand parameters, to try the benchmark itself
     */
    static CogSubject of(String name, Path folder, boolean tiny) {
        var model = (Trainable) Published.parse(name).open(folder, tiny);
        try {
            var json = new ObjectMapper();
            return new CogSubject(
                    model,
                    json.readTree(folder.resolve("transformer/config.json").toFile()),
                    json.readTree(folder.resolve("vae/config.json").toFile()));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the configurations in " + folder, e);
        }
    }

    @Override
    public String network() {
        return "transformer";
    }

    /**
     * The latents of a video as a training pair has them: where a patch covers two latent frames,
     * an odd number of them gets one more in front.
     *
     * @return 1, channels, frames, rows, columns
     */
    long[] latents(int width, int height, int frames) {
        int patch = Math.max(1, transformer.path("patch_size_t").asInt(1));
        long times = (frames - 1L) / vae.path("temporal_compression_ratio").asInt(4) + 1;
        int factor = 1 << (vae.path("block_out_channels").size() - 1);
        return new long[] {
            1, channels(), (times + patch - 1) / patch * patch, height / factor, width / factor
        };
    }

    private long channels() {
        return transformer.path("out_channels").asLong();
    }

    /** Channels that an image adds to the latents; 0 for text-to-video. */
    long imageChannels() {
        return transformer.path("in_channels").asLong() - channels();
    }

    /** Its noise is known at whole timesteps only. */
    @Override
    public Timesteps timesteps() {
        return new Timesteps(List.of(), true);
    }

    @Override
    public TrainingPairs pairs(int width, int height, int frames) {
        return new RandomPair(
                latents(width, height, frames),
                imageChannels(),
                transformer.path("max_text_seq_length").asLong(TEXT_ROWS),
                transformer.path("text_embed_dim").asLong());
    }
}
