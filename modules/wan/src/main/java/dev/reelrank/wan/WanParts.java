package dev.reelrank.wan;

import dev.reelrank.diffusion.text.TextTokenizer;
import dev.reelrank.torch.Checkpoint;
import dev.reelrank.torch.TensorSource;
import java.nio.file.Path;

/**
 * Where the weights of a model come from, by the names of the folders in a snapshot: {@code
 * transformer}, {@code transformer_2}, {@code vae}, {@code text_encoder}.
 */
public interface WanParts {
    /** The weights of a part; the caller closes them. */
    TensorSource open(String part);

    /** How many numbers the weights of a part have. */
    long parameters(String part);

    /** The tokenizer; the caller closes it. */
    TextTokenizer tokenizer();

    /** The files of a snapshot. */
    static WanParts of(Path folder) {
        return new WanParts() {
            @Override
            public TensorSource open(String part) {
                return Checkpoint.open(folder.resolve(part));
            }

            @Override
            public long parameters(String part) {
                try (var checkpoint = Checkpoint.open(folder.resolve(part))) {
                    return checkpoint.names().stream()
                            .mapToLong(name -> checkpoint.info(name).elements())
                            .sum();
                }
            }

            @Override
            public TextTokenizer tokenizer() {
                return TextTokenizer.open(folder.resolve("tokenizer"));
            }
        };
    }
}
