package dev.reelrank.wan;

import dev.reelrank.diffusion.text.TextTokenizer;
import dev.reelrank.torch.Checkpoint;
import dev.reelrank.torch.TensorSource;
import java.nio.file.Path;
import java.util.Map;

/**
 * Weights in files or folders of shards, in original names or those of the diffusers layout.
 *
 * @param paths by part
 * @param tokenizerFolder folder with {@code tokenizer.json}
 * @param residualBlocks of each resolution of the autoencoder
 */
record FileParts(Map<String, Path> paths, Path tokenizerFolder, int residualBlocks)
        implements WanParts {
    static final String VAE = "vae";
    static final String TEXT_ENCODER = "text_encoder";

    FileParts {
        paths = Map.copyOf(paths);
    }

    private Checkpoint checkpoint(String part) {
        Path path = paths.get(part);
        if (path == null) {
            throw new IllegalArgumentException("no part " + part + " among " + paths.keySet());
        }
        return Checkpoint.open(path);
    }

    @Override
    public TensorSource open(String part) {
        var file = checkpoint(part);
        return switch (part) {
            case VAE -> OriginalNames.vae(file, residualBlocks);
            case TEXT_ENCODER -> OriginalNames.textEncoder(file);
            default -> OriginalNames.transformer(file);
        };
    }

    @Override
    public long parameters(String part) {
        try (var file = checkpoint(part)) {
            return file.names().stream().mapToLong(name -> file.info(name).elements()).sum();
        }
    }

    @Override
    public TextTokenizer tokenizer() {
        return TextTokenizer.open(tokenizerFolder);
    }
}
