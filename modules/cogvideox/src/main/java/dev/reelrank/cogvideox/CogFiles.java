package dev.reelrank.cogvideox;

import dev.reelrank.diffusion.PartWeights;
import dev.reelrank.torch.Checkpoint;
import dev.reelrank.torch.TensorSource;
import java.nio.file.Path;

/** The weights in a model's folder: a file or shards for each part. */
record CogFiles(Path folder) implements PartWeights {
    @Override
    public TensorSource open(String part) {
        return Checkpoint.open(folder.resolve(part));
    }

    @Override
    public long parameters(String part) {
        try (var file = Checkpoint.open(folder.resolve(part))) {
            return file.names().stream().mapToLong(name -> file.info(name).elements()).sum();
        }
    }
}
